"""The parts of an XLSX workbook that the sheet reader does not tell: number formats and raw digits.

Only workbooks that use such formats, or hold numbers longer than a float can carry, pay for a second look at the
sheet, which streams through the packed XML beside the rows.
"""

import html
import posixpath
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from zipfile import BadZipFile, ZipFile

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.number_format import (
    BUILT_IN,
    BUILT_IN_DATES,
    BUILT_IN_DURATION,
    NumberFormat,
    date_kind,
    parse_format,
)

# What reading a damaged part of an archive raises.
DAMAGED = (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)

_SMALL_PART = 16 * 1024 * 1024
_BLOCK = 1024 * 1024
_LONGEST_ROW = 64 * 1024 * 1024
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s([^>]*)>")
_NUMBER_FORMAT = re.compile(r"<(?:\w+:)?numFmt\s([^>]*)>")
_CELL_FORMATS = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_FORMAT = re.compile(r"<(?:\w+:)?xf\b([^>]*)>")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s+ref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
_ROW_START = re.compile(rb"<(?:\w+:)?row[\s/>]")
_ROW_END = re.compile(rb"</(?:\w+:)?row>")
_POSITION = re.compile(rb"""\br=["']([A-Z]+)(\d+)["']""")
_CELL = re.compile(rb"<(?:\w+:)?c(\s[^>]*|/)?>")
_TAG = re.compile(rb"<(?:\w+:)?(row|c)(\s[^>]*|/)?>")
_STYLE = re.compile(rb"""\ss=["'](\d+)["']""")
_LONG = re.compile(
    rb"<(?:\w+:)?c(\s[^>]*)>(?:<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?<(?:\w+:)?v>(-?\d{16,})</(?:\w+:)?v>"
)


@dataclass(frozen=True, slots=True)
class CellStyle:
    """How the numbers of a cell are shown; ``kind`` is "date", "duration" or "" for plain numbers."""

    format: NumberFormat
    kind: str


def _style(number: int, codes: dict[int, str]) -> CellStyle:
    if number == BUILT_IN_DURATION and number not in codes:
        return CellStyle(NumberFormat(), "duration")
    if number in BUILT_IN_DATES:
        return CellStyle(parse_format(codes.get(number, "General")), "date")
    code = codes.get(number, "General")
    return CellStyle(parse_format(code), date_kind(code))


class XlsxParts:
    """The named parts of one workbook."""

    def __init__(self, path: str) -> None:
        try:
            self._zip = ZipFile(path)
        except DAMAGED as error:
            raise ImportRefused(errors.UNREADABLE, "The workbook is damaged.") from error
        self._names = {name.lower(): name for name in self._zip.namelist()}
        self._sheet_parts = self._locate_sheets()

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()

    def _small(self, name: str) -> str:
        """Return a small part as text, "" when there is none."""
        found = self._names.get(name.lower())
        if found is None:
            return ""
        with self._zip.open(found) as part:
            return part.read(_SMALL_PART).decode("utf-8", "replace")

    def _locate_sheets(self) -> dict[str, str]:
        targets = {
            found.get("Id", ""): found.get("Target", "")
            for found in map(_attributes, _RELATION.findall(self._small("xl/_rels/workbook.xml.rels")))
        }
        parts: dict[str, str] = {}
        for found in map(_attributes, _SHEET.findall(self._small("xl/workbook.xml"))):
            target = targets.get(found.get("r:id", found.get("id", "")), "")
            full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
            if name := self._names.get(full.lower()):
                parts[found.get("name", "")] = name
        return parts

    def styles(self) -> list[CellStyle]:
        """Return the cell styles by their number."""
        text = self._small("xl/styles.xml")
        codes = dict(BUILT_IN)
        for found in map(_attributes, _NUMBER_FORMAT.findall(text)):
            if found.get("numFmtId", "").isdecimal():
                codes[int(found["numFmtId"])] = found.get("formatCode", "")
        block = _CELL_FORMATS.search(text)
        known: dict[int, CellStyle] = {}
        result: list[CellStyle] = []
        for raw in _FORMAT.findall(block[0]) if block else []:
            format_id = _attributes(raw).get("numFmtId", "0")
            number = int(format_id) if format_id.isdecimal() else 0
            if number not in known:
                known[number] = _style(number, codes)
            result.append(known[number])
        return result

    def formats(self) -> dict[int, NumberFormat]:
        """Return the cell formats whose cells look different from their plain text, by their number."""
        return {number: style.format for number, style in enumerate(self.styles()) if not style.format.plain}

    def open_sheet(self, sheet: str) -> tuple[IO[bytes], int]:
        """Return the XML of a sheet as a stream, and its declared length."""
        part = self._sheet_parts[sheet]
        return self._zip.open(part), self._zip.getinfo(part).file_size

    def open_strings(self) -> IO[bytes] | None:
        """Return the XML of the shared strings, None when the workbook has none."""
        name = self._names.get("xl/sharedstrings.xml")
        return self._zip.open(name) if name else None

    @property
    def since_1904(self) -> bool:
        """Whether days are counted from 1904, as old workbooks of one system do."""
        return (
            re.search(r"""<(?:\w+:)?workbookPr\b[^>]*\bdate1904=["'](?:1|true)""", self._small("xl/workbook.xml"))
            is not None
        )

    @property
    def worksheets(self) -> dict[str, bool]:
        """The names of the worksheets in their order, and whether each is hidden."""
        sheets = map(_attributes, _SHEET.findall(self._small("xl/workbook.xml")))
        return {
            found["name"]: found.get("state", "visible") != "visible"
            for found in sheets
            if "name" in found and "worksheets/" in self._sheet_parts.get(found["name"], "").lower()
        }

    def row_count(self, sheet: str) -> int:
        """Return about how many rows a sheet uses: from its declared size, else by counting."""
        part = self._sheet_parts.get(sheet)
        if part is None:
            return 0
        with self._zip.open(part) as stream:
            block = stream.read(8192)
            if found := _DIMENSION.search(block):
                return int(found[4]) - int(found[2]) + 1
            count, tail = 0, b""
            while block:
                data = tail + block
                starts = [match.start() for match in _ROW_START.finditer(data)]
                count += len(starts)
                tail = data[-24:]
                count -= sum(start >= len(data) - 24 for start in starts)
                block = stream.read(_BLOCK)
            return count + len(_ROW_START.findall(tail))

    def formatted_cells(self, sheet: str, formats: dict[int, NumberFormat]) -> Iterator[tuple[int, int, NumberFormat]]:
        """Yield row, column (both from 0) and format of the cells with one of the formats, from top to bottom."""
        part = self._sheet_parts.get(sheet)
        if part is None:
            return
        numbers = b"|".join(str(number).encode() for number in formats)
        pattern = re.compile(rb"<(?:\w+:)?c(\s(?:[^>]*?\s)?s=[\"'](?:" + numbers + rb")[\"'][^>]*)>")
        with self._zip.open(part) as stream:
            for row, column, attributes, _ in _cells(stream, pattern):
                if style := _STYLE.search(attributes):
                    yield row, column, formats[int(style[1])]

    def long_numbers(self, sheet: str) -> Iterator[tuple[int, int, str]]:
        """Yield row, column (both from 0) and digits of the numbers that are longer than a float can carry."""
        part = self._sheet_parts.get(sheet)
        if part is None:
            return
        with self._zip.open(part) as stream:
            for row, column, attributes, digits in _cells(stream, _LONG):
                if b' t="' not in attributes or b' t="n"' in attributes:
                    yield row, column, digits.decode("ascii")


def _attributes(raw: str) -> dict[str, str]:
    return {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(raw)}


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the XML in pieces that end with a whole row."""
    rest = b""
    while block := stream.read(_BLOCK):
        data = rest + block
        cut = data.rfind(b"row>")
        if cut < 0:
            if len(data) > _LONGEST_ROW:
                raise ImportRefused(errors.UNREADABLE, "The sheet has a row that is too long.")
            rest = data
            continue
        yield data[: cut + 4]
        rest = data[cut + 4 :]
    yield rest


def _cells(stream: IO[bytes], pattern: re.Pattern[bytes]) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Yield row, column, attributes and last group of the cells that match, from top to bottom."""
    row, counting = -1, None
    for block in _blocks(stream):
        if counting is None and (first := _CELL.search(block)):
            counting = _POSITION.search(first[1] or b"") is None
        if counting:
            yield from _uncounted(block, pattern, row)
            row += len(_ROW_START.findall(block))
            continue
        for match in pattern.finditer(block):
            if place := _POSITION.search(match[1]):
                yield int(place[2]) - 1, column_number(place[1]), match[1], match[match.lastindex or 1]


def _uncounted(block: bytes, pattern: re.Pattern[bytes], row: int) -> Iterator[tuple[int, int, bytes, bytes]]:
    """The same for writers that leave out cell positions, which then follow from counting."""
    column = -1
    for tag in _TAG.finditer(block):
        attributes = tag[2] or b""
        if tag[1] == b"row":
            declared = re.search(rb"""\br=["'](\d+)["']""", attributes)
            row = int(declared[1]) - 1 if declared else row + 1
            column = -1
            continue
        place = _POSITION.search(attributes)
        column = column_number(place[1]) if place else column + 1
        if match := pattern.match(block, tag.start()):
            yield row, column, match[1], match[match.lastindex or 1]


def column_number(letters: bytes) -> int:
    """Return the number of a column, A being 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
