import type { Schemas } from "@/api/schema";

export type Job = Schemas["JobOut"];
export type JobChange = Schemas["JobChange"];
export type Run = Schemas["RunOut"];
export type RunDetail = Schemas["RunDetail"];
