export { webhooksSearchSchema } from "./search";
export { WebhooksPage } from "./webhooks-page";
