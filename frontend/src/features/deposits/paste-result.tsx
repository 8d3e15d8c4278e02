import { CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { EntitySheet, useProblemText } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import type { SendingAll } from "./use-send-all";

/** What became of the pasted rows: how many were booked and as what, which wait, and which were refused and why. */
export function PasteResult({ sending, onClose }: { sending: SendingAll; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useProblemText();
  const booked = sending.results.flatMap(({ deposit }) => deposit ?? []);
  const failed = sending.results.filter(({ deposit }) => deposit === undefined);
  const count = (kind: "NDP" | "RDP") => booked.filter(({ customer_type }) => customer_type === kind).length;
  const waiting = booked.filter(({ approval_status }) => approval_status === "pending").length;
  return (
    <EntitySheet
      open
      onClose={onClose}
      title={t("deposits.paste.title")}
      className="sm:max-w-3xl"
      footer={
        <>
          {failed.length > 0 && (
            <Button onClick={() => sending.start(failed.map(({ entry }) => entry))}>
              {t("common.retry")}
            </Button>
          )}
          <Button variant="primary" onClick={onClose}>
            {t("common.close")}
          </Button>
        </>
      }
    >
      <div className="grid gap-5" role="status">
        <section className="grid gap-1">
          <p className="flex items-center gap-2 font-medium text-sm">
            <CircleCheck className="size-4 text-success" aria-hidden />
            {t("deposits.paste.booked", { count: booked.length })}
          </p>
          <p className="text-muted text-sm">
            NDP {format.number(count("NDP"))} · RDP {format.number(count("RDP"))}
            {waiting > 0 && ` · ${t("deposits.paste.waiting", { count: waiting })}`}
          </p>
        </section>
        {failed.length > 0 && (
          <section className="grid gap-2">
            <h3 className="flex items-center gap-2 font-medium text-sm">
              <TriangleAlert className="size-4 text-warning" aria-hidden />
              {t("deposits.paste.failed", { count: failed.length })}
            </h3>
            <ul className="divide-y rounded-md border border-border text-sm">
              {failed.map(({ entry, faults = [], error }) => (
                <li key={entry.row.line} className="flex flex-wrap justify-between gap-x-3 px-3 py-1.5">
                  <span className="min-w-0 break-words">
                    {entry.row.line}. {entry.row.customer_id}
                  </span>
                  <span className="text-muted">
                    {faults.length > 0 ? faults.map(({ message }) => message).join(" ") : problemText(error)}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </EntitySheet>
  );
}
