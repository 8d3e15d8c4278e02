import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Card } from "@/components/ui/surface";

type Row = {
  id: string;
  name: string;
  ndp_count: number;
  rdp_count: number;
  count: number;
  total_depo: number;
  ndp_total: number;
  rdp_total: number;
};

/** Figures by day, person or product, each with a bar of its share in NDP and RDP. */
export function Breakdown({ title, rows }: { title: string; rows: readonly Row[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const most = Math.max(1, ...rows.map(({ total_depo }) => total_depo));
  const share = (amount: number) => `${(amount / most) * 100}%`;
  return (
    <Card className="overflow-hidden">
      <section
        aria-label={title}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long list is scrolled, by keyboard too
        tabIndex={0}
        className="max-h-[34rem] overflow-auto focus-visible:-outline-offset-2"
      >
        <table className="w-full text-sm">
          <caption className="px-3 py-2 text-left font-medium">{title}</caption>
          <thead className="text-left text-muted text-xs">
            <tr className="border-b">
              <th scope="col" className="px-3 py-1.5 font-medium">
                <span className="sr-only">{title}</span>
              </th>
              <th scope="col" className="px-2 py-1.5 text-right font-medium">
                NDP
              </th>
              <th scope="col" className="px-2 py-1.5 text-right font-medium">
                RDP
              </th>
              <th scope="col" className="px-2 py-1.5 text-right font-medium max-sm:hidden">
                {t("deposits.forms")}
              </th>
              <th scope="col" className="px-3 py-1.5 text-right font-medium">
                {t("deposits.total")}
              </th>
            </tr>
          </thead>
          <tbody className="divide-y">
            {rows.map((row) => (
              <tr key={row.id}>
                <th scope="row" className="min-w-24 px-3 py-1.5 text-left font-normal">
                  <span className="break-words">{row.name}</span>
                  <span className="mt-1 flex h-1 overflow-hidden rounded-full bg-surface-2" aria-hidden>
                    <span className="bg-accent" style={{ width: share(row.ndp_total) }} />
                    <span className="bg-success" style={{ width: share(row.rdp_total) }} />
                  </span>
                </th>
                <td className="px-2 py-1.5 text-right align-top">{format.number(row.ndp_count)}</td>
                <td className="px-2 py-1.5 text-right align-top">{format.number(row.rdp_count)}</td>
                <td className="px-2 py-1.5 text-right align-top max-sm:hidden">{format.number(row.count)}</td>
                <td className="whitespace-nowrap px-3 py-1.5 text-right align-top">
                  {format.number(row.total_depo)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  );
}
