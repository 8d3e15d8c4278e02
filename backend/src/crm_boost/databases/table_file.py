"""The one way to write a file of rows: CSV or XLSX, piece by piece, at constant memory (spec 5.5).

`begin` starts a table, `add` takes some of its rows, `close` ends the file; each returns the bytes to pass on, so that
the same rows go into a file or straight to a client. No cell is a formula: texts are guarded in CSV, and written as
texts in workbooks. All of it is pure work for a thread beside the event loop.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Literal, Protocol
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from crm_boost.databases.imports.formula_guard import guard_cell, needs_guard_in_workbook

FileFormat = Literal["csv", "xlsx"]
Cell = str | int | float
MEDIA_TYPES: dict[FileFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

LAST_ROW = 1_048_576
"""What a sheet holds, its header included; further rows go on in another one."""
_MOST_SHEET_BYTES = 1_900_000_000
"""A part of an archive that spreadsheet programs read without warnings is below 2 GiB."""
_LONGEST_CELL = 32_767
_WIDTH = 18
# Level 1: the others take several times as long for a file a tenth smaller.
_COMPRESSION = 1
_PERHAPS_RISKY = frozenset("'=+-@\t\r")
_LINE_PERHAPS_RISKY = re.compile("\n['=+\\-@\t\r]")


class TableFile(Protocol):
    """A file that is being written."""

    def begin(self, title: str, header: Sequence[str], money: Collection[int] = ()) -> bytes:
        """Start a table; the columns numbered in `money` hold amounts."""

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Add rows to it."""

    def close(self) -> bytes:
        """End the file."""


def table_file(file_format: FileFormat) -> TableFile:
    """Return a writer of this format."""
    return _Csv() if file_format == "csv" else _Workbook()


def _guarded(column: tuple[Cell, ...]) -> Sequence[Cell]:
    """Guard the texts of a column. Most columns need none: they are looked at as one text (a third of the time)."""
    try:
        # A text of several lines may only look as if it began so: then its column is looked at cell by cell.
        if not _LINE_PERHAPS_RISKY.search("\n" + "\n".join(column)):  # type: ignore[arg-type]
            return column
    except TypeError:
        if not any(type(cell) is str for cell in column):
            return column
    return [guard_cell(cell) if type(cell) is str and cell[:1] in _PERHAPS_RISKY else cell for cell in column]


class _Csv:
    """CSV with a mark that spreadsheet programs take for UTF-8, and no cell that they would run. One table."""

    def begin(self, title: str, header: Sequence[str], money: Collection[int] = ()) -> bytes:
        return "\ufeff".encode() + self.add([header])

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        target = io.StringIO(newline="")
        csv.writer(target).writerows(zip(*map(_guarded, zip(*rows, strict=True)), strict=True))
        return target.getvalue().encode("utf-8", "replace")

    def close(self) -> bytes:
        return b""


_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_NS}"><numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.##"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_BOLD, _AMOUNT = ' s="1"', ' s="2"'


def _text(value: str) -> str:
    """Return a text as it stands in a sheet: nothing that XML forbids, nothing that would be read as something else."""
    if value[:1] == "'" and needs_guard_in_workbook(value):
        value = guard_cell(value)
    if len(value) > _LONGEST_CELL:
        value = value[:_LONGEST_CELL]
    if _SPECIAL.search(value):
        value = escape(_UNSEEN.sub(lambda found: f"_x{ord(found[0]):04X}_", value))
    return value


def _column_name(number: int) -> str:
    name = ""
    while number >= 0:
        number, letter = divmod(number, 26)
        name, number = chr(65 + letter) + name, number - 1
    return name


class _Pipe:
    """Where the archive is written to: it cannot be sought in, and is emptied after every piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """What is written is there."""

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


class _Workbook:
    """XLSX written row by row: texts stand in their cells, so that nothing is kept until the end."""

    def __init__(self) -> None:
        self._pipe = _Pipe()
        self._book = ZipFile(self._pipe, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION)  # type: ignore[call-overload]
        self._titles: list[str] = []
        self._title = ""
        self._parts_of_title = 0
        self._header: Sequence[str] = ()
        self._columns: list[tuple[str, str]] = []
        self._row = self._bytes = 0

    def begin(self, title: str, header: Sequence[str], money: Collection[int] = ()) -> bytes:
        self._title, self._header, self._parts_of_title = title, header, 0
        self._columns = [
            (_column_name(number), _AMOUNT if number in money else "") for number in range(max(len(header), 1))
        ]
        self._open_sheet()
        return self._pipe.taken()

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        pieces: list[str] = []
        for row in rows:
            if self._row >= LAST_ROW:
                self._write("".join(pieces))
                pieces.clear()
                self._open_sheet()
            pieces.append(self._line(row))
        self._write("".join(pieces))
        if self._bytes > _MOST_SHEET_BYTES:
            self._row = LAST_ROW
        return self._pipe.taken()

    def close(self) -> bytes:
        self._close_sheet()
        numbers = range(1, len(self._titles) + 1)
        sheets = "".join(
            f'<sheet name="{escape(title, {chr(34): "&quot;"})}" sheetId="{n}" r:id="rId{n}"/>'
            for n, title in zip(numbers, self._titles, strict=True)
        )
        links = "".join(
            f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        kinds = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>' for n in numbers
        )
        styles = len(self._titles) + 1
        for name, content in {
            "xl/workbook.xml": f'<workbook xmlns="{_NS}" xmlns:r="{_REL}"><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": (
                f'<Relationships xmlns="{_PACKAGE}/relationships">{links}'
                f'<Relationship Id="rId{styles}" Type="{_REL}/styles" Target="styles.xml"/></Relationships>'
            ),
            "_rels/.rels": (
                f'<Relationships xmlns="{_PACKAGE}/relationships">'
                f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
            ),
            "[Content_Types].xml": (
                f'<Types xmlns="{_PACKAGE}/content-types">'
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
                f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{kinds}</Types>'
            ),
        }.items():
            self._book.writestr(name, _XML + content)
        self._book.writestr("xl/styles.xml", _STYLES)
        self._book.close()
        return self._pipe.taken()

    def _open_sheet(self) -> None:
        self._close_sheet()
        self._parts_of_title += 1
        suffix = f" {self._parts_of_title}" if self._parts_of_title > 1 else ""
        self._titles.append(self._title[: 31 - len(suffix)] + suffix)
        self._sheet = self._book.open(f"xl/worksheets/sheet{len(self._titles)}.xml", "w")
        self._row = self._bytes = 0
        self._write(
            f'{_XML}<worksheet xmlns="{_NS}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<cols><col min="1" max="{len(self._columns)}" width="{_WIDTH}" customWidth="1"/></cols><sheetData>'
            + self._line(self._header)
        )

    def _close_sheet(self) -> None:
        if self._titles:
            self._write("</sheetData></worksheet>")
            self._sheet.close()

    def _write(self, text: str) -> None:
        content = text.encode("utf-8", "replace")
        self._bytes += len(content)
        self._sheet.write(content)

    def _line(self, row: Sequence[Cell]) -> str:
        self._row += 1
        number, cells, bold = self._row, [], self._row == 1
        for (name, style), value in zip(self._columns, row, strict=True):
            if type(value) is str:
                if value:
                    cells.append(
                        f'<c r="{name}{number}"{_BOLD if bold else ""} t="inlineStr"><is>'
                        f'<t xml:space="preserve">{_text(value)}</t></is></c>'
                    )
            else:
                cells.append(f'<c r="{name}{number}"{style}><v>{value!r}</v></c>')
        return f'<row r="{number}">{"".join(cells)}</row>'
