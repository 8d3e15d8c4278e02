import { useQuery } from "@tanstack/react-query";
import { type StaffChoice, staffChoicesOptions } from "@/api/choices";
import { eligibilityOptions } from "./api";
import type { Module, StaffRoom } from "./types";

/** The server answers for so many people at once; of the others it is only unknown how much room they have. */
const ASKED_AT_ONCE = 200;

/** Everybody who can receive records of a database, with how many they hold and may still hold. */
export function useStaffRooms(module: Module, databaseId: string) {
  const everyone = useQuery(staffChoicesOptions);
  const ids = (everyone.data ?? []).slice(0, ASKED_AT_ONCE).map((person) => person.id);
  const rooms = useQuery({ ...eligibilityOptions(module, databaseId, ids), enabled: ids.length > 0 });
  return {
    staff: staffWithRooms(everyone.data ?? [], rooms.data?.staff ?? []),
    loading: everyone.isPending || rooms.isLoading,
    nobody: everyone.data?.length === 0,
    /** What could be dealt to whoever comes first. */
    rooms,
  };
}

function staffWithRooms(everyone: readonly StaffChoice[], rooms: readonly StaffRoom[]): StaffRoom[] {
  const known = new Map(rooms.map((person) => [person.staff_id, person]));
  return everyone.map(
    ({ id, name }) =>
      known.get(id) ?? { staff_id: id, staff_name: name, open_records: null, capacity: null, room: null },
  );
}
