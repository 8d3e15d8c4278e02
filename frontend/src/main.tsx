import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { setCsrfToken, setUnauthorizedHandler } from "@/api/client";
import { meKey } from "@/api/session";
import { Providers } from "@/app/providers";
import { createQueryClient } from "@/app/query-client";
import { errorReporter, watchErrors } from "@/app/report-errors";
import { createAppRouter } from "@/app/router";
import { problemText } from "@/components/feedback/problem-text";
import { toast } from "@/components/feedback/toast";
import { ForbiddenError } from "@/components/layout";
import { i18n } from "@/i18n";
import { watchTouches } from "@/lib/away";
import { startTheme } from "@/lib/theme";
import "@/styles.css";

startTheme();
watchTouches();

const queryClient = createQueryClient((error) => toast.error(problemText(i18n, error)));
const router = createAppRouter(queryClient);

// The session ended (signed out elsewhere, password changed, expired): back to the door, and afterwards back here. What
// was known is forgotten once the page that shows it has gone.
let leaving = false;
setUnauthorizedHandler(() => {
  if (leaving || queryClient.getQueryData(meKey) === undefined) return;
  leaving = true;
  const next = router.state.location.href;
  void router.navigate({ to: "/sign-in", search: { next } }).finally(() => {
    setCsrfToken(null);
    queryClient.clear();
    leaving = false;
  });
});

const report = errorReporter(
  () => queryClient.getQueryData(meKey) !== undefined,
  () => router.state.matches.at(-1)?.routeId ?? "/",
);
watchErrors(report);

const root = document.getElementById("root");
if (!root) throw new Error("no #root in index.html");
createRoot(root, {
  // A page that is closed to this person has been answered with the 403 page; it is no fault to report.
  onCaughtError: (error) => {
    // biome-ignore lint/suspicious/noConsole: what React itself does with an error that a boundary has caught
    if (!(error instanceof ForbiddenError)) console.error(error);
    report(error);
  },
}).render(
  <StrictMode>
    <Providers queryClient={queryClient}>
      <RouterProvider router={router} />
    </Providers>
  </StrictMode>,
);
