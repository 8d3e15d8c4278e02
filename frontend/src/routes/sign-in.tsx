import { createFileRoute, redirect } from "@tanstack/react-router";
import { SignInPage, setupOptions } from "@/features/identity";
import { z } from "@/lib/zod";

export const Route = createFileRoute("/sign-in")({
  validateSearch: z.object({ next: z.string().optional().catch(undefined) }),
  beforeLoad: async ({ context }) => {
    const { needs_setup } = await context.queryClient.fetchQuery(setupOptions);
    if (needs_setup) throw redirect({ to: "/setup" });
  },
  component: Page,
});

function Page() {
  const { next } = Route.useSearch();
  return <SignInPage next={next} />;
}
