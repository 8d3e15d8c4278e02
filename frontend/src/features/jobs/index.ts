export { JobsPage } from "./jobs-page";
export { jobsSearchSchema } from "./search";
