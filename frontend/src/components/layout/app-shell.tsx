import { Link, useLocation } from "@tanstack/react-router";
import { type LucideIcon, Menu, PanelLeftClose, PanelLeftOpen, Search } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/popover";
import { Sheet } from "@/components/ui/sheet";
import { Kbd } from "@/components/ui/surface";
import { cn } from "@/lib/cn";
import { usePreference } from "@/lib/use-preference";

export type NavItem = { to: string; label: string; icon: LucideIcon; badge?: number };
export type NavGroup = { label: string; items: NavItem[] };

function Brand({ collapsed }: { collapsed?: boolean }) {
  return (
    <Link to="/" className="flex items-center gap-2 rounded-md px-1.5 font-semibold tracking-tight">
      <img src="/favicon.svg" alt="" className="size-6" />
      <span className={cn(collapsed && "sr-only")}>CRM Boost</span>
    </Link>
  );
}

const lies = (path: string, under: string) => path === under || path.startsWith(`${under}/`);

function NavLink({
  item,
  exact,
  collapsed,
  onNavigate,
}: {
  item: NavItem;
  /** Pages below it are not its own. */
  exact: boolean;
  collapsed: boolean;
  onNavigate?: () => void;
}) {
  const Icon = item.icon;
  const link = (
    <Link
      to={item.to}
      onClick={onNavigate}
      activeOptions={{ exact, includeSearch: false }}
      className="group flex h-8 items-center gap-2.5 rounded-md px-2 text-muted text-sm hover:bg-surface-2 hover:text-foreground max-sm:h-10"
      activeProps={{ className: "bg-accent-soft text-accent-text! font-medium" }}
    >
      <Icon className="size-4 shrink-0" aria-hidden />
      <span className={cn("truncate", collapsed && "sr-only")}>{item.label}</span>
      {item.badge ? (
        <span className={cn("tabular ml-auto text-xs", collapsed && "sr-only")}>{item.badge}</span>
      ) : null}
    </Link>
  );
  return collapsed ? <Tooltip content={item.label}>{link}</Tooltip> : link;
}

function Nav({
  groups,
  collapsed = false,
  onNavigate,
}: {
  groups: NavGroup[];
  collapsed?: boolean;
  onNavigate?: () => void;
}) {
  const { t } = useTranslation();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const here = groups.flatMap(({ items }) => items.map(({ to }) => to)).filter((to) => lies(path, to));
  return (
    <nav aria-label={t("shell.navigation")} className="grid gap-4">
      {groups.map((group) => (
        <div key={group.label} className="grid gap-0.5">
          <p className={cn("px-2 pb-1 font-medium text-muted text-xs", collapsed && "sr-only")}>
            {group.label}
          </p>
          {group.items.map((item) => (
            <NavLink
              key={item.to}
              item={item}
              // Of two entries that lead here, the nearer one is marked.
              exact={item.to === "/" || here.some((to) => to !== item.to && lies(to, item.to))}
              collapsed={collapsed}
              onNavigate={onNavigate}
            />
          ))}
        </div>
      ))}
    </nav>
  );
}

/** The frame of every signed-in page: sidebar (a drawer on phones), header, content. What it shows is handed in. */
export function AppShell({
  groups,
  onSearch,
  bell,
  userMenu,
  children,
}: {
  groups: NavGroup[];
  onSearch: () => void;
  bell: ReactNode;
  userMenu: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const [collapsed, setCollapsed] = usePreference("sidebar:collapsed", false);
  const [drawer, setDrawer] = useState(false);
  const Fold = collapsed ? PanelLeftOpen : PanelLeftClose;

  return (
    <div className="flex min-h-[calc(100dvh-var(--banner))]">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-surface px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t("common.skip_to_content")}
      </a>
      <aside
        className={cn(
          "sticky top-(--banner) hidden h-[calc(100dvh-var(--banner))] shrink-0 flex-col gap-4 overflow-y-auto border-r bg-surface px-2.5 py-3 md:flex",
          collapsed ? "w-14" : "w-56",
        )}
      >
        <div className="flex h-8 items-center">
          <Brand collapsed={collapsed} />
        </div>
        <Nav groups={groups} collapsed={collapsed} />
        <Button
          variant="ghost"
          size="icon"
          className="mt-auto text-muted"
          aria-label={collapsed ? t("shell.expand") : t("shell.collapse")}
          aria-expanded={!collapsed}
          onClick={() => setCollapsed(!collapsed)}
        >
          <Fold aria-hidden />
        </Button>
      </aside>

      <div className="flex min-w-0 flex-1 flex-col">
        <header className="sticky top-(--banner) z-20 flex h-12 items-center gap-2 border-b bg-surface px-3 md:px-5">
          <Button
            variant="ghost"
            size="icon"
            className="md:hidden"
            aria-label={t("shell.open_menu")}
            onClick={() => setDrawer(true)}
          >
            <Menu aria-hidden />
          </Button>
          <button
            type="button"
            onClick={onSearch}
            className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md border border-border bg-background px-2.5 text-muted text-sm hover:border-border-strong sm:max-w-72"
          >
            <Search className="size-4 shrink-0" aria-hidden />
            <span className="truncate">{t("shell.search")}</span>
            <Kbd className="ml-auto max-sm:hidden">Ctrl K</Kbd>
          </button>
          <div className="ml-auto flex items-center gap-1">
            {bell}
            {userMenu}
          </div>
        </header>
        <main
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-[1600px] flex-1 p-3 pb-24 outline-none md:p-5"
        >
          {children}
        </main>
      </div>

      <Sheet open={drawer} onOpenChange={setDrawer} side="left" title={<Brand />}>
        <Nav groups={groups} onNavigate={() => setDrawer(false)} />
      </Sheet>
    </div>
  );
}
