import type { components } from "./schema.gen";

/** Types of the API by their name in its document: `Schemas["UserOut"]`. The only source of such types. */
export type Schemas = components["schemas"];
