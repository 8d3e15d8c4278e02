import type { ParseKeys } from "i18next";
import { Database, Gift, type LucideIcon, WalletCards } from "lucide-react";
import type { PageKey } from "@/api/session";
import type { ExportKind } from "@/features/exports";
import type { Module } from "./types";

/** All in which the three pools differ on screen; a fourth module is one more entry (spec 2). */
export type Pool = {
  module: Module;
  path: "/databases" | "/member-wd" | "/bonanza";
  page: PageKey;
  title: ParseKeys;
  description: ParseKeys;
  icon: LucideIcon;
  /** Staff ask for records themselves, so some may be held for a request. */
  requests: boolean;
  /** A hand-out may be added to a batch that the staff already has. */
  extendsBatches: boolean;
  /** Hand-outs are grouped in batches; otherwise by database. */
  batched: boolean;
  /** What its records are called as a file. */
  exportKind: ExportKind;
};

export const POOLS: Record<Module, Pool> = {
  normal: {
    module: "normal",
    path: "/databases",
    page: "databases",
    title: "pools.normal.title",
    description: "pools.normal.description",
    icon: Database,
    requests: true,
    extendsBatches: false,
    batched: true,
    exportKind: "customer-records",
  },
  memberwd: {
    module: "memberwd",
    path: "/member-wd",
    page: "member-wd",
    title: "pools.memberwd.title",
    description: "pools.memberwd.description",
    icon: WalletCards,
    requests: false,
    extendsBatches: true,
    batched: true,
    exportKind: "memberwd",
  },
  bonanza: {
    module: "bonanza",
    path: "/bonanza",
    page: "bonanza",
    title: "pools.bonanza.title",
    description: "pools.bonanza.description",
    icon: Gift,
    requests: false,
    extendsBatches: false,
    batched: false,
    exportKind: "bonanza",
  },
};

export const MODULES = Object.keys(POOLS) as Module[];
