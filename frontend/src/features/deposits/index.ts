export { TypeBadge } from "./badges";
export { ClosedBooks } from "./closed-books";
export { OmsetPage } from "./omset-page";
export { ReviewPage } from "./review-page";
export { depositsSearchSchema, reviewSearchSchema } from "./search";
