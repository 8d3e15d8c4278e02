import { can, mayOpen, type PageKey, type Permission, type SessionUser } from "@/api/session";
import { ForbiddenError } from "@/components/layout";

/** `beforeLoad: ({ context }) => requirePage(context.me, "users", "users.read")`: 403 unless one of them is held. */
export function requirePage(me: SessionUser, page: PageKey, ...permissions: Permission[]): void {
  if (!mayOpen(me, page) || !permissions.some((permission) => can(me, permission)))
    throw new ForbiddenError();
}

const POOL_PAGES: PageKey[] = ["databases", "member-wd", "bonanza"];

/** For pages that serve every pool: 403 unless the permission is held and at least one pool is not blocked. */
export function requireAnyPool(me: SessionUser, permission: Permission): void {
  if (!can(me, permission) || !POOL_PAGES.some((page) => mayOpen(me, page))) throw new ForbiddenError();
}
