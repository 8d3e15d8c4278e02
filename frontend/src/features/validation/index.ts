export { ReplacementSettings } from "./replacement-settings";
export { validationSearchSchema } from "./search";
export { ValidationPage } from "./validation-page";
