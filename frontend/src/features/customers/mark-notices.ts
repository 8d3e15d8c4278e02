import { toast } from "@/components/feedback";
import { problemText } from "@/components/feedback/problem-text";
import { i18n } from "@/i18n";
import { knownText } from "@/lib/code-text";
import type { Notice } from "./mark-queue";
import type { VerdictAnswer } from "./types";

/** Says what became of marks that were sent: what was refused, what is no longer one's own, what was replaced. */
export function tell(notice: Notice): void {
  switch (notice.kind) {
    case "refused":
      toast.error(i18n.t("customers.save.refused", { count: notice.count }), {
        description: problemText(i18n, notice.problem),
      });
      return;
    case "missing":
      toast.error(i18n.t("customers.save.missing", { count: notice.count }));
      return;
    case "judged":
      judged(notice.answer);
  }
}

function judged(answer: VerdictAnswer): void {
  if (answer.auto_replaced > 0) {
    toast.success(i18n.t("customers.replaced", { count: answer.auto_replaced }));
  }
  const failed = (answer.replacement_details ?? []).flatMap(({ failed: why }) => why ?? []);
  if (failed.length > 0) {
    toast.warning(i18n.t("customers.not_replaced", { count: failed.length }), {
      description: [...new Set(failed)].map(whyNot).join(" "),
    });
  }
}

const whyNot = (code: string) => knownText(i18n, `customers.not_replaced_why.${code}`) ?? code;
