export { ImportPage } from "./import-page";
export { NewImportPage } from "./new-import-page";
export { RecentImports } from "./recent-imports";
export { importSearchSchema, newImportSearchSchema } from "./search";
