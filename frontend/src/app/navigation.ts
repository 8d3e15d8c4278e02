import type { ParseKeys } from "i18next";
import {
  BellRing,
  CalendarCheck,
  ChartColumn,
  ChartNoAxesCombined,
  ClipboardPlus,
  Database,
  FileDown,
  Gift,
  HeartHandshake,
  HeartPulse,
  Inbox,
  Lock,
  type LucideIcon,
  Package,
  ReceiptText,
  ScrollText,
  Settings2,
  ShieldX,
  Target,
  Trophy,
  Users,
  UsersRound,
  WalletCards,
} from "lucide-react";
import { can, mayOpen, type PageKey, type Permission, type SessionUser } from "@/api/session";

export type PageEntry = {
  page: PageKey;
  to: string;
  label: ParseKeys;
  icon: LucideIcon;
  /** Any one of them opens the page. */
  permissions: Permission[];
};

export const NAVIGATION: { label: ParseKeys; pages: PageEntry[] }[] = [
  {
    label: "nav.workspace",
    pages: [
      { page: "today", to: "/", label: "nav.today", icon: CalendarCheck, permissions: ["today.read"] },
      { page: "inbox", to: "/inbox", label: "nav.inbox", icon: Inbox, permissions: ["notifications.own"] },
      {
        page: "customers",
        to: "/customers",
        label: "nav.my_customers",
        icon: UsersRound,
        permissions: ["records.work"],
      },
      {
        page: "customers",
        to: "/customers",
        label: "nav.all_assignments",
        icon: UsersRound,
        permissions: ["records.read_all"],
      },
      {
        page: "follow-ups",
        to: "/follow-ups",
        label: "nav.follow_ups",
        icon: BellRing,
        permissions: ["records.work", "records.read_all"],
      },
    ],
  },
  {
    label: "nav.pools",
    pages: [
      {
        page: "databases",
        to: "/databases",
        label: "nav.databases",
        icon: Database,
        permissions: ["databases.read"],
      },
      {
        page: "requests",
        to: "/requests",
        label: "nav.requests",
        icon: ClipboardPlus,
        permissions: ["requests.make", "requests.review"],
      },
      {
        page: "member-wd",
        to: "/member-wd",
        label: "nav.member_wd",
        icon: WalletCards,
        permissions: ["databases.read"],
      },
      { page: "bonanza", to: "/bonanza", label: "nav.bonanza", icon: Gift, permissions: ["databases.read"] },
      {
        page: "validation",
        to: "/validation",
        label: "nav.validation",
        icon: ShieldX,
        permissions: ["validation.manage"],
      },
      {
        page: "reserved",
        to: "/reserved",
        label: "nav.reserved",
        icon: Lock,
        permissions: ["reservations.read"],
      },
      { page: "omset", to: "/omset", label: "nav.omset", icon: ReceiptText, permissions: ["deposits.book"] },
      {
        page: "retention",
        to: "/retention",
        label: "nav.retention",
        icon: HeartHandshake,
        permissions: ["retention.read"],
      },
    ],
  },
  {
    label: "nav.insight",
    pages: [
      {
        page: "team",
        to: "/team",
        label: "performance.my_progress",
        icon: Target,
        permissions: ["records.work"],
      },
      { page: "team", to: "/team", label: "nav.team", icon: Target, permissions: ["performance.manage"] },
      {
        page: "leaderboard",
        to: "/team/leaderboard",
        label: "nav.leaderboard",
        icon: Trophy,
        permissions: ["performance.read"],
      },
      {
        page: "analytics",
        to: "/analytics",
        label: "nav.analytics",
        icon: ChartNoAxesCombined,
        permissions: ["analytics.read"],
      },
      {
        page: "reports",
        to: "/reports",
        label: "nav.reports",
        icon: ChartColumn,
        permissions: ["performance.read"],
      },
      {
        page: "exports",
        to: "/exports",
        label: "exports.title",
        icon: FileDown,
        permissions: ["exports.make"],
      },
    ],
  },
  {
    label: "nav.administration",
    pages: [
      { page: "users", to: "/admin/users", label: "nav.users", icon: Users, permissions: ["users.read"] },
      {
        page: "products",
        to: "/admin/products",
        label: "nav.products",
        icon: Package,
        permissions: ["products.manage"],
      },
      {
        page: "health",
        to: "/admin/health",
        label: "nav.health",
        icon: HeartPulse,
        permissions: ["health.manage"],
      },
      {
        page: "settings",
        to: "/admin/settings",
        label: "nav.settings",
        icon: Settings2,
        permissions: ["requests.review", "validation.manage"],
      },
      {
        page: "audit",
        to: "/admin/audit",
        label: "nav.audit",
        icon: ScrollText,
        permissions: ["audit.read"],
      },
    ],
  },
];

/** The menu of one user: what his permissions open, less what is blocked for him; empty groups are left out. */
export function menuOf(user: SessionUser) {
  return NAVIGATION.map((group) => ({
    ...group,
    pages: group.pages.filter(
      (entry) => mayOpen(user, entry.page) && entry.permissions.some((permission) => can(user, permission)),
    ),
  })).filter((group) => group.pages.length > 0);
}
