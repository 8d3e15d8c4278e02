import type { Schemas } from "@/api/schema";

export type ReservationDetail = Schemas["ReservationDetail"];

export type Reservation = Omit<ReservationDetail, "events">;

/** Where a reservation is in its life (spec 3.1). */
export type ReservationStatus = Reservation["status"];

/** What a command answers: the reservation now, and what happened to records. */
export type Changed = Schemas["Changed"];

/** What reserving, approving or moving would do now. */
export type Impact = Schemas["Impact"];

export type Counts = Partial<Record<ReservationStatus, number>>;

export type NewReservation = Partial<Schemas["Reserve"]> &
  Pick<Schemas["Reserve"], "customer_id" | "product_id">;

export type BulkReserve = Schemas["BulkReserve"];

export type BulkReserved = Schemas["BulkReserved"];

export type BulkChanged = Schemas["BulkChanged"];

export type Conflict = Schemas["ConflictOut"];

export type Settled = Schemas["Settled"];

/** What can be done about a conflict (spec 3.2). */
export type SettleAction = Schemas["SettleRequest"]["action"];

export type Duplicates = Schemas["Duplicates"];

export type CleanupConfig = Schemas["CleanupConfigOut"];

export type CleanupPreview = Schemas["CleanupPreview"];

/** What can be done with a reservation by one press and a confirmation. `expirable` takes "permanent" back. */
export type Command =
  | "approve"
  | "reject"
  | "cancel"
  | "extend"
  | "permanent"
  | "expirable"
  | "release"
  | "restore"
  | "purge";

/** Those that can be done with many at once. */
export type BulkCommand = Extract<Command, "approve" | "reject" | "release" | "extend">;
