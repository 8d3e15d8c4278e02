"""The report as a workbook: one sheet for each of its parts. Texts are texts, whatever they look like."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import xlsxwriter

from crm_boost.databases.imports.formula_guard import guard_cell, needs_guard_in_workbook

_FIGURES = {"NDP": "new_id", "RDP": "rdp", "Forms": "total_form", "Nominal": "nominal"}
_LONGEST_CELL = 32_767

Row = Sequence[Any]


def workbook(report: dict[str, Any]) -> bytes:
    """Return the workbook of a report (`report.data`). Runs outside the event loop."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.##"})

    def sheet(title: str, header: Sequence[str], rows: Iterable[Row]) -> None:
        page = book.add_worksheet(title)
        names = [*header, *_FIGURES]
        for column, name in enumerate(names):
            page.write_string(0, column, name, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int | float):
                    page.write_number(number, column, cell, money if column == len(names) - 1 else None)
                else:
                    page.write_string(number, column, _text(cell))
        page.set_column(0, len(names) - 1, 16)
        page.freeze_panes(1, 0)

    sheet("Yearly", ["Month"], ([row["month"], *_figures(row)] for row in report["yearly"]))
    sheet(
        "Monthly by product",
        ["Month", "Product"],
        ([row["month"], row["product_name"], *_figures(row)] for row in report["monthly"]),
    )
    sheet("Monthly by staff", ["Month", "Staff"], _by_staff(report["monthly_by_staff"], "month"))
    sheet("Daily", ["Date"], ([row["date"], *_figures(row)] for row in report["daily"]))
    sheet("Daily by staff", ["Date", "Staff"], _by_staff(report["daily_by_staff"], "date"))
    sheet(
        "Staff of the year",
        ["Rank", "Staff"],
        ([row["rank"], row["staff_name"], *_figures(row)] for row in report["staff_performance"]),
    )
    book.close()
    return target.getvalue()


def _figures(row: dict[str, Any]) -> list[Any]:
    return [row[name] for name in _FIGURES.values()]


def _by_staff(parts: Iterable[dict[str, Any]], name: str) -> Iterable[Row]:
    for part in parts:
        for row in part["staff"]:
            yield [part[name], row["staff_name"], *_figures(row)]


def _text(cell: Any) -> str:
    text = cell.isoformat() if isinstance(cell, date) else str(cell)
    return (guard_cell(text) if needs_guard_in_workbook(text) else text)[:_LONGEST_CELL]
