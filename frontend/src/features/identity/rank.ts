import { can, type PageKey, type Role, type SessionUser } from "@/api/session";

/** Roles this person may give and manage: only lower ranks, admins only with their own permission (spec 1.2). */
export function manageableRoles(me: SessionUser): Role[] {
  if (!can(me, "users.manage")) return [];
  return can(me, "admins.manage") ? ["staff", "admin"] : ["staff"];
}

export function mayManage(me: SessionUser, user: { id: string; role: Role }): boolean {
  return user.id !== me.id && manageableRoles(me).includes(user.role);
}

/** Pages that can be closed to a person of this role: those the role could otherwise open. */
export function blockablePages(role: Role): PageKey[] {
  const everyone: PageKey[] = [
    "today",
    "inbox",
    "customers",
    "follow-ups",
    "requests",
    "retention",
    "team",
    "leaderboard",
    "reports",
    "exports",
  ];
  return role === "staff"
    ? everyone
    : [
        ...everyone,
        "databases",
        "member-wd",
        "bonanza",
        "validation",
        "analytics",
        "users",
        "products",
        "health",
        "settings",
        "audit",
      ];
}
