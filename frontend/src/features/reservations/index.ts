export { ConflictsPage } from "./conflicts-page";
export { ReservationsPage } from "./reservations-page";
export { conflictsSearchSchema, reservationsSearchSchema } from "./search";
