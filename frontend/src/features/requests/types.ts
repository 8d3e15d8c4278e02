/** Where a request is in its life (spec 2.3). */
export const REQUEST_STATUSES = ["pending", "approved", "rejected", "cancelled", "expired"] as const;

export type RequestStatus = (typeof REQUEST_STATUSES)[number];

export type RecordRequest = {
  id: string;
  database_id: string;
  database_name: string;
  product_id: string;
  product_name: string;
  record_count: number;
  status: RequestStatus;
  requested_by: string;
  requested_by_name: string;
  requested_at: string;
  expires_at?: string | null;
  reviewed_at?: string | null;
  reviewed_by?: string | null;
  reviewed_by_name?: string | null;
  reason?: string | null;
  auto_approved: boolean;
  skipped_reserved_count: number;
  assigned_count: number;
  batch_id?: string | null;
};

export type RequestDetail = RecordRequest & {
  events: {
    at: string;
    actor_name: string;
    from_status?: string | null;
    to_status: string;
    reason?: string | null;
  }[];
};

/** A database that staff may ask records of: its name, product and how many there are, never its rows. */
export type Requestable = {
  id: string;
  name: string;
  product_id: string;
  product_name: string;
  available_count: number;
  is_auto_approved: boolean;
  pending_request_id?: string | null;
};

export type RequestStats = Record<RequestStatus, number> & {
  total: number;
  today_requested: number;
  today_assigned: number;
  held_records: number;
};

export type BulkReview = {
  success_count: number;
  failed_count: number;
  results: { id: string; status: string; error?: string | null }[];
};

export type AutoApproval = {
  enabled: boolean;
  max_records_per_request: number | null;
  max_records_per_staff_per_day: number | null;
  hold_hours: number;
};

/** Whether requests of one database follow the general rule. */
export const AUTO_APPROVE = ["follow", "always", "never"] as const;

export type AutoApprove = (typeof AUTO_APPROVE)[number];
