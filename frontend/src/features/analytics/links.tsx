import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Unit } from "@/components/charts";
import { useFigures } from "@/components/charts";
import { StatTile } from "@/components/feedback";

const styles = "rounded text-accent-text underline-offset-4 hover:underline [overflow-wrap:anywhere]";

export type CustomerRow = { customer_key: string; customer_id: string; customer_name?: string | null };
export type StaffRow = { staff_id: string; staff_name: string };

/** Onward from a row: to the customer, to the staff, to the deposit itself. */
export function CustomerLink({ row }: { row: CustomerRow }) {
  return (
    <Link to="/customers/$key" params={{ key: row.customer_key }} className={styles}>
      {row.customer_name || row.customer_id}
    </Link>
  );
}

export function StaffLink({ row }: { row: StaffRow }) {
  return (
    <Link to="/team/$staffId" params={{ staffId: row.staff_id }} className={styles}>
      {row.staff_name}
    </Link>
  );
}

export function DepositLink({ id, children }: { id: string; children: ReactNode }) {
  return (
    <Link to="/omset" search={{ tab: "ledger", open: id }} className={styles}>
      {children}
    </Link>
  );
}

/** One sum over all pages of a drill-down, to its last digit. */
export function Sum({ label, value, unit = "count" }: { label: string; value: number | null; unit?: Unit }) {
  const figures = useFigures();
  return <StatTile label={label} value={<span className="text-lg">{figures.full(value, unit)}</span>} />;
}
