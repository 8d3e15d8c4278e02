import { queryOptions, useQuery } from "@tanstack/react-query";
import { get, setCsrfToken } from "./client";
import type { Schemas } from "./schema";

export type Role = Schemas["Role"];
export type SessionUser = Schemas["UserSelf"];
export type Language = SessionUser["language"];
/** Pages that can be blocked for a person. */
export type PageKey = Schemas["Page"];

/** Permissions of the server's one table (spec 1.2); the menu only mirrors what the server will refuse anyway. */
export type Permission =
  | "profile.own"
  | "today.read"
  | "notifications.own"
  | "records.work"
  | "staff.list"
  | "users.read"
  | "users.manage"
  | "admins.manage"
  | "products.read"
  | "products.manage"
  | "databases.read"
  | "databases.manage"
  | "imports.manage"
  | "records.assign"
  | "records.recall"
  | "records.read_all"
  | "contacts.manage"
  | "requests.make"
  | "requests.review"
  | "reservations.read"
  | "reservations.manage"
  | "validation.manage"
  | "deposits.book"
  | "deposits.manage"
  | "jobs.manage"
  | "health.manage"
  | "performance.read"
  | "performance.manage"
  | "analytics.read"
  | "retention.read"
  | "retention.team"
  | "exports.make"
  | "exports.oversee"
  | "audit.read"
  | "webhooks.manage"
  | "search"
  | "trash.empty";

export const meKey = ["me"] as const;

export const meOptions = queryOptions({
  queryKey: meKey,
  queryFn: async ({ signal }): Promise<SessionUser> => {
    const { csrf_token, ...user } = await get<Schemas["Me"]>("/api/auth/me", undefined, signal);
    setCsrfToken(csrf_token);
    return user;
  },
  staleTime: 60_000,
  retry: false,
});

/** The signed-in user; only called below the guarded layout, where it is always known. */
export function useMe(): SessionUser {
  const { data } = useQuery(meOptions);
  if (!data) throw new Error("useMe outside of a signed-in page");
  return data;
}

export function can(user: Pick<SessionUser, "permissions">, permission: Permission): boolean {
  return user.permissions.includes(permission);
}

export function mayOpen(user: Pick<SessionUser, "blocked_pages">, page: PageKey): boolean {
  return !user.blocked_pages.includes(page);
}

/** `const can = useCan(); can("records.assign") && <Button …>` */
export function useCan(): (permission: Permission) => boolean {
  const me = useMe();
  return (permission) => can(me, permission);
}
