import { createFileRoute, redirect } from "@tanstack/react-router";
import { SetupPage, setupOptions } from "@/features/identity";

export const Route = createFileRoute("/setup")({
  beforeLoad: async ({ context }) => {
    const { needs_setup } = await context.queryClient.fetchQuery(setupOptions);
    if (!needs_setup) throw redirect({ to: "/sign-in" });
  },
  component: SetupPage,
});
