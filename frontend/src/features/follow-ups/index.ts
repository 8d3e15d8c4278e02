export { FollowUpsPage } from "./follow-ups-page";
export { followUpsSearchSchema } from "./search";
