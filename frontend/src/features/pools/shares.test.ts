import { describe, expect, it } from "vitest";
import { planShares } from "./shares";

const staff = (...rooms: (number | null)[]) =>
  rooms.map((room, index) => ({
    staff_id: `s-${index}`,
    staff_name: `Staff ${index}`,
    open_records: 0,
    capacity: room,
    room,
  }));

describe("planned shares", () => {
  it.each([
    ["one staff gets all", 50, [null], [[50, 50]], 0],
    [
      "divides evenly",
      60,
      [null, null, null],
      [
        [20, 20],
        [20, 20],
        [20, 20],
      ],
      0,
    ],
    [
      "the remainder is drawn by lot",
      50,
      [null, null, null],
      [
        [16, 17],
        [16, 17],
        [16, 17],
      ],
      0,
    ],
    [
      "fewer records than staff",
      2,
      [null, null, null],
      [
        [0, 1],
        [0, 1],
        [0, 1],
      ],
      0,
    ],
    [
      "a small room is filled, the others share the rest",
      50,
      [5, null, null],
      [
        [5, 5],
        [22, 23],
        [22, 23],
      ],
      0,
    ],
    [
      "rooms fill up one after the other",
      50,
      [5, 12, null],
      [
        [5, 5],
        [12, 12],
        [33, 33],
      ],
      0,
    ],
    [
      "nobody goes beyond his room",
      50,
      [10, 10],
      [
        [10, 10],
        [10, 10],
      ],
      30,
    ],
    [
      "a full staff gets nothing",
      10,
      [0, null],
      [
        [0, 0],
        [10, 10],
      ],
      0,
    ],
    [
      "room used up already beyond the capacity",
      10,
      [-3, null],
      [
        [0, 0],
        [10, 10],
      ],
      0,
    ],
    [
      "nothing to deal",
      0,
      [null, null],
      [
        [0, 0],
        [0, 0],
      ],
      0,
    ],
  ] as const)("%s", (_name, quantity, rooms, shares, short) => {
    const plan = planShares(quantity, staff(...rooms));
    expect(plan.shares.map(({ min, max }) => [min, max])).toEqual(shares);
    expect(plan.short).toBe(short);
  });

  it("adds up for every quantity", () => {
    for (let quantity = 1; quantity <= 60; quantity += 1) {
      const { shares, short } = planShares(quantity, staff(3, 17, null, 8));
      const least = shares.reduce((sum, share) => sum + share.min, 0);
      const most = shares.reduce((sum, share) => sum + share.max, 0);
      expect(least).toBeLessThanOrEqual(quantity - short);
      expect(most).toBeGreaterThanOrEqual(quantity - short);
      for (const share of shares) expect(share.max).toBeLessThanOrEqual(share.room ?? quantity);
    }
  });
});
