"""Rows of an XLSX sheet, streamed from the packed XML (spec 2.2).

Nearly all rows of a real list are written alike: the same columns, styles and kinds of cells, some of them left
out. The first rows show that shape; a pattern made of it then takes whole rows at once, column by column, several times faster than cell
after cell and with the memory of a few rows. Rows of another shape are read cell by cell. A sheet that is written in
an unusual way raises UnusualSheet, and ``parse_workbook`` reads it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.source import (
    CHUNK_ROWS,
    MergedRange,
    Row,
    RowSource,
    SheetInfo,
    UnusualSheet,
    choose_sheet,
)
from crm_boost.databases.imports.xlsx_cells import CellReader, shared_strings
from crm_boost.databases.imports.xlsx_parts import DAMAGED, XlsxParts, column_number

_BLOCK = 512 * 1024
_LONGEST_ROW = 32 * 1024 * 1024
_LAST_ROW = 1_048_576
_SAMPLE_ROWS = 400
# Below this share of rows of the commonest shape the general reader is faster.
_ALIKE = 0.6
_CELL = re.compile(r"<c( [^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_ROW = re.compile(r"<row( [^>]*?)?(?:/>|>(.*?)</row>)", re.DOTALL)
_PLACE = re.compile(r' r="([A-Z]+)(\d+)"')
_NUMBER = re.compile(r' r="(\d+)"')
_VALUE = re.compile(r"(?:<f\b[^>]*(?:/>|>[^<]*</f>))?<v(?: [^>]*)?>([^<]*)</v>$")
_INLINE = re.compile(r"<is><t(?: [^>]*)?>([^<]*)</t></is>$")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"[^>]*>')
_DIMENSION = re.compile(r'<dimension ref="[A-Z]+(\d+):[A-Z]+(\d+)"')


class XlsxSource(RowSource):
    """One sheet of an XLSX workbook; without ``sheet`` the first visible one that has a table."""

    def __init__(self, path: Path, sheet: str | None = None) -> None:
        self._parts = XlsxParts(str(path))
        self._counts: dict[str, int] = {}
        try:
            self._hidden = self._parts.worksheets
            self.sheet = choose_sheet(self._hidden, sheet, self._count)
        except DAMAGED as error:
            raise ImportRefused(errors.UNREADABLE, "The workbook is damaged.") from error
        self._merged: list[MergedRange] | None = None
        self._first_column = 0
        self._row_count = 0
        self._cells: CellReader | None = None

    def close(self) -> None:
        self._parts.close()

    @property
    def sheets(self) -> list[SheetInfo]:
        return [SheetInfo(name, self._count(name), hidden) for name, hidden in self._hidden.items()]

    @property
    def merged(self) -> Sequence[MergedRange]:
        """Merged areas stand behind the rows, so this goes through the whole sheet once."""
        if self._merged is None:
            stream, _ = self._parts.open_sheet(self.sheet or "")
            areas, rest = [], b""
            with stream:
                while block := stream.read(_BLOCK):
                    data = rest + block
                    areas += _MERGED.findall(data)
                    # A match that the end of the block cuts in two is found with the next one, and only there.
                    at = data.rfind(b"<mergeCell ")
                    rest = data[at:] if at >= 0 and b">" not in data[at:] else data[-12:].rpartition(b">")[2]
            self._merged = [
                (
                    int(top) - 1,
                    int(bottom) - 1,
                    column_number(left) - self._first_column,
                    column_number(right) - self._first_column,
                )
                for left, top, right, bottom in sorted(areas, key=lambda area: (int(area[1]), column_number(area[0])))
                if column_number(left) >= self._first_column
            ]
        return self._merged

    def _count(self, name: str) -> int:
        if name not in self._counts:
            self._counts[name] = self._parts.row_count(name)
        return self._counts[name]

    def chunks(self) -> Iterator[list[Row]]:
        try:
            yield from self._chunks()
        except DAMAGED as error:
            raise ImportRefused(errors.UNREADABLE, "The workbook is damaged.") from error

    def _chunks(self) -> Iterator[list[Row]]:
        strings = self._parts.open_strings()
        self._cells = CellReader(
            shared_strings(strings) if strings else [], self._parts.styles(), self._parts.since_1904
        )
        stream, length = self._parts.open_sheet(self.sheet or "")
        with stream:
            blocks = _row_blocks(stream)
            head = next(blocks)
            self._estimate(head, length)
            shape = _Shape(head, self._cells)
            rows: list[Row] = []
            first = True
            for block in _chain(head, blocks):
                for number, run in shape.runs(block):
                    if not self._row_count + 1 <= number <= _LAST_ROW:
                        raise UnusualSheet
                    rows.extend([] for _ in range(number - self._row_count - 1))
                    rows += run
                    self._row_count = number + len(run) - 1
                if first and rows:
                    self._first_column = min(_leading(row) for row in rows if row)
                    first = False
                whole = len(rows) // CHUNK_ROWS * CHUNK_ROWS
                for at in range(0, whole, CHUNK_ROWS):
                    yield self._shifted(rows[at : at + CHUNK_ROWS])
                rows = rows[whole:]
            if rows:
                yield self._shifted(rows)
        self._counts[self.sheet or ""] = self._row_count
        self.total_rows = self._row_count

    def _shifted(self, rows: list[Row]) -> list[Row]:
        """Leave out the unused columns on the left; what a later row has there stands behind its other cells."""
        skip = self._first_column
        if not skip:
            return rows
        return [row[skip:] + row[:skip] if any(row[:skip]) else row[skip:] for row in rows]

    def _estimate(self, head: str, length: int) -> None:
        """How many rows there will be: as declared, else as many as fit into the length of the XML."""
        if found := _DIMENSION.search(head):
            self.total_rows = int(found[2])
        else:
            self.total_rows = round(head.count("<row") * length / max(len(head), 1))


def _leading(row: Row) -> int:
    return next((at for at, cell in enumerate(row) if cell), len(row))


def _chain(head: str, blocks: Iterator[str]) -> Iterator[str]:
    yield head
    yield from blocks


def _row_blocks(stream: IO[bytes]) -> Iterator[str]:
    """Yield the XML as texts that end with a whole row; the last one is what follows the rows."""
    rest = b""
    first = True
    while block := stream.read(_BLOCK):
        data = rest + block
        cut = data.rfind(b"</row>")
        if cut < 0:
            if len(data) > _LONGEST_ROW:
                raise UnusualSheet
            rest = data
            continue
        yield _text(data[: cut + 6], first)
        first = False
        rest = data[cut + 6 :]
    yield _text(rest, first)


def _text(data: bytes, first: bool) -> str:
    if first and b"<sheetData" not in data:
        raise UnusualSheet
    if b"<!" in data:
        raise UnusualSheet
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise UnusualSheet from error
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


@dataclass(frozen=True, slots=True)
class _Column:
    """How the cells of one column are written: place, attributes and kind ("v", "f", "is"; "" when always empty)."""

    number: int
    attributes: str
    kind: str
    blank: str | None
    """The attributes of its empty cells, where there are any."""
    optional: bool

    @property
    def pattern(self) -> str:
        """The pattern of the cell, with one group for what it holds; a column that is always empty has none."""
        written = [_cell_pattern(self.attributes, self.kind)] if self.kind else []
        if self.blank is not None:
            written.append(_cell_pattern(self.blank, ""))
        return f"(?:{'|'.join(written)}){'?' if self.optional else ''}"

    def covers(self, attributes: str, kind: str) -> bool:
        """Whether a cell written like this matches the pattern."""
        return (attributes, kind) == (self.attributes, self.kind) if kind else attributes == self.blank


class _Shape:
    """The common shape of the first rows as a pattern, and how to turn its columns into texts.

    A column is written in its commonest way; where some rows leave it out, it is optional.
    """

    def __init__(self, head: str, cells: CellReader) -> None:
        self._cells = cells
        shapes: Counter[tuple[tuple[int, str, str], ...]] = Counter()
        total = 0
        for match in _ROW.finditer(head):
            if total == _SAMPLE_ROWS:
                break
            if match[2] and (shape := _shape_of(match[2])):
                shapes[shape] += 1
                total += 1
        self._columns: list[_Column] = []
        self._pattern = _ROW
        if not shapes:
            return
        columns = _columns_of(shapes, total)
        alike = sum(
            count
            for shape, count in shapes.items()
            if all(columns[number].covers(attributes, kind) for number, attributes, kind in shape)
        )
        # A few rows are read as they are; only of many does the shape matter.
        if total >= _SAMPLE_ROWS and alike < total * _ALIKE:
            raise UnusualSheet
        self._columns = [column for column in columns.values() if column.kind]
        body = "".join(column.pattern for column in columns.values())
        self._pattern = re.compile(rf'<row r="(\d+)"[^>]*>{body}</row>|(<row(?: [^>]*)?(?:/>|>.*?</row>))', re.DOTALL)
        self._width = max((column.number for column in self._columns), default=-1) + 1

    def runs(self, block: str) -> Iterator[tuple[int, list[Row]]]:
        """Yield the rows of a block that are not blank, in runs without gaps, each with its first number (from 1)."""
        if not self._columns:
            for match in _ROW.finditer(block):
                number, row = self._single(match[0])
                if any(row):
                    yield number, [row]
            return
        found: list[tuple[str, ...]] = self._pattern.findall(block)
        if len(found) != block.count("<row") and len(found) != block.count("<row ") + block.count("<row>"):
            raise UnusualSheet
        alike = [row for row in found if row[0]]
        ready = self._together(alike, block) if alike else []
        if len(alike) == len(found) and ready:
            first = int(alike[0][0])
            numbers = [row[0] for row in alike]
            if numbers == [str(number) for number in range(first, first + len(alike))] and all(map(any, ready)):
                yield first, ready
                return
        following = iter(ready)
        for found_row in found:
            number, row = (int(found_row[0]), next(following)) if found_row[0] else self._single(found_row[-1])
            if any(row):
                yield number, [row]

    def _together(self, found: list[tuple[str, ...]], block: str) -> list[Row]:
        """Turn rows of the common shape into texts, a column at a time."""
        columns = list(zip(*found, strict=True))
        texts: list[Sequence[str]] = [("",) * len(found)] * self._width
        escaped = "&" in block or "_x" in block
        for raw, column in zip(columns[1:-1], self._columns, strict=True):
            texts[column.number] = self._cells.column(
                raw, column.attributes, column.kind, escaped=escaped, optional=column.optional
            )
        return list(map(list, zip(*texts, strict=True)))

    def _single(self, row: str) -> tuple[int, Row]:
        """Read one row cell by cell."""
        match = _ROW.match(row)
        number = _NUMBER.search(match[1] or "") if match else None
        if match is None or number is None:
            raise UnusualSheet
        cells: Row = []
        body = match[2] or ""
        count = 0
        for attributes, content in _CELL.findall(body):
            count += 1
            place = _PLACE.search(attributes)
            if place is None:
                raise UnusualSheet
            column = column_number(place[1].encode())
            if column < len(cells):
                raise UnusualSheet
            if text := self._cells.single(attributes, content):
                cells += [""] * (column - len(cells))
                cells.append(text)
        if count != body.count("<c ") + body.count("<c>"):
            raise UnusualSheet
        return int(number[1]), cells


def _shape_of(body: str) -> tuple[tuple[int, str, str], ...] | None:
    """Return column, attributes without the place, and kind ("v", "f", "is" or "") of each cell of a row."""
    shape: list[tuple[int, str, str]] = []
    for attributes, content in _CELL.findall(body):
        place = _PLACE.search(attributes)
        if place is None:
            raise UnusualSheet
        kind = ""
        if content:
            if _INLINE.match(content):
                kind = "is"
            elif _VALUE.match(content):
                kind = "f" if content.startswith("<f") else "v"
            else:
                return None
        shape.append((column_number(place[1].encode()), attributes, kind))
    columns = [column for column, *_ in shape]
    if columns != sorted(set(columns)):
        raise UnusualSheet
    return tuple((column, _PLACE.sub(' r="\\1#"', attributes), kind) for column, attributes, kind in shape)


def _columns_of(shapes: Counter[tuple[tuple[int, str, str], ...]], total: int) -> dict[int, _Column]:
    """Return the columns of `total` rows of these shapes, from left to right."""
    filled: defaultdict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    blank: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for shape, count in shapes.items():
        for number, attributes, kind in shape:
            if kind:
                filled[number][attributes, kind] += count
            else:
                blank[number][attributes] += count
    columns: dict[int, _Column] = {}
    for number in sorted({*filled, *blank}):
        (attributes, kind), always = filled[number].most_common(1)[0] if number in filled else (("", ""), 0)
        empty = blank[number].most_common(1)[0][0] if number in blank else None
        columns[number] = _Column(number, attributes, kind, empty, always < total)
    return columns


def _cell_pattern(attributes: str, kind: str) -> str:
    """Return the pattern of one cell, with one group for what it holds; an empty cell has none."""
    opening = "<c" + re.escape(attributes).replace(r"\#", r"\d+").replace("#", r"\d+")
    match kind:
        case "v":
            return opening + r"><v(?: [^>]*)?>([^<]*)</v></c>"
        case "f":
            return opening + r"><f\b[^>]*(?:/>|>[^<]*</f>)<v(?: [^>]*)?>([^<]*)</v></c>"
        case "is":
            return opening + r"><is><t(?: [^>]*)?>([^<]*)</t></is></c>"
    return opening + r"(?:/>|></c>)"
