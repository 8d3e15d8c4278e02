import { can, mayOpen, type PageKey, type Permission, type SessionUser } from "@/api/session";
import { ForbiddenError } from "@/components/layout";

/** `beforeLoad: ({ context }) => requirePage(context.me, "users", "users.read")`: 403 unless one of them is held. */
export function requirePage(me: SessionUser, page: PageKey, ...permissions: Permission[]): void {
  if (!mayOpen(me, page) || !permissions.some((permission) => can(me, permission)))
    throw new ForbiddenError();
}
