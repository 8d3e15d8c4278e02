import { type FormEvent, type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { EntitySheet } from "./entity-sheet";

/** A sheet that is one form: its fields, "Cancel", and the one button that sends it. */
export function FormSheet({
  onClose,
  title,
  description,
  submitLabel,
  busy,
  onSubmit,
  className = "grid gap-4",
  children,
}: {
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  submitLabel: ReactNode;
  busy: boolean;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  className?: string;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const formId = useId();
  return (
    <EntitySheet
      open
      onClose={onClose}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" form={formId} variant="primary" busy={busy}>
            {submitLabel}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        className={className}
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(event);
        }}
      >
        {children}
      </form>
    </EntitySheet>
  );
}
