import { useFormat } from "@/api/server-time";
import { useReasonName } from "@/lib/reason-name";

/** Why records were rejected, and how often. */
export function ReasonCounts({ reasons }: { reasons: readonly { reason: string; count: number }[] }) {
  const format = useFormat();
  const reasonName = useReasonName();
  return (
    <span className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs">
      {reasons.map(({ reason, count }) => (
        <span key={reason} className="whitespace-nowrap">
          <span className="text-muted">{reasonName(reason)}</span>{" "}
          <span className="tabular font-medium">{format.number(count)}</span>
        </span>
      ))}
    </span>
  );
}
