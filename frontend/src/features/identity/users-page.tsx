import { useQuery } from "@tanstack/react-query";
import { UserPlus, Users } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { useCan, useMe } from "@/api/session";
import { DataTable, FilterSelect } from "@/components/data-table";
import { PageHeader } from "@/components/layout";
import { Button } from "@/components/ui/button";
import { useTableSearch } from "@/lib/table-search";
import { usersOptions } from "./api";
import { mayManage } from "./rank";
import type { UsersSearch } from "./search";
import { EditUserSheet, NewUserSheet } from "./user-sheet";
import { usersColumns } from "./users-columns";

const PRESENCES = ["online", "idle", "offline"] as const;
const ROLES = ["staff", "admin", "master_admin"] as const;

export function UsersPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const can = useCan();
  const search = useTableSearch<UsersSearch>();
  const query = useQuery(usersOptions(search.values));
  const [creating, setCreating] = useState(false);
  const columns = useMemo(() => usersColumns(t, format), [t, format]);
  const opened = query.data?.items.find((user) => user.id === search.values.open);

  const add = can("users.manage") && (
    <Button variant="primary" onClick={() => setCreating(true)}>
      <UserPlus aria-hidden />
      {t("users.new")}
    </Button>
  );

  return (
    <>
      <PageHeader title={t("users.title")} description={t("users.description")} actions={add} />
      <DataTable
        id="users"
        label={t("users.title")}
        columns={columns}
        query={query}
        search={search}
        getRowId={(user) => user.id}
        searchLabel={t("users.search")}
        filters={
          <>
            <FilterSelect
              label={t("users.role")}
              value={search.values.role}
              onChange={(role) => search.set({ role: role as UsersSearch["role"] })}
              all={t("users.all_roles")}
              options={ROLES.map((role) => ({ value: role, label: t(`roles.${role}`) }))}
            />
            <FilterSelect
              label={t("users.presence")}
              value={search.values.presence}
              onChange={(presence) => search.set({ presence: presence as UsersSearch["presence"] })}
              all={t("users.all_presences")}
              options={PRESENCES.map((presence) => ({
                value: presence,
                label: t(`users.presence_${presence}`),
              }))}
            />
          </>
        }
        empty={{ icon: Users, title: t("users.empty"), description: t("users.empty_hint"), action: add }}
        onOpen={(user) => mayManage(me, user) && search.setOpen(user.id)}
        isOpen={(user) => user.id === search.values.open}
        rowClassName={(user) => (user.is_active ? undefined : "text-muted")}
      />
      <NewUserSheet open={creating} onClose={() => setCreating(false)} />
      {opened && mayManage(me, opened) && (
        <EditUserSheet key={opened.id} user={opened} onClose={() => search.setOpen(undefined)} />
      )}
    </>
  );
}
