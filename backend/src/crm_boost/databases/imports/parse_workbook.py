"""Rows of XLSX, XLSB and XLS workbooks as the texts a person saw (spec 2.2)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
)

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.cells import cell_text, number_text
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.guard import FileKind
from crm_boost.databases.imports.number_format import NumberFormat
from crm_boost.databases.imports.source import CHUNK_ROWS, MergedRange, Row, RowSource, SheetInfo, choose_sheet
from crm_boost.databases.imports.xlsx_parts import DAMAGED, XlsxParts

_EXACT_INTEGER = 2.0**53


T = TypeVar("T")


class _Alongside(Generic[T]):
    """Cells of a second look at the sheet, from top to bottom, taken as the rows go by."""

    def __init__(self, cells: Iterator[tuple[int, int, T]]) -> None:
        self._cells = cells
        self._next = next(cells, None)

    def take(self, first: int, last: int, first_column: int, width: int) -> Iterator[tuple[int, int, T]]:
        """Yield what lies in the rows ``first`` to ``last``, with places within that chunk."""
        while self._next and self._next[0] < last:
            row, column, value = self._next
            if row >= first and first_column <= column < first_column + width:
                yield row - first, column - first_column, value
            self._next = next(self._cells, None)


class WorkbookSource(RowSource):
    """One sheet of a workbook; without ``sheet`` the first visible one that has a table."""

    def __init__(self, path: Path, kind: FileKind, sheet: str | None = None) -> None:
        self._parts = XlsxParts(str(path)) if kind == "xlsx" else None
        try:
            self._workbook = CalamineWorkbook.from_path(str(path))
        except PasswordError as error:
            raise ImportRefused(errors.ENCRYPTED, "The workbook is protected with a password.") from error
        except (CalamineError, OSError) as error:
            raise _damaged(error) from error
        self._hidden = {
            meta.name: meta.visible != SheetVisibleEnum.Visible
            for meta in self._workbook.sheets_metadata
            if meta.typ == SheetTypeEnum.WorkSheet
        }
        self._counts: dict[str, int] = {}
        self._long_number_seen = False
        try:
            self._table = self._open(choose_sheet(self._hidden, sheet, self._count))
        except DAMAGED as error:
            raise _damaged(error) from error
        self.sheet = self._table.name
        start, end = self._table.start, self._table.end
        self.total_rows = end[0] + 1 if end else 0
        self._first_column = start[1] if start else 0
        self._counts[self.sheet] = self._table.height
        self._merged = tuple(
            (top, bottom, left - self._first_column, right - self._first_column)
            for (top, left), (bottom, right) in self._table.merged_cell_ranges or []
            if left >= self._first_column
        )

    @property
    def merged(self) -> Sequence[MergedRange]:
        return self._merged

    @property
    def sheets(self) -> list[SheetInfo]:
        return [SheetInfo(name, self._count(name), hidden) for name, hidden in self._hidden.items()]

    def close(self) -> None:
        self._workbook.close()
        if self._parts:
            self._parts.close()

    def chunks(self) -> Iterator[list[Row]]:
        try:
            yield from self._chunks()
        except DAMAGED as error:
            raise _damaged(error) from error

    def _chunks(self) -> Iterator[list[Row]]:
        rows = self._table.iter_rows()
        text_of: dict[type, Callable[[Any], str]] = {
            float: self._number,
            int: str,
            **dict.fromkeys((bool, datetime, date, time, timedelta), cell_text),
        }
        first = 0
        formatted = _Alongside(self._formatted())
        digits: _Alongside[str] | None = None
        while values := list(islice(rows, CHUNK_ROWS)):
            self._long_number_seen = False
            chunk = [[cell if type(cell) is str else text_of[type(cell)](cell) for cell in row] for row in values]
            last = first + len(values)
            for row, column, number_format in formatted.take(first, last, self._first_column, len(chunk[0])):
                chunk[row][column] = number_format.render(values[row][column], chunk[row][column])
            if self._parts and self._long_number_seen:
                digits = digits or _Alongside(self._parts.long_numbers(self.sheet or ""))
                for row, column, text in digits.take(first, last, self._first_column, len(chunk[0])):
                    chunk[row][column] = _with_digits(chunk[row][column], text)
            yield chunk
            first = last

    def _number(self, value: float) -> str:
        if value.is_integer() and -_EXACT_INTEGER < value < _EXACT_INTEGER:
            return str(int(value))
        self._long_number_seen |= abs(value) >= _EXACT_INTEGER
        return number_text(value)

    def _formatted(self) -> Iterator[tuple[int, int, NumberFormat]]:
        """The cells of an XLSX sheet that looked different from their plain text."""
        formats = self._parts.formats() if self._parts else {}
        if self._parts and formats:
            yield from self._parts.formatted_cells(self.sheet or "", formats)

    def _count(self, name: str) -> int:
        if name not in self._counts:
            self._counts[name] = self._parts.row_count(name) if self._parts else self._open(name).height
        return self._counts[name]

    def _open(self, name: str) -> CalamineSheet:
        try:
            return self._workbook.get_sheet_by_name(name)
        except WorksheetNotFound as error:
            raise ImportRefused(errors.UNKNOWN_SHEET, f"The sheet {name[:100]} cannot be read.", "sheet") from error
        except (CalamineError, OSError) as error:
            raise _damaged(error) from error


def _damaged(error: Exception) -> ImportRefused:
    if "password" in str(error).lower():
        return ImportRefused(errors.ENCRYPTED, "The workbook is protected with a password.")
    return ImportRefused(errors.UNREADABLE, "The workbook is damaged or is not one that can be read.")


def _with_digits(shown: str, digits: str) -> str:
    """Put the digits of the file in place of those of the float, unless a format made something else of them."""
    return digits if shown.lstrip("-").isdecimal() else shown
