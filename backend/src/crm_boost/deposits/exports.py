"""Files of deposits and of their figures: CSV and XLSX, written page by page into a temporary file (spec 4.2, 5.5).

No cell is a formula: texts are guarded in CSV, and written as texts in workbooks.
"""

import asyncio
import csv
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import xlsxwriter

from crm_boost.databases.imports.formula_guard import guard_cell, needs_guard_in_workbook
from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.deposits import listing_repository as listing
from crm_boost.deposits import rollup_repository as rollups
from crm_boost.deposits.listing_repository import DepositFilter, product_names, staff_names
from crm_boost.deposits.money import from_minor, minor_units
from crm_boost.deposits.reading import own_only, row_of
from crm_boost.deposits.rollup_repository import RollupFilter
from crm_boost.identity.principal import Principal
from crm_boost.kit.errors import InvalidInput

Format = Literal["csv", "xlsx"]
Cell = str | int | float
_PAGE = 1000
_LONGEST_CELL = 32_767
_LAST_ROW = 1_048_575

_DEPOSITS = {
    "Date": "record_date",
    "Product": "product_name",
    "Staff": "staff_name",
    "Customer": "customer_id",
    "Customer name": "customer_name",
    "Nominal": "nominal",
    "Kelipatan": "depo_kelipatan",
    "Depo total": "depo_total",
    "Type": "customer_type",
    "Tambahan": "tambahan",
    "Status": "approval_status",
    "Keterangan": "keterangan",
    "Entered at": "created_at",
    "Entered by": "created_by_name",
}
_FIGURES = ("Date", "Staff", "Product", "NDP", "RDP", "Forms", "NDP total", "RDP total", "Nominal", "Depo total")


class _Writer(Protocol):
    def add(self, rows: Sequence[Sequence[Cell]]) -> None: ...
    def close(self) -> None: ...


async def export_deposits(
    database: Database, principal: Principal, wanted: DepositFilter, kind: Format
) -> tuple[Path, int]:
    """Write the deposits of a filter; return the file, which whoever sends it removes, and how many rows it has.
    Audited."""
    wanted = own_only(principal, wanted)
    async with _file(kind, "Deposits", list(_DEPOSITS)) as (path, writer):
        after: tuple[date, str] | None = None
        count = 0
        while True:
            async with database.read() as session:
                page = await listing.list_deposits(session, wanted, after=after, limit=_PAGE, counted=False)
                rows = [row_of(session, principal, found) for found in page.rows]
            count += len(rows)
            cells = [[_cell(row.get(name)) for name in _DEPOSITS.values()] for row in rows]
            await asyncio.to_thread(writer.add, cells)
            if page.next_cursor is None:
                break
            after = (rows[-1]["record_date"], rows[-1]["id"])
    await _audited(database, "deposits.export", kind, count)
    return path, count


async def export_summary(database: Database, wanted: RollupFilter, kind: Format) -> Path:
    """Write the figures of a range by day, staff and product, and return the file. Audited."""
    async with _file(kind, "Summary", list(_FIGURES)) as (path, writer):
        async with database.read() as session:
            found = await rollups.sums_by(session, wanted, "record_date", "staff_id", "product_id")
            staff = await staff_names(session, sorted({key[1] for key in found}))
            products = await product_names(session, sorted({key[2] for key in found}))
            scale = minor_units(session.business.currency)
        rows: list[list[Cell]] = [
            [
                day.isoformat(),
                staff[staff_id],
                products[product_id],
                figures.ndp,
                figures.rdp,
                figures.ndp_forms + figures.rdp_forms,
                from_minor(figures.ndp_total, scale),
                from_minor(figures.rdp_total, scale),
                from_minor(figures.ndp_nominal + figures.rdp_nominal, scale),
                from_minor(figures.ndp_total + figures.rdp_total, scale),
            ]
            for (day, staff_id, product_id), figures in found.items()
        ]
        await asyncio.to_thread(writer.add, rows)
    await _audited(database, "deposits.export_summary", kind, len(found))
    return path


async def _audited(database: Database, action: str, kind: Format, rows: int) -> None:
    async with database.write() as session:
        await record_audit(session, action, "ledger", kind, rows=rows)


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None:
        return ""
    return value if isinstance(value, int | float) else str(value)


@asynccontextmanager
async def _file(kind: Format, title: str, header: list[str]) -> AsyncIterator[tuple[Path, _Writer]]:
    """Open a temporary file of that kind; it is closed after the block, and gone where the block fails."""
    handle = await asyncio.to_thread(tempfile.NamedTemporaryFile, prefix="crm-export-", suffix=f".{kind}", delete=False)
    handle.close()
    path = Path(handle.name)
    writer: _Writer = _Csv(path, header) if kind == "csv" else _Workbook(path, title, header)
    try:
        yield path, writer
        await asyncio.to_thread(writer.close)
    except BaseException:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise


class _Csv:
    """CSV with a mark that spreadsheet programs take for UTF-8, and no cell that they would run."""

    def __init__(self, path: Path, header: list[str]) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(header)

    def add(self, rows: Sequence[Sequence[Cell]]) -> None:
        for row in rows:
            self._writer.writerow([guard_cell(cell) if isinstance(cell, str) else cell for cell in row])

    def close(self) -> None:
        self._file.close()


class _Workbook:
    """XLSX written row by row; texts are texts, amounts are numbers."""

    def __init__(self, path: Path, title: str, header: list[str]) -> None:
        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        self._sheet = self._book.add_worksheet(title)
        self._row = 0
        for column, name in enumerate(header):
            self._sheet.write_string(0, column, name)

    def add(self, rows: Sequence[Sequence[Cell]]) -> None:
        for row in rows:
            self._row += 1
            if self._row > _LAST_ROW:
                raise InvalidInput.of("format", "These are too many rows for a workbook. Take CSV or fewer days.")
            for column, cell in enumerate(row):
                if not isinstance(cell, str):
                    self._sheet.write_number(self._row, column, cell)
                elif cell:
                    text = guard_cell(cell) if needs_guard_in_workbook(cell) else cell
                    self._sheet.write_string(self._row, column, text[:_LONGEST_CELL])

    def close(self) -> None:
        self._book.close()
