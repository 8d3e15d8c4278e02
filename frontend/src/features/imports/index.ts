export { DepositImportPage } from "./deposit-import-page";
export { ImportPage } from "./import-page";
export { NewDepositImportPage } from "./new-deposit-import-page";
export { NewImportPage } from "./new-import-page";
export { RecentImports } from "./recent-imports";
export {
  depositImportSearchSchema,
  importSearchSchema,
  newDepositImportSearchSchema,
  newImportSearchSchema,
} from "./search";
