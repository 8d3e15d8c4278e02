import { useCan } from "@/api/session";
import { AllAssignments } from "./all-assignments";
import { MyCustomers } from "./my-customers";

/** /customers: one's own records for those who work them, everybody's for those who deal them (spec 6.1). */
export function CustomersPage() {
  const can = useCan();
  return can("records.work") ? <MyCustomers /> : <AllAssignments />;
}
