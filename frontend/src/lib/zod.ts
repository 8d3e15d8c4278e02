// biome-ignore lint/style/noRestrictedImports: the one place that may
import { z } from "zod";

// The content security policy forbids making code from text. Schemas look at this when they are made, so whoever makes
// one gets `z` from here.
z.config({ jitless: true });

export { z };
