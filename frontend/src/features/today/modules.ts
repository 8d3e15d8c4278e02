import type { ParseKeys } from "i18next";
import { Database, Gift, type LucideIcon, WalletCards } from "lucide-react";

type ModuleName = { label: ParseKeys; to: string; icon: LucideIcon };

const MODULES: Record<string, ModuleName> = {
  normal: { label: "nav.databases", to: "/databases", icon: Database },
  memberwd: { label: "nav.member_wd", to: "/member-wd", icon: WalletCards },
  bonanza: { label: "nav.bonanza", to: "/bonanza", icon: Gift },
};

/** Name and page of a module; one that this app does not know yet is shown under the general name. */
export function moduleOf(module: string): ModuleName {
  return MODULES[module] ?? { label: "nav.databases", to: "/databases", icon: Database };
}
