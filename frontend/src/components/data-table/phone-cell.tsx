import { Copy, MessageCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { toast } from "@/components/feedback/toast";
import { Button } from "@/components/ui/button";
import { copyText } from "@/lib/clipboard";
import { groupPhone, whatsAppLink } from "@/lib/phone";

/** A number as E.164, to copy and to open in WhatsApp. */
export function PhoneCell({ phone }: { phone: string | null | undefined }) {
  const { t } = useTranslation();
  if (!phone) return <span className="text-muted">–</span>;
  return (
    <span className="inline-flex items-center gap-0.5 whitespace-nowrap">
      <span className="tabular mr-1">{groupPhone(phone)}</span>
      <Button
        variant="ghost"
        size="icon-sm"
        tabIndex={-1}
        aria-label={t("phone.copy", { phone })}
        onClick={async () => {
          if (await copyText(phone)) toast.success(t("phone.copied"));
          else toast.error(t("phone.copy_failed"));
        }}
      >
        <Copy className="text-muted" aria-hidden />
      </Button>
      <Button variant="ghost" size="icon-sm" asChild>
        <a
          href={whatsAppLink(phone)}
          target="_blank"
          rel="noopener noreferrer"
          tabIndex={-1}
          aria-label={t("phone.whatsapp", { phone })}
        >
          <MessageCircle className="text-success" aria-hidden />
        </a>
      </Button>
    </span>
  );
}
