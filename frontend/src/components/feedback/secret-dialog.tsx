import { Copy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogDescription, DialogFooter, DialogTitle } from "@/components/ui/dialog";
import { copyText } from "@/lib/clipboard";
import { toast } from "./toast";

/** A secret that is shown this once: it leaves the screen only when its reader says so. */
export function SecretDialog({
  title,
  secret,
  onClose,
}: {
  title: string;
  secret: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent onInteractOutside={(event) => event.preventDefault()}>
        <div className="grid gap-1">
          <DialogTitle>{title}</DialogTitle>
          <DialogDescription>{t("secret.once")}</DialogDescription>
        </div>
        <code className="block select-all break-all rounded-md border border-border bg-surface-2 px-3 py-2 text-sm">
          {secret}
        </code>
        <DialogFooter>
          <Button onClick={onClose}>{t("secret.done")}</Button>
          <Button
            variant="primary"
            onClick={async () => {
              if (await copyText(secret)) toast.success(t("secret.copied"));
              else toast.error(t("secret.copy_failed"));
            }}
          >
            <Copy aria-hidden />
            {t("secret.copy")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
