import {
  Check,
  Infinity as InfinityIcon,
  LockOpen,
  type LucideIcon,
  RotateCcw,
  Timer,
  TimerReset,
  Trash2,
  Undo2,
  X,
} from "lucide-react";
import { useCan, useMe } from "@/api/session";
import type { Command, Reservation } from "./types";

export const COMMAND_ICONS: Record<Command, LucideIcon> = {
  approve: Check,
  reject: X,
  cancel: Undo2,
  extend: TimerReset,
  permanent: InfinityIcon,
  expirable: Timer,
  release: LockOpen,
  restore: RotateCcw,
  purge: Trash2,
};

/** Those that take something away. */
export const DANGEROUS: ReadonlySet<Command> = new Set(["reject", "release", "purge"]);

export type Actions = { commands: Command[]; canMove: boolean };

/** What the reader may do with a reservation now (spec 3.1). */
export function useActionsOf(): (reservation: Reservation) => Actions {
  const me = useMe();
  const can = useCan();
  const manages = can("reservations.manage");
  const purges = can("trash.empty");
  return ({ status, is_permanent, staff_id }) => {
    if (!manages) {
      const own = status === "pending" && staff_id === me.id;
      return { commands: own ? ["cancel"] : [], canMove: false };
    }
    switch (status) {
      case "pending":
        return { commands: ["approve", "reject"], canMove: true };
      case "approved":
        return {
          commands: is_permanent ? ["expirable", "release"] : ["extend", "permanent", "release"],
          canMove: true,
        };
      case "expired":
      case "released":
        return { commands: purges ? ["restore", "purge"] : ["restore"], canMove: false };
      default:
        return { commands: [], canMove: false };
    }
  };
}
