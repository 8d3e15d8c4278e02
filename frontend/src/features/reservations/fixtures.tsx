import { HttpResponse, http } from "msw";
import type { SessionUser } from "@/api/session";
import { DESK, PRODUCTS, STAFF_CHOICES, STAFF_USER } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, server } from "@/test/server";
import { ReservationsPage } from "./reservations-page";
import { reservationsSearchSchema } from "./search";
import type { Impact, Reservation } from "./types";

// What the tests of reservations share.

export const ADMIN: SessionUser = {
  ...DESK,
  permissions: [...DESK.permissions, "reservations.read", "reservations.manage"],
};
export const MASTER: SessionUser = { ...ADMIN, permissions: [...ADMIN.permissions, "trash.empty"] };
export const ANA: SessionUser = {
  ...STAFF_USER,
  permissions: [...STAFF_USER.permissions, "reservations.read"],
};

export const reservation = (id: string, patch: Partial<Reservation> = {}): Reservation => ({
  id,
  customer_id: `customer-${id}`,
  customer_key: `customer-${id}`,
  aliases: [],
  product_id: "p-1",
  product_name: "Product A",
  staff_id: "s-1",
  staff_name: "Ana",
  status: "pending",
  is_permanent: false,
  auto_reassigned: false,
  created_at: "2025-02-27T01:00:00+00:00",
  created_by_name: "Ana",
  ...patch,
});

export const APPROVED = [
  reservation("r-3", { status: "approved", remaining_days: 12, expires_on: "2025-03-14" }),
  reservation("r-4", { status: "approved", is_permanent: true }),
];

export const IMPACT: Impact = {
  records: 7,
  to_be_reserved: 4,
  dropped_from_requests: 1,
  conflicts: [{ staff_id: "s-2", staff_name: "Budi", count: 2 }],
};

export const NO_EFFECTS = {
  invalidated_records: 0,
  restored_records: 0,
  notified_staff_count: 0,
  records_marked_reserved: 0,
  records_unreserved: 0,
  dropped_from_requests: 0,
};

/** What was asked of the server, in order. */
export const asked: { path: string; query: URLSearchParams }[] = [];

export const show = (url = "/reserved", me = ADMIN) =>
  renderPage(() => <ReservationsPage />, { url, me, validateSearch: reservationsSearchSchema });

/** The server of these pages; call it before each test. */
export function answer() {
  asked.length = 0;
  const note = (url: string) => {
    const { pathname, searchParams } = new URL(url);
    asked.push({ path: pathname, query: searchParams });
    return searchParams;
  };
  server.use(
    http.get("/api/staff-users", () => listed(STAFF_CHOICES)),
    http.get("/api/products", () => listed(PRODUCTS)),
    http.get("/api/reserved-members/counts", () =>
      HttpResponse.json({ pending: 2, approved: 40, rejected: 3, cancelled: 1, expired: 5, released: 6 }),
    ),
    http.get("/api/reserved-members/deleted", ({ request: { url } }) => {
      note(url);
      return listed([
        reservation("r-9", {
          status: "expired",
          ended_at: "2025-02-28T17:01:00+00:00",
          deleted_reason: "no_deposit",
        }),
      ]);
    }),
    http.get("/api/reserved-members", ({ request: { url } }) =>
      listed(note(url).get("status") === "approved" ? APPROVED : [reservation("r-1"), reservation("r-2")]),
    ),
    http.get("/api/reserved-members/impact", ({ request: { url } }) => {
      note(url);
      return HttpResponse.json(IMPACT);
    }),
    http.get("/api/reserved-members/:id/impact", ({ request: { url } }) => {
      note(url);
      return HttpResponse.json(IMPACT);
    }),
  );
}
