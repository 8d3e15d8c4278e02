/** What the server says about databases and their records (spec 2.6, 2.7). */
export type Module = "normal" | "memberwd" | "bonanza";

export const RECORD_STATUSES = [
  "available",
  "requested",
  "assigned",
  "invalid_archived",
  "reserved",
  "trashed",
] as const;

export type RecordStatus = (typeof RECORD_STATUSES)[number];

export type PoolDatabase = {
  id: string;
  name: string;
  description?: string;
  filename: string;
  module: Module;
  product_id: string;
  product_name: string;
  total_records: number;
  available_count: number;
  requested_count: number;
  assigned_count: number;
  archived_count: number;
  excluded_count: number;
  trashed_count?: number;
  conflict_count: number;
  uploaded_at: string;
  uploaded_by_name: string;
  deleted_at?: string | null;
};

export type PoolDatabaseDetail = PoolDatabase & {
  columns: string[];
  mapping: { username: number | null; name: number | null; phone: number | null };
  import_id?: string | null;
};

export type PoolRecord = {
  id: string;
  row_number?: number;
  row_data: Record<string, string>;
  customer_id: string;
  display_name?: string | null;
  phone_e164?: string | null;
  status: RecordStatus;
  assigned_to?: string | null;
  assigned_to_name?: string | null;
  assigned_at?: string | null;
  validation_status?: string | null;
  validation_reason?: string | null;
  batch_id?: string | null;
  reserved_by_name?: string | null;
  is_reservation_conflict: boolean;
};

export type HistoryEntry = {
  at: string;
  actor_name: string;
  kind: string;
  from_state: string | null;
  to_state: string;
  reason?: string | null;
  holder_name?: string | null;
};

export type ReasonCount = { reason: string; count: number };

export type StaffRoom = {
  staff_id: string;
  staff_name: string;
  /** Null where the server was not asked. */
  open_records: number | null;
  capacity: number | null;
  room: number | null;
};

export type Eligibility = { eligible: number; excluded: ReasonCount[]; staff: StaffRoom[] };

export type AssignResult = {
  operation_id: string;
  requested_count: number;
  assigned_count: number;
  excluded: ReasonCount[];
  per_staff: { staff_id: string; staff_name: string; assigned_count: number; batch_id?: string | null }[];
  blocked_records: { record_id: string; customer: string; reserved_by: string }[];
};

export type Batch = { id: string; title: string; record_count: number; created_at: string };
