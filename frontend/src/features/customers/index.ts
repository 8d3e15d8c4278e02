export { CustomersPage } from "./customers-page";
export { customersSearchSchema } from "./search";
