import { useTranslation } from "react-i18next";
import { Card } from "@/components/ui/surface";
import { cn } from "@/lib/cn";

/** The first rows of the file as they are: text, never interpreted. Mapped columns are marked. */
export function PreviewTable({
  columns,
  rows,
  nameOf,
}: {
  columns: string[];
  rows: string[][];
  /** What a column is, where it is anything. */
  nameOf: (index: number) => string | undefined;
}) {
  const { t } = useTranslation();
  return (
    <Card className="overflow-hidden">
      <h2 className="border-b px-4 py-2 font-medium text-sm">
        {t("imports.preview", { count: rows.length })}
      </h2>
      <section
        className="max-h-96 overflow-auto"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t("imports.preview", { count: rows.length })}
      >
        <table className="min-w-full border-collapse text-sm">
          <thead className="sticky top-0 bg-surface">
            <tr className="border-b text-left text-xs">
              {columns.map((column, index) => {
                const name = nameOf(index);
                return (
                  <th
                    // biome-ignore lint/suspicious/noArrayIndexKey: a column is its position
                    key={index}
                    scope="col"
                    className={cn(
                      "whitespace-nowrap px-3 py-2 font-medium text-muted",
                      name && "bg-accent-soft text-accent-text",
                    )}
                  >
                    {column || t("imports.column_number", { number: index + 1 })}
                    {name && <span className="block font-normal">{name}</span>}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file are their position
              <tr key={at} className="border-b last:border-b-0">
                {columns.map((_, index) => (
                  <td
                    // biome-ignore lint/suspicious/noArrayIndexKey: a column is its position
                    key={index}
                    className={cn(
                      "max-w-72 truncate whitespace-pre px-3 py-1",
                      nameOf(index) && "bg-accent-soft",
                    )}
                    title={row[index]}
                  >
                    {row[index]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  );
}
