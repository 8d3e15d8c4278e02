import {
  type ColumnDef,
  columnVisibilityFeature,
  createColumnHelper,
  metaHelper,
  type RowData,
  rowSelectionFeature,
  tableFeatures,
} from "@tanstack/react-table";
import type { ReactNode } from "react";

export type ColumnMeta = {
  /** Name in the column menu and on cards; the header's own text. */
  label: string;
  align?: "start" | "end";
  /** The server's sort field; a column without one cannot be sorted. */
  sort?: string;
  /** Where it goes on a phone card: the first line, beside the labels (default), or nowhere. */
  card?: "title" | "detail" | "hidden";
  className?: string;
  /** Not shown until the reader asks for it in the column menu. */
  startsHidden?: boolean;
};

/** Paging, sorting and filtering are the server's; the table only shows, hides and selects. */
export const features = tableFeatures({
  columnVisibilityFeature,
  rowSelectionFeature,
  columnMeta: metaHelper<ColumnMeta>(),
});

export type Features = typeof features;
// biome-ignore lint/suspicious/noExplicitAny: columns of one table have different value types
export type Columns<T extends RowData> = ColumnDef<Features, T, any>[];

/** `const column = columnHelper<User>(); column("name", { label: t("users.name"), sort: "name", cell: (row) => … })` */
export function columnHelper<T extends RowData>() {
  const helper = createColumnHelper<Features, T>();
  return (
    id: string,
    options: ColumnMeta & { cell: (row: T) => ReactNode; hideable?: boolean },
  ): Columns<T>[number] => {
    const { cell, hideable = true, ...meta } = options;
    return helper.display({
      id,
      header: () => meta.label,
      cell: (context) => cell(context.row.original),
      enableHiding: hideable,
      meta,
    });
  };
}
