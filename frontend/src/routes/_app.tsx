import { createFileRoute, Outlet, redirect } from "@tanstack/react-router";
import { isProblem } from "@/api/problem";
import { serverTimeOptions } from "@/api/server-time";
import { meOptions } from "@/api/session";
import { Shell } from "@/app/shell";
import { setLanguage } from "@/i18n";
import { applyTheme } from "@/lib/theme";

export const Route = createFileRoute("/_app")({
  beforeLoad: async ({ context, location }) => {
    const { queryClient } = context;
    const known = queryClient.getQueryData(meOptions.queryKey);
    if (known) return { me: known };
    try {
      const me = await queryClient.fetchQuery(meOptions);
      await setLanguage(me.language);
      applyTheme(me.theme);
      void queryClient.prefetchQuery(serverTimeOptions);
      return { me };
    } catch (error) {
      if (isProblem(error) && error.status === 401) {
        throw redirect({
          to: "/sign-in",
          search: { next: location.href === "/" ? undefined : location.href },
        });
      }
      throw error;
    }
  },
  component: () => (
    <Shell>
      <Outlet />
    </Shell>
  ),
});
