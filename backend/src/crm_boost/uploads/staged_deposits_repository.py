"""The staging file of deposits: its rows, and what becomes of each. Blocking; called in threads.

A row has the verdicts that the file of the rows left out is made from: `ok` is booked, everything else is in that file.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import orjson

from crm_boost.deposits.importing_rows import DUPLICATE, OK, POSSIBLE_DUPLICATE, Row
from crm_boost.uploads.staged_rows import NOT_STORED

_TAKEN = "dup_product"
assert _TAKEN in NOT_STORED


def read_rows(staging: Path) -> list[tuple[int, list[str]]]:
    """Return the number and the cells of every row of the file."""
    with closing(sqlite3.connect(staging)) as connection:
        found = connection.execute("SELECT row_number, row_data FROM rows ORDER BY row_number")
        return [(number, orjson.loads(data)) for number, data in found]


def write_verdicts(staging: Path, rows: Iterable[Row], duplicates: Iterable[int]) -> None:
    """Note what becomes of each row: rejected with its faults, blank, left out as a possible duplicate, or booked."""
    left_out = set(duplicates)
    verdicts = []
    for row in rows:
        verdict: tuple[str, str | None, str | None] = (OK, None, None)
        if row.booking is None:
            verdict = ("blank" if row.is_blank else "rejected", " ".join(row.faults) or None, None)
        elif row.number in left_out:
            verdict = (DUPLICATE, POSSIBLE_DUPLICATE, _TAKEN)
        verdicts.append((*verdict, row.number))
    with closing(sqlite3.connect(staging)) as connection, connection:
        connection.executemany("UPDATE rows SET verdict = ?, reason = ?, taken = ? WHERE row_number = ?", verdicts)
