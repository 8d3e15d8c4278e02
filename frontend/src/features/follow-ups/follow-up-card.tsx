import { MessageCircle, ReceiptText } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { groupPhone, whatsAppLink } from "@/lib/phone";
import { CustomerName } from "./columns";
import type { FollowUp } from "./types";
import { Answered, FollowUpBadge } from "./urgency";

/** One follow-up at phone size: who, how urgent, and the way to reach them under the thumb. */
export function FollowUpCard({
  followUp,
  withStaff,
  onDeposit,
}: {
  followUp: FollowUp;
  withStaff: boolean;
  onDeposit?: () => void;
}) {
  const { t } = useTranslation();
  const { phone_e164: phone } = followUp;
  return (
    <div className="grid gap-2 text-sm">
      <div className="flex items-start justify-between gap-2">
        <CustomerName followUp={followUp} t={t} />
        <FollowUpBadge followUp={followUp} />
      </div>
      <div className="flex items-start justify-between gap-2">
        <span className="min-w-0 break-words text-muted">
          {[followUp.product_name, withStaff && followUp.staff_name].filter(Boolean).join(" · ")}
        </span>
        <span className="shrink-0 text-right">
          <Answered followUp={followUp} />
        </span>
      </div>
      {!phone && <p className="text-muted">{t("customers.no_phone")}</p>}
      <div className="grid gap-2">
        {phone && (
          <Button asChild className="h-10">
            <a href={whatsAppLink(phone)} target="_blank" rel="noopener noreferrer">
              <MessageCircle className="text-success" aria-hidden />
              {groupPhone(phone)}
            </a>
          </Button>
        )}
        {onDeposit && (
          <Button className="h-10" onClick={onDeposit}>
            <ReceiptText aria-hidden />
            {t("followups.do.deposit")}
          </Button>
        )}
      </div>
    </div>
  );
}
