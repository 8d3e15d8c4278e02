export { type ColumnMeta, type Columns, columnHelper } from "./columns";
export { DataTable, type DataTableProps, type Selection } from "./data-table";
export { DayFilter } from "./day-filter";
export { FilterSelect } from "./filter-select";
export { PhoneCell } from "./phone-cell";
export { type RowAction, RowMenu } from "./row-menu";
export { FilterBar, SearchField } from "./toolbar";
export { useSeenRows } from "./use-seen-rows";
