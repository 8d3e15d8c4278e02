import type { SessionUser } from "@/api/session";
import { MASTER } from "./render";

/** Somebody who may do everything with the pools. */
export const DESK: SessionUser = {
  ...MASTER,
  permissions: [
    ...MASTER.permissions,
    "databases.manage",
    "imports.manage",
    "records.assign",
    "records.recall",
    "records.read_all",
    "products.read",
    "staff.list",
    "requests.review",
    "validation.manage",
  ],
};

export const STAFF_USER: SessionUser = {
  ...MASTER,
  id: "s-1",
  email: "ana@example.test",
  name: "Ana",
  role: "staff",
  permissions: ["today.read", "records.work", "products.read", "requests.make"],
};

export const PRODUCTS = [
  { id: "p-1", name: "Product A", description: "", is_active: true, database_count: 1 },
  { id: "p-2", name: "Product B", description: "", is_active: true, database_count: 0 },
];

export const STAFF_CHOICES = [
  { id: "s-1", name: "Ana" },
  { id: "s-2", name: "Budi" },
  { id: "s-3", name: "Citra" },
];

export const DATABASE = {
  id: "d-1",
  name: "June leads",
  description: "",
  filename: "june.csv",
  module: "normal",
  product_id: "p-1",
  product_name: "Product A",
  total_records: 1234,
  available_count: 1000,
  requested_count: 4,
  assigned_count: 200,
  archived_count: 20,
  excluded_count: 10,
  conflict_count: 3,
  uploaded_at: "2025-02-28T02:00:00+00:00",
  uploaded_by_name: "Master",
  columns: ["User", "Name", "Phone", "City"],
  mapping: { username: 0, name: 1, phone: 2 },
};

export function record(number: number, more: Record<string, unknown> = {}) {
  return {
    id: `r-${number}`,
    row_number: number,
    row_data: { User: `user${number}`, Name: `Customer ${number}`, Phone: "0812", City: "Bandung" },
    customer_id: `user${number}`,
    display_name: `Customer ${number}`,
    phone_e164: "+628120000000",
    status: "available",
    assigned_to: null,
    assigned_at: null,
    validation_status: null,
    validation_reason: null,
    batch_id: null,
    is_reservation_conflict: false,
    ...more,
  };
}
