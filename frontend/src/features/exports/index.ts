export { ExportButton } from "./export-button";
export { ExportsPage } from "./exports-page";
export { exportsSearchSchema } from "./search";
export type { ExportKind } from "./types";
