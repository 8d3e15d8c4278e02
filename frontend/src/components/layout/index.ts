export { AppShell, type NavGroup, type NavItem } from "./app-shell";
export { PageHeader } from "./page-header";
export { Forbidden, ForbiddenError, RouteError, RouteNotFound, RoutePending } from "./route-states";
export { ShortcutsDialog } from "./shortcuts-dialog";
