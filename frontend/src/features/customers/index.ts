export { NoteCount } from "./columns";
export { CustomerPage } from "./customer-page";
export { CustomersPage } from "./customers-page";
export { customersSearchSchema } from "./search";
