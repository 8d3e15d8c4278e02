import type { LinkProps } from "@tanstack/react-router";
import { type Module, POOLS } from "@/features/pools";
import type { Trace } from "./api";

/** Where the thing can be seen that something was done to; null where there is no page of it. */
export function targetOf({ kind, object_id, database_id, module }: Trace): LinkProps | null {
  if (database_id && module)
    return { to: `${POOLS[module as Module].path}/$id`, params: { id: database_id } };
  if (kind === "user") return { to: "/admin/users", search: { open: object_id } };
  if (kind === "request") return { to: "/requests", search: { open: object_id } };
  if (kind === "reservation") return { to: "/reserved", search: { open: object_id } };
  if (kind === "deposit") return { to: "/omset", search: { tab: "ledger", open: object_id } };
  if (kind === "job") return { to: "/admin/settings/jobs", search: { open: object_id } };
  if (kind === "product") return { to: "/admin/products", search: { open: object_id } };
  return null;
}
