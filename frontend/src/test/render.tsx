import { QueryClient } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent, { PointerEventsCheckLevel } from "@testing-library/user-event";
import type { ReactNode } from "react";
import { meKey, type SessionUser } from "@/api/session";
import { Providers } from "@/app/providers";
import { parseSearch, stringifySearch } from "@/lib/plain-search";

export const MASTER: SessionUser = {
  id: "u-1",
  email: "master@example.test",
  name: "Master",
  role: "master_admin",
  blocked_pages: [],
  permissions: [
    "users.read",
    "users.manage",
    "admins.manage",
    "products.manage",
    "databases.read",
    "today.read",
  ],
  language: "en",
  theme: "light",
};

/** Renders a page at an address of a small router, with the app's providers; `me` is already signed in. */
export async function renderPage(
  page: () => ReactNode,
  options: { url?: string; me?: SessionUser; validateSearch?: unknown } = {},
) {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  if (options.me) queryClient.setQueryData(meKey, options.me);
  const root = createRootRoute();
  const here = createRoute({
    getParentRoute: () => root,
    path: "$",
    component: page,
    validateSearch: options.validateSearch as undefined,
  });
  const router = createRouter({
    routeTree: root.addChildren([here]),
    parseSearch,
    stringifySearch,
    history: createMemoryHistory({ initialEntries: [options.url ?? "/page"] }),
  });
  await router.load();
  const view = render(
    <Providers queryClient={queryClient}>
      <RouterProvider router={router as never} />
    </Providers>,
  );
  // An overlay gives the page back by a timer, so whether it may be clicked is a question for the journeys in a browser.
  return {
    ...view,
    user: userEvent.setup({ delay: null, pointerEventsCheck: PointerEventsCheckLevel.Never }),
    router,
    queryClient,
  };
}
