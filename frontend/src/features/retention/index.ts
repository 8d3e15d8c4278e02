export { BriefingCard } from "./briefing-card";
export { RetentionPage } from "./retention-page";
export { retentionSearchSchema } from "./search";
