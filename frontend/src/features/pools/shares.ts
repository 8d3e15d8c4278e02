import type { StaffRoom } from "./types";

export type Share = { staffId: string; name: string; min: number; max: number; room: number | null };

/**
 * What an even hand-out will give each staff (spec 2.1): equal shares, nobody beyond his room; who gets the remainder
 * is drawn by the server, so a share may be a range of one. `short` is what finds no room at all.
 */
export function planShares(
  quantity: number,
  staff: readonly StaffRoom[],
): { shares: Share[]; short: number } {
  const level = new Map(staff.map((person) => [person.staff_id, 0]));
  let left = Math.max(0, Math.floor(quantity));
  let open = staff.filter((person) => roomOf(person) > 0);

  // Whoever has less room than an even share is filled up; the rest is shared by the others.
  while (open.length > 0 && left > 0) {
    const even = Math.floor(left / open.length);
    const tight = open.filter((person) => roomOf(person) <= even);
    if (tight.length === 0) break;
    for (const person of tight) {
      level.set(person.staff_id, roomOf(person));
      left -= roomOf(person);
    }
    open = open.filter((person) => !tight.includes(person));
  }
  const even = open.length > 0 ? Math.floor(left / open.length) : 0;
  const remainder = open.length > 0 ? left - even * open.length : 0;
  const ranged = new Set(open.map((person) => person.staff_id));

  return {
    shares: staff.map((person) => {
      const min = ranged.has(person.staff_id) ? even : (level.get(person.staff_id) ?? 0);
      const max = ranged.has(person.staff_id) && remainder > 0 ? even + 1 : min;
      return { staffId: person.staff_id, name: person.staff_name, min, max, room: person.room };
    }),
    short: open.length > 0 ? 0 : left,
  };
}

function roomOf(person: StaffRoom): number {
  return person.room ?? Number.POSITIVE_INFINITY;
}
