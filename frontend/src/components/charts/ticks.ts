/** What one label of the time axis takes at least, with the air beside it. */
const ROOM = 62;

/**
 * Which points are written below the axis: the last one, which is mostly today, and others before it at even distances, as
 * many as have room.
 */
export function evenTicks(keys: readonly string[], width: number): string[] {
  const step = Math.max(1, Math.ceil((keys.length * ROOM) / Math.max(ROOM, width)));
  return keys.filter((_, index) => (keys.length - 1 - index) % step === 0);
}
