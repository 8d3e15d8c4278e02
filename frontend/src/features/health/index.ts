export { HealthPage } from "./health-page";
export { healthSearchSchema } from "./search";
