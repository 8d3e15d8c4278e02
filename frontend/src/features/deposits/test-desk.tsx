import { HttpResponse, http } from "msw";
import { beforeEach } from "vitest";
import type { SessionUser } from "@/api/session";
import { DESK, PRODUCTS, STAFF_CHOICES, STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, server } from "@/test/server";
import { OmsetPage } from "./omset-page";
import { ReviewPage } from "./review-page";
import { depositsSearchSchema, reviewSearchSchema } from "./search";
import type { BookedRow, BookForm, Deposit, DepositDetail, PreviewRow, Summary } from "./types";

export const ANA: SessionUser = { ...STAFF_USER, permissions: [...STAFF_USER.permissions, "deposits.book"] };
export const ADMIN: SessionUser = {
  ...DESK,
  permissions: [...DESK.permissions, "deposits.book", "deposits.manage", "exports.make"],
};
export const MASTER: SessionUser = { ...ADMIN, permissions: [...ADMIN.permissions, "trash.empty"] };

export const deposit = (id: string, patch: Partial<Deposit> = {}): Deposit => ({
  id,
  product_id: "p-1",
  product_name: "Product A",
  staff_id: "s-1",
  staff_name: "Ana",
  record_date: "2025-03-01",
  customer_id: `customer-${id}`,
  customer_key: `customer-${id}`,
  nominal: 100_000,
  depo_kelipatan: 1,
  depo_total: 100_000,
  keterangan: "",
  tambahan: false,
  customer_type: "NDP",
  approval_status: "approved",
  possible_duplicate: false,
  created_at: "2025-03-01T01:00:00+00:00",
  created_by_name: "Ana",
  version: 3,
  ...patch,
});

export const WAITING = deposit("d-2", {
  customer_type: null,
  approval_status: "pending",
  conflict_info: { reserved_by_staff_id: "s-2", reserved_by_staff_name: "Budi", reason: "reserved_by_other" },
});

export const detail = (row: Deposit): DepositDetail => ({
  ...row,
  explanation: {
    customer_type: row.customer_type,
    reason: row.customer_type ? "after_first_day" : "does_not_count",
    staff_id: "s-1",
    staff_name: "Ana",
    customer_key: row.customer_key,
    product_id: "p-1",
    product_name: "Product A",
    first_date: "2025-02-07",
    decided_by: {
      id: "d-0",
      record_date: "2025-02-07",
      created_at: "2025-02-09T01:00:00+00:00",
      created_by_name: "Ana",
    },
  },
  events: [
    {
      at: "2025-03-01T01:00:00+00:00",
      actor_name: "Ana",
      kind: "book",
      detail: {},
      from_status: null,
      to_status: "approved",
    },
    {
      at: "2025-03-01T02:00:00+00:00",
      actor_name: "Master",
      kind: "edit",
      from_status: "approved",
      to_status: "approved",
      detail: { nominal: { from: "50000", to: "100000.00" }, product_id: { from: "p-2", to: "p-1" } },
    },
  ],
});

export const SUMMARY: Summary = {
  total: {
    total_nominal: 900_000,
    total_depo: 1_200_000,
    total_records: 5,
    total_ndp: 2,
    total_rdp: 1,
    ndp_total: 800_000,
    rdp_total: 400_000,
  },
  daily: [],
  by_staff: [],
  by_product: [],
  unique_customers: [{ staff_id: "s-1", staff_name: "Ana", unique_ndp_count: 2, unique_rdp_count: 1 }],
};

/** What the desk was asked and sent in a test, and what it answers to a preview. */
export const seen: {
  previews: BookForm[][];
  booked: { form: BookForm; key: string | null }[];
  asked: URLSearchParams[];
  previewOf: (form: BookForm) => PreviewRow;
  becomes: (form: BookForm) => BookedRow;
} = {
  previews: [],
  booked: [],
  asked: [],
  previewOf: () => ({ possible_duplicate: false, errors: [] }),
  becomes: () => ({ errors: [] }),
};

/** A desk with two products, a day with one deposit, and two that wait; for the top of a test file. */
export function withDepositDesk(): void {
  beforeEach(() => {
    seen.previews = [];
    seen.booked = [];
    seen.asked = [];
    window.localStorage.clear();
    seen.becomes = ({ customer_id }) => ({ deposit: deposit(customer_id, { customer_id }), errors: [] });
    seen.previewOf = ({ tambahan }) => ({
      customer_type: tambahan ? "RDP" : "NDP",
      reason: tambahan ? "tambahan" : "first_day",
      approval_status: "approved",
      possible_duplicate: false,
      errors: [],
    });
    server.use(
      http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
      http.get("/api/products", () => listed(PRODUCTS)),
      http.get("/api/my/records", () => listed([])),
      http.get("/api/omset/customers", () =>
        HttpResponse.json([
          {
            customer_id: "alice",
            customer_name: "Alice",
            customer_key: "alice",
            last_date: "2025-02-07",
            forms: 2,
          },
        ]),
      ),
      http.get("/api/omset/summary", () => HttpResponse.json(SUMMARY)),
      http.get("/api/omset/pending", () =>
        listed([WAITING, deposit("d-3", { ...WAITING, id: "d-3", customer_id: "second" })]),
      ),
      http.get("/api/omset", ({ request }) => {
        seen.asked.push(new URL(request.url).searchParams);
        return listed([deposit("d-1")]);
      }),
      http.get("/api/omset/d-1", () => HttpResponse.json(detail(deposit("d-1", { customer_type: "RDP" })))),
      http.post("/api/omset/preview", async ({ request }) => {
        const { rows } = (await request.json()) as { rows: BookForm[] };
        seen.previews.push(rows);
        return HttpResponse.json({ rows: rows.map(seen.previewOf) });
      }),
      http.post("/api/omset/rows", async ({ request }) => {
        const { rows } = (await request.json()) as { rows: BookForm[] };
        const key = request.headers.get("Idempotency-Key");
        seen.booked.push(...rows.map((form) => ({ form, key })));
        return HttpResponse.json({ rows: rows.map(seen.becomes) });
      }),
      http.post("/api/omset", async ({ request }) => {
        const form = (await request.json()) as BookForm;
        seen.booked.push({ form, key: request.headers.get("Idempotency-Key") });
        return HttpResponse.json(deposit(`new-${seen.booked.length}`, { customer_id: form.customer_id }));
      }),
    );
  });
}

export const show = (url = "/omset", me = ANA) =>
  renderPage(() => <OmsetPage />, { url, me, validateSearch: depositsSearchSchema });
export const review = (url = "/omset/review", me = ADMIN) =>
  renderPage(() => <ReviewPage />, { url, me, validateSearch: reviewSearchSchema });
