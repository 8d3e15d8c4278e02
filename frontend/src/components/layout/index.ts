export { AppShell, type NavGroup, type NavItem } from "./app-shell";
export { PageHeader } from "./page-header";
export { Forbidden, ForbiddenError, RouteError, RouteNotFound, RoutePending } from "./route-states";
export { type ShortcutGroup, ShortcutsDialog, useShortcuts } from "./shortcuts-dialog";
