"""The file of the rows that were not stored, made from the staging file (spec 2.2).

All rows that did not become records, in the order of the file, with the columns of the file and two more behind
them: the row's number and the reason in words a person can act on. Corrected and uploaded again it imports like any
other file: the two columns are recognised and dropped (``table.REJECTED_COLUMNS``).
"""

import csv
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Literal

import orjson
import xlsxwriter

from crm_boost.databases.imports.formula_guard import guard_cell, needs_guard_in_workbook
from crm_boost.databases.imports.source import Row
from crm_boost.databases.imports.table import REJECTED_COLUMNS, SURPLUS_COLUMN

RejectedFormat = Literal["xlsx", "csv"]
# What XLSX allows.
_LONGEST_CELL = 32_767
_LAST_ROW = 1_048_575
_BATCH = 2000

REASONS = {
    "blank": "The row is blank.",
    "no_identity": "The row has no username.",
    "identity_too_long": "The username is too long.",
    "row_too_wide": "The row has more cells than the header.",
    "dup_file": "An earlier row of the file has the same username.",
    "dup_product": "A database of the same product already has this username.",
    "reserved": "The customer is reserved.",
}


def not_stored(verdicts: frozenset[str]) -> str:
    """Return the SQL condition for the rows of the staging file that were not stored.

    ``verdicts`` are the values of ``taken`` for which the row was left out by the person's choice, a subset of
    {"dup_product", "reserved"}; rows with another verdict than ok and dup_file never are stored.
    """
    skipped = [f"taken = '{name}'" for name in ("dup_product", "reserved") if name in verdicts]
    duplicates = ["verdict = 'dup_file'"] if "dup_file" in verdicts else []
    return " OR ".join(["verdict IN ('blank', 'rejected')", *duplicates, *skipped])


def write_rejected(
    staging_path: Path,
    target: Path,
    file_format: RejectedFormat,
    skipped: frozenset[str],
    words: Mapping[str, str] = REASONS,
) -> int:
    """Write the file of the rows that were not stored and return how many they are.

    ``skipped`` names what the person chose to leave out: of {"dup_file", "dup_product", "reserved"}. ``words``: the
    sentence of each reason; a row may have several, parted by spaces. Streams; runs outside the event loop.
    """
    with closing(sqlite3.connect(f"{staging_path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        columns: list[str] = orjson.loads(db.execute("SELECT value FROM meta WHERE key = 'columns'").fetchone()[0])
        condition = not_stored(skipped)
        widest = db.execute(f"SELECT MAX(json_array_length(row_data)) FROM rows WHERE {condition}").fetchone()[0]  # noqa: S608
        # Rows with too many cells keep all of them; the surplus stands in columns of its own.
        surplus = [f"{SURPLUS_COLUMN} {number}" for number in range(1, (widest or 0) - len(columns) + 1)]
        header = [*columns, *surplus, *REJECTED_COLUMNS]
        rows = _rows(db, condition, len(header), words)
        return _write_csv(target, header, rows) if file_format == "csv" else _write_xlsx(target, header, rows)


def _rows(db: sqlite3.Connection, condition: str, width: int, words: Mapping[str, str]) -> Iterator[Row]:
    cursor = db.execute(
        f"SELECT row_number, row_data, verdict, reason, taken FROM rows WHERE {condition} ORDER BY row_number"  # noqa: S608
    )
    while batch := cursor.fetchmany(_BATCH):
        for number, data, verdict, reason, taken in batch:
            cells: Row = orjson.loads(data)
            code = reason or (verdict if verdict != "ok" else taken)
            reasons = " ".join(words.get(one, one) for one in code.split())
            yield [*cells, *[""] * (width - 2 - len(cells)), str(number), reasons]


def _write_csv(target: Path, header: Row, rows: Iterator[Row]) -> int:
    """CSV with a mark that spreadsheet programs take for UTF-8, and no cell that they would run."""
    count = 0
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        # With quotes around every cell nothing has to be guessed when the file comes back.
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow([guard_cell(cell) for cell in header])
        for count, row in enumerate(rows, 1):  # noqa: B007
            writer.writerow([guard_cell(cell) for cell in row])
    return count


def _write_xlsx(target: Path, header: Row, rows: Iterator[Row]) -> int:
    """XLSX with nothing but text, written row by row."""
    count = 0
    book = xlsxwriter.Workbook(str(target), {"constant_memory": True, "in_memory": False})
    try:
        sheet = book.add_worksheet("Rejected")
        for column, name in enumerate(header):
            sheet.write_string(0, column, name)
        for count, row in enumerate(rows, 1):
            if count > _LAST_ROW:
                raise ValueError("too many rows for a workbook")
            for column, cell in enumerate(row):
                if cell:
                    text = guard_cell(cell) if needs_guard_in_workbook(cell) else cell
                    sheet.write_string(count, column, text[:_LONGEST_CELL])
    finally:
        book.close()
    return count
