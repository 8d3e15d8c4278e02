export { TypeBadge } from "./badges";
export { ClosedBooks } from "./closed-books";
export { CustomerDeposits } from "./customer-deposits";
export { OmsetPage } from "./omset-page";
export { Recalculate } from "./recalculate";
export { ReviewPage } from "./review-page";
export { depositsSearchSchema, reviewSearchSchema } from "./search";
