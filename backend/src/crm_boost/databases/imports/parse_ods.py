"""Rows of ODS spreadsheets as the texts a person saw.

An ODS file stores beside each value the text that was on the screen, so the content is streamed through an XML
parser and that text is taken; the value speaks only where there is no text.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.parsers import expat
from zipfile import ZipFile

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.cells import number_text
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.source import CHUNK_ROWS, MergedRange, Row, RowSource, SheetInfo
from crm_boost.databases.imports.xlsx_parts import DAMAGED

_BLOCK = 256 * 1024
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
# Rows or cells beyond this repetition are the empty rest of a sheet, not data.
_MAXIMUM_CELLS = 16_384


class _Reader:
    """The state of one pass over content.xml: collects the rows of one sheet, counts those of the others."""

    def __init__(self, wanted: str | None) -> None:
        self.wanted = wanted
        self.chosen: str | None = None
        self.counts: dict[str, int] = {}
        self.hidden: dict[str, bool] = {}
        self.rows: list[Row] = []
        self.merged: list[MergedRange] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._tables = 0
        self._sheet = ""
        self._blank_rows = 0
        self._row_repeat = 1
        self._row: Row = []
        self._blank_cells = 0
        self._cell: dict[str, str] | None = None
        self._paragraphs: list[str] = []
        self._in_paragraph = 0
        self._ignored = 0

    def parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = self._entity
        return parser

    def _entity(self, *_: object) -> None:
        raise ImportRefused(errors.UNREADABLE, "The spreadsheet declares entities; it is not read.")

    @property
    def _collecting(self) -> bool:
        return self._sheet != "" and self._sheet == self.chosen

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _TEXT + "p" and self._cell is not None and not self._ignored:
            if not self._in_paragraph:
                self._paragraphs.append("")
            self._in_paragraph += 1
        elif name in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
            self._cell, self._paragraphs = attributes, []
        elif name == _TABLE + "table-row":
            self._row, self._blank_cells = [], 0
            self._row_repeat = _number(attributes, _TABLE + "number-rows-repeated", 1)
        elif name in (_TEXT + "s", _TEXT + "tab", _TEXT + "line-break"):
            self._space(name, attributes)
        elif name == _OFFICE + "annotation":
            self._ignored += 1
        elif name == _TABLE + "table":
            self._start_table(attributes)
        elif name == _STYLE + "style":
            self._style = attributes.get(_STYLE + "name", "")
        elif name == _STYLE + "table-properties" and attributes.get(_TABLE + "display") == "false":
            self._hidden_styles.add(self._style)

    def _start_table(self, attributes: dict[str, str]) -> None:
        self._tables += 1
        if self._tables > 1:
            return
        self._sheet = attributes.get(_TABLE + "name", "")
        self.counts[self._sheet] = self._blank_rows = 0
        self.hidden[self._sheet] = attributes.get(_TABLE + "style-name") in self._hidden_styles
        if self.chosen is None:
            usable = not self.hidden[self._sheet] if self.wanted is None else self._sheet == self.wanted
            self.chosen = self._sheet if usable else None

    def _space(self, name: str, attributes: dict[str, str]) -> None:
        if self._in_paragraph:
            count = min(_number(attributes, _TEXT + "c", 1), 1000)
            self._paragraphs[-1] += {"s": " " * count, "tab": "\t"}.get(name.removeprefix(_TEXT), "\n")

    def _characters(self, data: str) -> None:
        if self._in_paragraph and not self._ignored:
            self._paragraphs[-1] += data

    def _end(self, name: str) -> None:
        if name == _TEXT + "p" and self._in_paragraph:
            self._in_paragraph -= 1
        elif name in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
            self._end_cell()
        elif name == _TABLE + "table-row":
            self._end_row()
        elif name == _OFFICE + "annotation":
            self._ignored -= 1
        elif name == _TABLE + "table":
            self._tables -= 1
            if self._tables == 0 and self._collecting and self.wanted is None and not self.counts[self._sheet]:
                self.chosen = None
            if self._tables == 0:
                self._sheet = ""

    def _end_cell(self) -> None:
        attributes, self._cell = self._cell or {}, None
        if not self._collecting and not self._paragraphs and _OFFICE + "value-type" not in attributes:
            return
        text = _cell_text(attributes, self._paragraphs)
        repeat = _number(attributes, _TABLE + "number-columns-repeated", 1)
        column = len(self._row) + self._blank_cells
        wide = _number(attributes, _TABLE + "number-columns-spanned", 1)
        tall = _number(attributes, _TABLE + "number-rows-spanned", 1)
        if text and (wide > 1 or tall > 1) and self._collecting and len(self.merged) < 10_000:
            top = self.counts[self._sheet] + self._blank_rows
            self.merged.append((top, top + tall - 1, column, column + wide - 1))
        if not text:
            self._blank_cells += min(repeat, _MAXIMUM_CELLS)
            return
        if column + repeat > _MAXIMUM_CELLS:
            raise ImportRefused(errors.TOO_MANY_COLUMNS, "The sheet has far too many columns.")
        self._row += [""] * self._blank_cells + [text] * repeat
        self._blank_cells = 0

    def _end_row(self) -> None:
        if not self._sheet:
            return
        if not self._row:
            self._blank_rows += self._row_repeat
            return
        # Blank rows count only when something follows: the rest of a sheet is one huge repetition.
        if self._collecting:
            if self._row_repeat * len(self._row) > 5_000_000 or self._blank_rows > 2_000_000:
                raise ImportRefused(errors.TOO_MANY_ROWS, "The sheet repeats a row too often.")
            self.rows.extend([] for _ in range(self._blank_rows))
            self.rows.extend(list(self._row) for _ in range(self._row_repeat))
        self.counts[self._sheet] += self._blank_rows + self._row_repeat
        self._blank_rows = 0


def _number(attributes: dict[str, str], name: str, default: int) -> int:
    text = attributes.get(name, "")
    return max(1, int(text[:10])) if text.isdecimal() else default


def _cell_text(attributes: dict[str, str], paragraphs: list[str]) -> str:
    """Return what was on the screen; a number shown as #### or rounded to an exponent gives its digits."""
    kind = attributes.get(_OFFICE + "value-type", "")
    text = "\n".join(paragraphs)
    if kind == "float":
        value = attributes.get(_OFFICE + "value", "")
        if not text or text.startswith("###") or ("E" in text.upper() and not text.isalpha()):
            return number_text(float(value)) if value else text
        return text
    if text or not kind:
        return text
    if kind == "boolean":
        return attributes.get(_OFFICE + "boolean-value", "").upper()
    if kind in ("percentage", "currency"):
        return number_text(float(attributes.get(_OFFICE + "value", "0")))
    if kind == "date":
        return attributes.get(_OFFICE + "date-value", "").replace("T", " ")
    return attributes.get(_OFFICE + "string-value", attributes.get(_OFFICE + "time-value", ""))


class OdsSource(RowSource):
    """One sheet of an ODS spreadsheet; without ``sheet`` the first visible one that has rows."""

    rectangular = True

    def __init__(self, path: Path, sheet: str | None = None) -> None:
        self._reader = _Reader(sheet)
        try:
            self._zip = ZipFile(path)
            self._size = self._zip.getinfo("content.xml").file_size
            self._stream = self._zip.open("content.xml")
        except (KeyError, *DAMAGED) as error:
            raise ImportRefused(errors.UNREADABLE, "The spreadsheet is damaged.") from error

    @property
    def merged(self) -> Sequence[MergedRange]:
        return self._reader.merged

    @property
    def sheets(self) -> list[SheetInfo]:
        return [SheetInfo(name, rows, self._reader.hidden[name]) for name, rows in self._reader.counts.items()]

    def chunks(self) -> Iterator[list[Row]]:
        reader = self._reader
        parser = reader.parser()
        try:
            while True:
                block = self._stream.read(_BLOCK)
                parser.Parse(block, not block)
                self.sheet = reader.chosen
                ready = len(reader.rows) // CHUNK_ROWS * CHUNK_ROWS if block else len(reader.rows)
                for at in range(0, ready, CHUNK_ROWS):
                    yield reader.rows[at : min(at + CHUNK_ROWS, ready)]
                reader.rows = reader.rows[ready:]
                if not block:
                    break
        # A LookupError: it says that it is written in an encoding that nobody knows.
        except (expat.ExpatError, ValueError, LookupError, *DAMAGED) as error:
            raise ImportRefused(errors.UNREADABLE, "The spreadsheet is damaged.") from error
        if reader.wanted is not None and reader.chosen is None:
            name = reader.wanted[:100]
            raise ImportRefused(errors.UNKNOWN_SHEET, f"The workbook has no sheet named {name}.", "sheet")

    def close(self) -> None:
        self._stream.close()
        self._zip.close()
