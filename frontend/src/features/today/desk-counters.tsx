import { Link } from "@tanstack/react-router";
import { CircleCheck, Database, Layers, LockKeyhole, Upload, UserCheck, Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan } from "@/api/session";
import { EmptyState, StatTile } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import { cn } from "@/lib/cn";
import type { DeskToday, RecordCounts } from "./api";
import { moduleOf } from "./modules";

/** How much of a module is dealt, for the eye only; the figures stand beside it. */
function DealtBar({ records }: { records: RecordCounts }) {
  const dealt = records.assigned + records.requested;
  return (
    <div aria-hidden className="flex h-1.5 min-w-24 overflow-hidden rounded-full bg-accent/20">
      <div className="bg-accent" style={{ flexGrow: dealt }} />
      <div style={{ flexGrow: Math.max(records.total - dealt, 1e-9) }} />
    </div>
  );
}

export function UploadLink() {
  const { t } = useTranslation();
  const can = useCan();
  if (!can("imports.manage")) return null;
  return (
    <Button asChild variant="primary">
      <Link to="/imports/new">
        <Upload aria-hidden />
        {t("today.upload")}
      </Link>
    </Button>
  );
}

export function DeskCounters({ desk }: { desk: DeskToday }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  if (desk.databases === 0 && desk.imports_running === 0) {
    return (
      <Card>
        <EmptyState
          icon={Database}
          title={t("today.empty")}
          description={t("today.empty_hint")}
          action={<UploadLink />}
        />
      </Card>
    );
  }
  const { records } = desk;
  const head = "px-3 py-2 text-right font-medium";
  const cell = "px-3 py-2 text-right";
  return (
    <div className="grid gap-4">
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-3 xl:grid-cols-6">
        <StatTile label={t("today.available")} value={format.number(records.available)} icon={CircleCheck} />
        <StatTile label={t("today.assigned")} value={format.number(records.assigned)} icon={UserCheck} />
        <StatTile label={t("today.reserved")} value={format.number(records.reserved)} icon={LockKeyhole} />
        <StatTile
          label={t("today.total")}
          value={format.number(records.total)}
          hint={t("today.in_databases", { count: desk.databases })}
          icon={Layers}
        />
        <StatTile
          label={t("today.staff_online")}
          value={format.number(desk.staff_online)}
          hint={t("today.of_staff", { total: format.number(desk.staff_active) })}
          icon={Users}
          to={can("users.read") ? "/admin/users" : undefined}
          search={{ role: "staff", presence: "online" }}
        />
        <StatTile
          label={t("today.imports_running")}
          value={format.number(desk.imports_running)}
          icon={Upload}
        />
      </div>
      <Card className="overflow-x-auto">
        <table className="w-full text-sm" aria-label={t("today.by_module")}>
          <thead>
            <tr className="border-b text-muted text-xs">
              <th scope="col" className="px-3 py-2 text-left font-medium">
                {t("today.module")}
              </th>
              <th scope="col" className={head}>
                {t("today.databases")}
              </th>
              <th scope="col" className={head}>
                {t("today.available")}
              </th>
              <th scope="col" className={head}>
                {t("today.assigned")}
              </th>
              <th scope="col" className={cn(head, "max-sm:hidden")}>
                {t("today.reserved")}
              </th>
              <th scope="col" className={cn(head, "max-sm:hidden")}>
                {t("today.archived")}
              </th>
              <th scope="col" className={cn(head, "max-sm:hidden")}>
                {t("today.total")}
              </th>
              <th scope="col" className="w-1/4 px-3 py-2 text-left font-medium max-lg:hidden">
                {t("today.dealt")}
              </th>
            </tr>
          </thead>
          <tbody>
            {desk.modules.map((entry) => {
              const { label, to, icon: Icon } = moduleOf(entry.module);
              return (
                <tr key={entry.module} className="border-b last:border-b-0">
                  <th scope="row" className="px-3 py-2 text-left font-medium">
                    <Link to={to} className="flex w-fit items-center gap-2 rounded hover:underline">
                      <Icon className="size-4 shrink-0 text-muted max-sm:hidden" aria-hidden />
                      {t(label)}
                    </Link>
                  </th>
                  <td className={cell}>{format.number(entry.databases)}</td>
                  <td className={cell}>{format.number(entry.records.available)}</td>
                  <td className={cell}>{format.number(entry.records.assigned)}</td>
                  <td className={cn(cell, "max-sm:hidden")}>{format.number(entry.records.reserved)}</td>
                  <td className={cn(cell, "max-sm:hidden")}>{format.number(entry.records.archived)}</td>
                  <td className={cn(cell, "max-sm:hidden")}>{format.number(entry.records.total)}</td>
                  <td className="px-3 max-lg:hidden">
                    <DealtBar records={entry.records} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Card>
    </div>
  );
}
