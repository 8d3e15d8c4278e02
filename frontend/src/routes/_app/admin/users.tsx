import { createFileRoute } from "@tanstack/react-router";
import { requirePage } from "@/app/guards";
import { UsersPage, usersSearchSchema } from "@/features/identity";

export const Route = createFileRoute("/_app/admin/users")({
  validateSearch: usersSearchSchema,
  beforeLoad: ({ context }) => requirePage(context.me, "users", "users.read"),
  component: UsersPage,
});
