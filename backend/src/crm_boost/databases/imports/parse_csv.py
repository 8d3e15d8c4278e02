"""Rows of a delimited text file, streamed; text stays text (spec 2.2)."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.encoding import TextForm, detect_encoding, refuse_binary
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.source import CHUNK_ROWS, Row, RowSource, SheetInfo

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_CHARS = 256 * 1024
_SAMPLE_ROWS = 200
# "sep=;" on the first line is how spreadsheet programs are told the delimiter.
_DECLARED = re.compile(r"^sep=(.)\r?\n?$", re.IGNORECASE)


class CsvSource(RowSource):
    """The rows of a CSV, TSV or similar file, whatever its encoding, delimiter and quote."""

    rectangular = False
    costly = False

    def __init__(self, path: Path, max_cell_chars: int) -> None:
        self._path = path
        self._form: TextForm = detect_encoding(path)
        with self._open() as file:
            sample = file.read(_SAMPLE_CHARS)
        refuse_binary(sample)
        if not sample.strip("\ufeff\r\n\t ,;|\x1a"):
            raise ImportRefused(errors.EMPTY_FILE, "The file is empty.")
        self._declared = _DECLARED.match(sample.split("\n", 1)[0] + "\n")
        complete = len(sample) < _SAMPLE_CHARS
        self.delimiter, self.quote = (
            (self._declared[1], '"') if self._declared else sniff(sample if complete else _whole_lines(sample))
        )
        self.total_rows = self._form.lines or None
        csv.field_size_limit(max_cell_chars)
        self._max_cell_chars = max_cell_chars

    @property
    def encoding(self) -> str:
        """The encoding the text was read in."""
        return self._form.encoding

    @property
    def sheets(self) -> list[SheetInfo]:
        return []

    def close(self) -> None:
        """Nothing stays open between reads."""

    def _open(self) -> TextIO:
        return self._path.open(encoding=self._form.encoding, errors=self._form.errors, newline="")

    def chunks(self) -> Iterator[list[Row]]:
        with self._open() as file:
            if self._declared:
                file.readline()
            reader = csv.reader(file, delimiter=self.delimiter, quotechar=self.quote)
            number, line = 0, 0
            last: Row = []
            try:
                while True:
                    reached = reader.line_num
                    if not (chunk := list(islice(reader, CHUNK_ROWS))):
                        break
                    number, line, last = number + len(chunk), reached, chunk[-1]
                    # The end mark of an old editor is no row.
                    yield chunk[:-1] if last == ["\x1a"] else chunk
            except csv.Error as error:
                raise self._unreadable(number, error) from error
        # Only a cell with a line end inside can have swallowed rows.
        if any("\n" in cell or "\r" in cell for cell in last):
            self._refuse_open_quote(line)

    def _unreadable(self, number: int, error: csv.Error) -> ImportRefused:
        if "field limit" in str(error):
            return ImportRefused(
                errors.CELL_TOO_LONG,
                f"A cell after row {number} is longer than {self._max_cell_chars:,} characters. "
                "Often a quotation mark is opened and never closed there.",
            )
        return ImportRefused(errors.UNREADABLE, f"The table cannot be read after row {number}: {error}.")

    def _refuse_open_quote(self, line: int) -> None:
        """Refuse a file that ends inside a quoted cell, which would have swallowed all rows up to the end.

        Only the last chunk is read again, and only when a strict reader finds the end unexpected does it matter.
        """
        with self._open() as file:
            for _ in range(line + (1 if self._declared else 0)):
                file.readline()
            number = 0
            reader = csv.reader(file, delimiter=self.delimiter, quotechar=self.quote, strict=True)
            try:
                for _ in reader:
                    number += 1
            except csv.Error as error:
                if "unexpected end of data" not in str(error):
                    return
                message = "A quotation mark near the end of the file is opened and never closed."
                raise ImportRefused(errors.UNREADABLE, message) from error


def _whole_lines(sample: str) -> str:
    """Cut a sample after its last line end, so that no row is half."""
    cut = max(sample.rfind("\n"), sample.rfind("\r"))
    return sample[: cut + 1] if cut > 0 else sample


def sniff(sample: str) -> tuple[str, str]:
    """Return the delimiter and the quote of a text table.

    Each candidate reads the sample as the real reader would, so quoted line ends and quoted delimiters count for
    nothing; the one that gives most rows the same number of cells, more than one, wins. One column: a comma.
    """
    best, best_score = (",", '"'), 0.0
    for quote in ('"', "'"):
        if quote == "'" and not _quotes_cells(sample):
            continue
        for delimiter in DELIMITERS:
            score = _score(sample, delimiter, quote)
            if score > best_score + 1e-9:
                best, best_score = (delimiter, quote), score
    return best


def _quotes_cells(sample: str) -> bool:
    """Whether apostrophes stand around cells in every row, not inside words or in front of numbers."""
    if re.search(r'(?:^|[,;\t|])"', sample, re.MULTILINE):
        return False
    opened = len(re.findall(r"(?:^|[,;\t|])'", sample, re.MULTILINE))
    closed = len(re.findall(r"'(?:$|[,;\t|\r])", sample, re.MULTILINE))
    rows = sample.count("\n") or sample.count("\r")
    return opened >= max(2, rows) and closed >= opened * 0.9 and opened >= closed * 0.9


def _score(sample: str, delimiter: str, quote: str) -> float:
    lines = sample.splitlines(keepends=True)
    try:
        rows = list(islice(csv.reader(lines, delimiter=delimiter, quotechar=quote), _SAMPLE_ROWS))
    except csv.Error:
        return 0.0
    widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    if not widths:
        return 0.0
    total = sum(widths.values())
    width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
    # Half of the rows at least must agree, else the delimiter only occurs in the texts of a single column.
    if width == 1 or count * 2 < total:
        return 0.0
    header = next(len(row) for row in rows if any(cell.strip() for cell in row))
    # Cells with a quote inside, or a delimiter left over, are signs of the wrong reading.
    wrong = sum(cell.count(quote) % 2 for row in rows for cell in row) / (total * width)
    return count / total * (1 + min(width, 20) / 100) * (1 - min(wrong, 0.5)) * (1.0 if header == width else 0.5)
