"""The report as a workbook: one sheet for each of its parts."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from crm_boost.databases.table_file import table_file

_FIGURES = {"NDP": "new_id", "RDP": "rdp", "Forms": "total_form", "Nominal": "nominal"}

Row = Sequence[Any]


def workbook(report: dict[str, Any]) -> bytes:
    """Return the workbook of a report (`report.data`). Runs outside the event loop."""
    book, pieces = table_file("xlsx"), []

    def sheet(title: str, header: Sequence[str], rows: Iterable[Row]) -> None:
        names = [*header, *_FIGURES]
        pieces.append(book.begin(title, names, {len(names) - 1}))
        pieces.append(book.add([_shown(cell) for cell in row] for row in rows))

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
    return b"".join([*pieces, book.close()])


def _figures(row: dict[str, Any]) -> list[Any]:
    return [row[name] for name in _FIGURES.values()]


def _by_staff(parts: Iterable[dict[str, Any]], name: str) -> Iterable[Row]:
    for part in parts:
        for row in part["staff"]:
            yield [part[name], row["staff_name"], *_figures(row)]


def _shown(cell: Any) -> str | int | float:
    if isinstance(cell, date):
        return cell.isoformat()
    return cell if isinstance(cell, int | float) else str(cell)
