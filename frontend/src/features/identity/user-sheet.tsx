import { Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/session";
import { ConfirmDialog, EntitySheet, toast } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { type User, type UserChanges, useCreateUser, useRemoveUser, useUpdateUser } from "./api";
import { manageableRoles } from "./rank";
import { UserForm, type UserFormValues } from "./user-form";
import { UserSessions } from "./user-sessions";

const capacityOf = (values: UserFormValues) =>
  values.role === "staff" && values.capacity !== "" ? Number(values.capacity) : null;

export function NewUserSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const formId = useId();
  const create = useCreateUser();
  function close() {
    create.reset();
    onClose();
  }
  return (
    <EntitySheet
      open={open}
      onClose={close}
      title={t("users.new")}
      footer={
        <>
          <Button onClick={close}>{t("common.cancel")}</Button>
          <Button type="submit" form={formId} variant="primary" busy={create.isPending}>
            {t("common.create")}
          </Button>
        </>
      }
    >
      <UserForm
        formId={formId}
        roles={manageableRoles(me)}
        error={create.error}
        onSubmit={({ is_active: _active, capacity: _capacity, ...values }, failed) =>
          create.mutate(
            { ...values, capacity: capacityOf({ ...values, is_active: true, capacity: _capacity }) },
            {
              onSuccess: (user) => {
                toast.success(t("users.created", { name: user.name }));
                close();
              },
              onError: failed,
            },
          )
        }
      />
    </EntitySheet>
  );
}

/** Only what differs is sent: an unchanged field must not overwrite what somebody else has changed meanwhile. */
export function changesOf(user: User, values: UserFormValues): UserChanges {
  const changes: UserChanges = {};
  if (values.name !== user.name) changes.name = values.name;
  if (values.role !== user.role) changes.role = values.role;
  if (values.is_active !== user.is_active) changes.is_active = values.is_active;
  if (capacityOf(values) !== (user.capacity ?? null)) changes.capacity = capacityOf(values);
  if ([...values.blocked_pages].sort().join() !== [...user.blocked_pages].sort().join()) {
    changes.blocked_pages = values.blocked_pages;
  }
  if (values.password) changes.password = values.password;
  return changes;
}

export function EditUserSheet({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const formId = useId();
  const update = useUpdateUser();
  const remove = useRemoveUser();
  const [removing, setRemoving] = useState(false);
  return (
    <>
      <EntitySheet
        open
        onClose={onClose}
        title={user.name}
        description={user.email}
        footer={
          <>
            <Button className="mr-auto text-danger" onClick={() => setRemoving(true)}>
              <Trash2 aria-hidden />
              {t("users.remove")}
            </Button>
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button type="submit" form={formId} variant="primary" busy={update.isPending}>
              {t("common.save")}
            </Button>
          </>
        }
      >
        <UserForm
          key={user.id}
          formId={formId}
          user={user}
          roles={manageableRoles(me)}
          error={update.error}
          onSubmit={(values, failed) => {
            const changes = changesOf(user, values);
            if (Object.keys(changes).length === 0) return onClose();
            update.mutate(
              { id: user.id, ...changes },
              {
                onSuccess: () => {
                  toast.success(t("common.saved"));
                  onClose();
                },
                onError: failed,
              },
            );
          }}
        />
        <UserSessions user={user} />
      </EntitySheet>
      <ConfirmDialog
        open={removing}
        onOpenChange={(open) => {
          setRemoving(open);
          if (!open) remove.reset();
        }}
        title={t("users.remove_title", { name: user.name })}
        consequence={t("users.remove_consequence")}
        confirmLabel={t("users.remove")}
        typeWord={t("users.remove_word")}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() =>
          remove.mutate(user.id, {
            onSuccess: ({ recalled_count, released_count }) => {
              toast.success(t("users.removed", { name: user.name, count: recalled_count + released_count }));
              onClose();
            },
          })
        }
      />
    </>
  );
}
