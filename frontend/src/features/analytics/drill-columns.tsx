import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { type ChartColumn, type Unit, useFigures } from "@/components/charts";
import { TypeBadge } from "@/features/deposits";
import { useCodeText } from "@/lib/code-text";
import { CustomerLink, type CustomerRow, StaffLink, type StaffRow } from "./links";

/** One column of a drill-down, on the screen and in the file: what it says, and how it looks where that is more. */
export type DrillColumn<R> = ChartColumn<R> & {
  /** Without one: the text of the file, or the figure in full. */
  cell?: (row: R) => ReactNode;
  sort?: string;
  card?: "title";
  startsHidden?: boolean;
  /** Stands in the file only. */
  fileOnly?: boolean;
};

/** Codes of marks in the reader's words; a dash where nothing is marked. */
function useMarkText() {
  const codeText = useCodeText();
  return useMemo(
    () => ({
      wa: (code: string | null | undefined) => (code ? codeText("analytics.wa", code, code) : "–"),
      reply: (code: string | null | undefined) => (code ? codeText("analytics.reply", code, code) : "–"),
    }),
    [codeText],
  );
}

type Named<R, T> = { [K in keyof R]: R[K] extends T ? K : never }[keyof R] & string;

/** Columns that several drill-downs have. */
export function useDrillColumns() {
  const { t } = useTranslation();
  const format = useFormat();
  const figures = useFigures();
  const marks = useMarkText();
  return useMemo(
    () => ({
      /** The customer by name; the file has the id, and with `named` the name beside it. */
      customer: <R extends CustomerRow>({ sort, named }: { sort?: boolean; named?: boolean } = {}) => {
        const id: DrillColumn<R> = {
          key: "customer",
          label: t("analytics.customer"),
          value: (row) => row.customer_id,
          sort: sort ? "customer_id" : undefined,
          card: "title",
          cell: (row) => <CustomerLink row={row} />,
        };
        const name: DrillColumn<R> = {
          key: "name",
          label: t("analytics.name"),
          value: (row) => row.customer_name ?? "",
          fileOnly: true,
        };
        return named ? [id, name] : [id];
      },
      staff: <R extends StaffRow>(more: Partial<DrillColumn<R>> = {}): DrillColumn<R> => ({
        key: "staff",
        label: t("analytics.staff"),
        value: (row) => row.staff_name,
        cell: (row) => <StaffLink row={row} />,
        ...more,
      }),
      product: <R extends { product: string }>(): DrillColumn<R> => ({
        key: "product",
        label: t("analytics.product"),
        value: (row) => row.product,
      }),
      database: <R extends { database: string }>(): DrillColumn<R> => ({
        key: "database",
        label: t("analytics.database"),
        value: (row) => row.database,
        startsHidden: true,
      }),
      type: <R extends { type: "NDP" | "RDP" }>(): DrillColumn<R> => ({
        key: "type",
        label: t("analytics.type"),
        value: (row) => row.type,
        cell: (row) => <TypeBadge type={row.type} />,
      }),
      wa: <R extends { wa_status?: string | null }>(more: Partial<DrillColumn<R>> = {}): DrillColumn<R> => ({
        key: "wa",
        label: t("analytics.wa_status"),
        value: (row) => row.wa_status ?? null,
        cell: (row) => marks.wa(row.wa_status),
        ...more,
      }),
      reply: <R extends { respond_status?: string | null }>(): DrillColumn<R> => ({
        key: "reply",
        label: t("analytics.answer"),
        value: (row) => row.respond_status ?? null,
        cell: (row) => marks.reply(row.respond_status),
      }),
      figure: <R,>(
        key: Named<R, number | null | undefined>,
        label: string,
        unit: Unit,
        sort?: string,
      ): DrillColumn<R> => {
        const value = (row: R) => (row[key] as number | null | undefined) ?? null;
        return { key, label, unit, sort, value, cell: (row) => figures.full(value(row), unit) };
      },
      day: <R,>(
        key: Named<R, string | null | undefined>,
        label: string,
        more: Partial<DrillColumn<R>> = {},
      ): DrillColumn<R> => {
        const value = (row: R) => (row[key] as string | null | undefined) ?? null;
        const cell = (row: R) => {
          const day = value(row);
          return day ? format.day(day) : "–";
        };
        return { key, label, value, cell, ...more };
      },
      instant: <R,>(
        key: Named<R, string | null | undefined>,
        label: string,
        sort?: string,
      ): DrillColumn<R> => {
        const value = (row: R) => (row[key] as string | null | undefined) ?? null;
        const cell = (row: R) => {
          const at = value(row);
          return at ? format.dateTime(at) : "–";
        };
        return { key, label, value, cell, sort };
      },
    }),
    [t, format, figures, marks],
  );
}
