"""Where the table of a sheet begins and what its columns are called (spec 2.2)."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.detect import is_header_word
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.source import MergedRange, Row

# The columns that the file of rejected rows carries behind those of the customer's file.
REJECTED_COLUMNS = ("import_row", "import_reason")
# Between them and the customer's columns: cells that had no column.
SURPLUS_COLUMN = "Surplus"
_SEARCHED_ROWS = 30
_MAXIMUM_NAME = 200


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table: its first row (from 1; 0 when the table has none), where data begins, the names.

    ``rejected_file`` says that this is a file of rejected rows; behind its columns it has ``surplus`` ones for cells
    without a column, then REJECTED_COLUMNS.
    """

    row: int
    data_from: int
    columns: list[str]
    rejected_file: bool = False
    surplus: int = 0


def is_blank(row: Sequence[str]) -> bool:
    """Whether no cell of the row has anything visible."""
    return not any(cell and not cell.isspace() for cell in row)


def find_header(
    rows: Sequence[Row],
    chosen: int | None,
    merged: Callable[[], Sequence[MergedRange]],
    rectangular: bool,
    max_columns: int,
) -> Header:
    """Return the header among the first rows of a sheet.

    ``chosen`` is a row number from 1, 0 for a table without header, None to find it: the first row that is filled
    like the rows below it, so that titles above are passed over. Merged header cells name every column they cover;
    ``merged`` is asked only when the header has gaps, because the answer may cost a second look at the sheet.
    """
    if all(is_blank(row) for row in rows):
        raise ImportRefused(errors.EMPTY_FILE, "The file has no rows.")
    if chosen is not None and not 0 <= chosen <= len(rows):
        raise ImportRefused(errors.BAD_HEADER_ROW, f"The header row must be within 0..{len(rows)}.", "header_row")
    at = _find(rows) if chosen is None else chosen - 1
    if at < 0:
        names, below = [""] * max(len(row) for row in rows[:_SEARCHED_ROWS]), 0
    else:
        if is_blank(rows[at]):
            raise ImportRefused(errors.BAD_HEADER_ROW, f"Row {at + 1} is blank.", "header_row")
        names, below = _names(rows, at, merged() if _has_gaps(rows, at) else ())
    while names and not names[-1]:
        names.pop()
    sample = [row for row in rows[at + 1 + below : at + 1 + below + 200] if not is_blank(row)]
    width = max(len(names), _used_width(sample, rectangular, len(names)))
    if width > max_columns:
        message = f"The table has {width:,} columns; at most {max_columns:,} are allowed."
        raise ImportRefused(errors.TOO_MANY_COLUMNS, message)
    names += [""] * (width - len(names))
    if tuple(name.casefold() for name in names[-2:]) != REJECTED_COLUMNS or width < 3:
        return Header(at + 1, at + 1 + below, unique_names(names))
    names, surplus = names[:-2], 0
    while len(names) > 1 and re.fullmatch(rf"{SURPLUS_COLUMN} \d+", names[-1]):
        names, surplus = names[:-1], surplus + 1
    return Header(at + 1, at + 1 + below, unique_names(names), rejected_file=True, surplus=surplus)


def unique_names(names: Sequence[str]) -> list[str]:
    """Return the names without repeats: "Phone", "Phone (2)"; an empty one is "Column 5" by its place."""
    taken = {name.casefold() for name in names if name}
    used: set[str] = set()
    result: list[str] = []
    for number, given in enumerate(names, 1):
        name = given or f"Column {number}"
        candidate, again = name, 2
        while candidate.casefold() in used or (candidate != given and candidate.casefold() in taken):
            candidate, again = f"{name} ({again})", again + 1
        used.add(candidate.casefold())
        result.append(candidate)
    return result


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell and not cell.isspace()) for cell in row)


def _find(rows: Sequence[Row]) -> int:
    """Return the index of the header row."""
    start = next(at for at, row in enumerate(rows) if not is_blank(row))
    window = rows[start : start + _SEARCHED_ROWS * 4]
    filled = [(at, count) for at, row in enumerate(window, start) if (count := _filled(row))]
    # How many cells a row of this table usually has; the longest run of rows decides, titles are few.
    usual = Counter(count for _, count in filled).most_common(1)[0][0]
    for at, count in filled[:_SEARCHED_ROWS]:
        words = sum(is_header_word(cell) for cell in rows[at])
        if words >= 2 or (words == 1 and (count > 1 or usual == 1)):
            return at
    if usual == 1:
        return start
    return next((at for at, count in filled[:_SEARCHED_ROWS] if count > 1 and count >= usual * 0.6), start)


def _has_gaps(rows: Sequence[Row], at: int) -> bool:
    """Whether a cell of the header, or of the row below it, is blank, as merged cells leave them."""
    width = max(len(row) for row in rows[at : at + 2])
    return any(_filled(row) < width for row in rows[at : at + 2])


def _names(rows: Sequence[Row], at: int, merged: Sequence[MergedRange]) -> tuple[list[str], int]:
    """Return the names of the columns and how many further rows the header takes."""
    touching = [area for area in merged if area[0] <= at <= area[1]]
    # A header cell merged downwards says that the header has several rows.
    below = max((bottom - at for top, bottom, *_ in touching if top == at), default=0)
    below = min(below, 3, len(rows) - at - 1)
    lines = [list(row) for row in rows[at : at + below + 1]]
    width = max(len(line) for line in lines)
    for top, bottom, left, right in merged:
        if top < at or top > at + below or left >= width:
            continue
        text = lines[top - at][left] if left < len(lines[top - at]) else ""
        # Downwards the name is not repeated, sideways every column gets it.
        for column in range(left, right + 1):
            line = lines[top - at]
            line += [""] * (column + 1 - len(line))
            line[column] = text
        del bottom
    width = max(len(line) for line in lines)
    names = []
    for column in range(width):
        parts = [" ".join(line[column].split()) for line in lines if column < len(line)]
        names.append(" ".join(dict.fromkeys(part for part in parts if part))[:_MAXIMUM_NAME].strip())
    return names, below


def _used_width(sample: Sequence[Row], rectangular: bool, named: int) -> int:
    """Return how many columns the data uses beyond the named ones.

    In a workbook a value to the right of the header is a column without a name. In a text file one row with too
    many cells is a broken row; only when half of the rows have them is it a column.
    """
    beyond = [
        max((at for at, cell in enumerate(row, 1) if cell and not cell.isspace()), default=0)
        for row in sample
        if len(row) > named
    ]
    beyond = [width for width in beyond if width > named]
    if not beyond or (not rectangular and len(beyond) * 2 <= len(sample)):
        return named
    return max(beyond) if rectangular else Counter(beyond).most_common(1)[0][0]
