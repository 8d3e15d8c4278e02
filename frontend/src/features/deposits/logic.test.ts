import { describe, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { isAmount, isTimes, parseAmount, parseTimes } from "./amounts";
import { BookingQueue, type Entry, type Transport } from "./booking-queue";
import { addDays, monthStart, presetRange } from "./days";
import { type Draft, draftOf, EMPTY_DRAFT, faultsOf, formOf } from "./entry-form";
import { cellsOf, isCells, parsePasted } from "./paste";
import { tambahanShown } from "./tambahan";
import type { BookForm, Deposit, PreviewRow } from "./types";

describe("amounts", () => {
  it.each([
    ["100000", 100_000],
    ["100.000", 100_000],
    ["1,500,000", 1_500_000],
    ["Rp 1.500.000,50", 1_500_000.5],
    ["rp.250.000", 250_000],
    ["1 500 000", 1_500_000],
    ["0,5", 0.5],
    ["1.5", 1.5],
  ])("%s is %d", (text, value) => expect(parseAmount(text)).toBe(value));

  it.each(["", "-5", "1e309", "NaN", "1.50.000", "1,234.567", "100.", "=1+1", "12a", "1.000,000"])(
    "%j is none, or could mean two",
    (text) => expect(parseAmount(text)).toBeNull(),
  );

  it("are above 0 and not without end", () => {
    expect([0, 1, 1e12, 1e12 + 1, null].map(isAmount)).toEqual([false, true, true, false, false]);
  });

  it.each([
    ["", 1],
    ["2", 2],
    ["x3", 3],
    ["1,5", 1.5],
    ["0.25", 0.25],
    ["1.234", null],
    ["two", null],
    ["-1", null],
  ])("the multiplier %j is %j", (text, value) => expect(parseTimes(text)).toBe(value));

  it("multiply by at most a thousand", () => {
    expect([0, 0.01, 1000, 1000.01].map(isTimes)).toEqual([false, true, true, false]);
  });
});

describe("pasted rows", () => {
  it("are the cells of a spreadsheet, quoted where they hold tabs, breaks or quotes", () => {
    expect(cellsOf('a\t"b\nc"\t"say ""yes"""\r\nd\t5" pipe')).toEqual([
      ["a", "b\nc", 'say "yes"'],
      ["d", '5" pipe'],
    ]);
  });

  it("are told from a text that is meant for one field", () => {
    expect(["alice", "alice\n", "alice\tAlice", "alice\nbob"].map(isCells)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it("keep their line, name what is wrong, and say which repeat another", () => {
    const { rows, hasHeading } = parsePasted(
      [
        "Customer\tName\tAmount\tTimes\tNote",
        "alice\tAlice\t100.000\t\t",
        "",
        "\tNobody\tbanana\t2000\t",
        "alice\tAlice\t100,000\t1\t",
        "bob\t\t50000\t2\tdepo tambahan",
      ].join("\r\n"),
    );
    expect(hasHeading).toBe(true);
    expect(rows.map(({ line, faults, repeats }) => [line, faults, repeats])).toEqual([
      [2, [], false],
      [4, ["customer_id", "nominal", "depo_kelipatan"], false],
      [5, [], true],
      [6, [], false],
    ]);
    expect(rows[3]).toMatchObject({
      customer_id: "bob",
      nominal: 50_000,
      depo_kelipatan: 2,
      keterangan: "depo tambahan",
    });
  });

  it("a first line with a figure where the amount is, is no heading", () => {
    expect(parsePasted("alice\tAlice\t5\nbob\tBob\t6")).toMatchObject({
      hasHeading: false,
      rows: { length: 2 },
    });
    expect(parsePasted("alice\tAlice\tnone")).toMatchObject({
      hasHeading: false,
      rows: [{ faults: ["nominal"] }],
    });
  });
});

describe("days", () => {
  it("are counted across months and years", () => {
    expect(addDays("2025-03-01", -1)).toBe("2025-02-28");
    expect(monthStart("2025-01-31", 1)).toBe("2024-12-01");
    expect(presetRange("week", "2025-03-03")).toEqual({ start_date: "2025-02-25", end_date: "2025-03-03" });
    expect(presetRange("last_month", "2024-03-31")).toEqual({
      start_date: "2024-02-01",
      end_date: "2024-02-29",
    });
  });
});

describe("the row that is entered", () => {
  const place = { product_id: "p-1", record_date: "2025-03-01" };
  const draft: Draft = {
    ...EMPTY_DRAFT,
    customer_id: " alice ",
    nominal: "100.000",
    keterangan: "depo TAMBAHAN",
  };

  it("names what is missing", () => {
    expect(faultsOf(EMPTY_DRAFT)).toEqual(["customer_id", "nominal"]);
    expect(faultsOf({ ...draft, depo_kelipatan: "0" })).toEqual(["depo_kelipatan"]);
    expect(faultsOf(draft)).toEqual([]);
  });

  it("is sent as figures, supplementary when the note says so, and comes back as it was", () => {
    const form = formOf(draft, place);
    expect(form).toMatchObject({ customer_id: "alice", nominal: 100_000, depo_kelipatan: 1, tambahan: true });
    expect(draftOf(form)).toEqual({ ...draft, customer_id: "alice", nominal: "100000" });
    expect(draftOf(formOf({ ...draft, keterangan: "", tambahan: true }, place)).tambahan).toBe(true);
  });

  it.each([
    [undefined, false, "", "depo tambahan", true],
    [undefined, true, "tambahan", "", false],
    [undefined, true, "set by hand", "still by hand", true],
    [false, false, "", "tambahan", false],
    [true, false, "", "", true],
  ])("while corrected: touched %j, now %j, %j -> %j: %j", (touched, now, before, after, shown) =>
    expect(tambahanShown(touched, now, before, after)).toBe(shown),
  );
});

describe("the queue", () => {
  const form = (customer_id: string): BookForm => ({
    product_id: "p-1",
    record_date: "2025-03-01",
    customer_id,
    nominal: 1,
    depo_kelipatan: 1,
  });
  const plain: PreviewRow = { errors: [], possible_duplicate: false };
  const network = () => Promise.reject(new Problem({ status: 0, code: "network" }));

  function queueWith(transport: Partial<Transport>) {
    let key = 0;
    const booked: string[] = [];
    const book = vi.fn(
      transport.book ?? (async (sent: BookForm) => ({ customer_id: sent.customer_id }) as Deposit),
    );
    const preview = vi.fn(transport.preview ?? (async () => plain));
    const queue = new BookingQueue(
      { book, preview },
      () => `key-${++key}`,
      ({ customer_id }) => booked.push(customer_id),
    );
    const states = () => queue.getState().map(({ state }: Entry) => state);
    return { queue, booked, book, preview, states };
  }

  it("books one after another, so that each is checked after those before it", async () => {
    let onTheWay = 0;
    let most = 0;
    const { queue, booked, states } = queueWith({
      book: async (sent) => {
        most = Math.max(most, ++onTheWay);
        await Promise.resolve();
        onTheWay -= 1;
        return { customer_id: sent.customer_id } as Deposit;
      },
    });
    for (const name of ["a", "b", "c"]) queue.add(form(name));
    expect(states()).toEqual(["sending", "sending", "sending"]);
    await vi.waitFor(() => expect(booked).toEqual(["a", "b", "c"]));
    expect(most).toBe(1);
    expect(states()).toEqual([]);
  });

  it("asks about what looks like a second time, and lets the others pass", async () => {
    const { queue, booked, book, states } = queueWith({
      preview: async ({ customer_id }) => ({ ...plain, possible_duplicate: customer_id === "twice" }),
    });
    queue.add(form("twice"));
    queue.add(form("other"));
    await vi.waitFor(() => expect(booked).toEqual(["other"]));
    expect(states()).toEqual(["asking"]);
    expect(book).toHaveBeenCalledTimes(1);
    queue.again("key-1");
    await vi.waitFor(() => expect(booked).toEqual(["other", "twice"]));
  });

  it("sends nothing that the ledger would refuse, and gives it back to be corrected", async () => {
    const faults = [{ field: "record_date", message: "The books are closed." }];
    const errors = faults.map((fault) => ({ ...fault, code: "closed_day", params: {} }));
    const { queue, book, states } = queueWith({ preview: async () => ({ ...plain, errors }) });
    queue.add(form("a"));
    await vi.waitFor(() => expect(states()).toEqual(["refused"]));
    expect(book).not.toHaveBeenCalled();
    expect(queue.take("key-1")).toMatchObject({ faults, form: { customer_id: "a" } });
    expect(queue.getState()).toEqual([]);
  });

  it("tries again with the same key and without the question, when only the answer was lost", async () => {
    let tries = 0;
    const { queue, booked, book, preview, states } = queueWith({
      book: (sent) =>
        ++tries === 1 ? network() : Promise.resolve({ customer_id: sent.customer_id } as Deposit),
    });
    queue.add(form("a"));
    await vi.waitFor(() => expect(states()).toEqual(["refused"]));
    queue.again("key-1");
    await vi.waitFor(() => expect(booked).toEqual(["a"]));
    expect(book.mock.calls.map(([, key]) => key)).toEqual(["key-1", "key-1"]);
    expect(preview).toHaveBeenCalledTimes(1);
  });

  it("asks again, when it was the question that got lost", async () => {
    let tries = 0;
    const { queue, book, states } = queueWith({
      preview: () => (++tries === 1 ? network() : Promise.resolve({ ...plain, possible_duplicate: true })),
    });
    queue.add(form("a"));
    await vi.waitFor(() => expect(states()).toEqual(["refused"]));
    queue.again("key-1");
    await vi.waitFor(() => expect(states()).toEqual(["asking"]));
    expect(book).not.toHaveBeenCalled();
  });

  it("cannot take back what is on its way", () => {
    const { queue } = queueWith({ preview: () => new Promise(() => undefined) });
    queue.add(form("a"));
    expect(queue.take("key-1")).toBeUndefined();
    expect(queue.getState()).toHaveLength(1);
  });
});
