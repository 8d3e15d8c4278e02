import { Copy, MessageCircle, Phone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { groupPhone, telLink, whatsAppLink } from "@/lib/phone";
import { NoteCount } from "./columns";
import { type Act, InvalidReason, RespondToggle, VerdictToggle, WhatsappToggle } from "./mark-toggles";
import { ConflictBadge, NewBadge } from "./row-badges";
import type { HeldRecord } from "./types";

/** One customer at phone size: who it is, ways to reach them, and the same marks as on a wide screen. */
export function CustomerCard({
  record,
  act,
  detail,
  isFresh = false,
  disabled,
}: {
  record: HeldRecord;
  act: Act;
  /** Where it belongs, in the corner. */
  detail?: string;
  isFresh?: boolean;
  disabled?: boolean;
}) {
  const { t } = useTranslation();
  return (
    <div className="grid grid-cols-1 gap-2">
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <span className="flex flex-wrap items-center gap-1.5">
            <span data-testid="customer" className="break-all font-medium">
              {record.customer_id}
            </span>
            {isFresh && <NewBadge />}
            {record.is_reservation_conflict && <ConflictBadge />}
            {record.note_count > 0 && <NoteCount count={record.note_count} t={t} />}
          </span>
          <span className="block break-words text-muted text-sm">{record.display_name}</span>
        </div>
        {detail && <span className="max-w-[45%] truncate text-muted text-xs">{detail}</span>}
      </div>
      {record.phone_e164 ? (
        <Reach phone={record.phone_e164} onCopy={() => act(record, { do: "copy" })} />
      ) : (
        <p className="text-muted text-sm">{t("customers.no_phone")}</p>
      )}
      <WhatsappToggle record={record} act={act} touch inRow disabled={disabled} />
      <div className="grid grid-cols-2 gap-3">
        <RespondToggle record={record} act={act} touch inRow disabled={disabled} />
        <VerdictToggle record={record} act={act} touch inRow disabled={disabled} />
      </div>
      <InvalidReason record={record} />
    </div>
  );
}

function Reach({ phone, onCopy }: { phone: string; onCopy: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="flex items-center gap-2">
      <a
        href={telLink(phone)}
        className="tabular flex h-[44px] min-w-0 flex-1 items-center gap-2 rounded-md text-sm"
      >
        <Phone className="size-4 shrink-0 text-muted" aria-hidden />
        <span className="truncate">{groupPhone(phone)}</span>
        <span className="sr-only">{t("customers.call")}</span>
      </a>
      <Button size="icon" className="size-[44px]" aria-label={t("phone.copy", { phone })} onClick={onCopy}>
        <Copy aria-hidden />
      </Button>
      <Button size="icon" className="size-[44px]" asChild>
        <a
          href={whatsAppLink(phone)}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={t("phone.whatsapp", { phone })}
        >
          <MessageCircle className="text-success" aria-hidden />
        </a>
      </Button>
    </div>
  );
}
