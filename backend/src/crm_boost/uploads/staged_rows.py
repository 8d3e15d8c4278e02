"""Working with a staging file after the parser is done: what is taken, the final verdict of every row, and the order in
which rows are stored.

All functions block and are called in threads. SQL here speaks to the disposable staging file only. Nothing is held in
memory per row but the order (8 bytes): the customers of the file are sorted once, into a table beside the rows, and read
from it in chunks.
"""

import random
import sqlite3
import sys
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

NOT_STORED = frozenset({"dup_file", "dup_product", "reserved"})
"""Verdicts, beside blank and rejected, of rows that `decide` leaves out."""

MAPPED = 1 << 31
"""Up to which size a staging file is read where the system keeps it anyway: its rows are read at random (ADR 64)."""

RESERVED_KEPT = "reserved_kept"
"""What `taken` says of a row that is stored although its customer is reserved."""

# One entry per row with an identity that could be stored; `fresh` is 0 for later rows of the same customer.
_CREATE_KEYED = """
    CREATE TABLE keyed (customer_key TEXT NOT NULL, row_number INTEGER NOT NULL, fresh INTEGER NOT NULL,
                        PRIMARY KEY (customer_key, row_number)) WITHOUT ROWID
"""
_FILL_KEYED = """
    INSERT INTO keyed SELECT customer_key, row_number, verdict = 'ok' FROM rows
    WHERE verdict IN ('ok', 'dup_file') ORDER BY customer_key, row_number
"""
_CREATE_MARKS = """
    CREATE TABLE marks (row_number INTEGER PRIMARY KEY, duplicate INTEGER NOT NULL, reserved INTEGER NOT NULL)
"""

# Found by the index of these, without reading the file.
_LEFT_OUT = "CREATE TABLE temp.left_out AS SELECT row_number, verdict FROM rows WHERE verdict <> 'ok'"
# Which row comes to which place, all orders being equally likely; as one text, eight digits a row, for the sake of speed.
_SHUFFLED = """
    SELECT coalesce(group_concat(printf('%08x', row_number), ''), '') FROM (
        SELECT row_number FROM keyed WHERE row_number NOT IN (SELECT row_number FROM left_out) ORDER BY random()
    )
"""

_MARK = """
    INSERT INTO marks SELECT row_number, customer_key IN (SELECT value FROM json_each(:duplicates)),
                             customer_key IN (SELECT value FROM json_each(:reserved))
    FROM keyed WHERE customer_key IN (SELECT value FROM json_each(:duplicates) UNION SELECT value FROM json_each(:reserved))
"""
_COUNT_FRESH = (
    "SELECT coalesce(sum(fresh), 0) FROM keyed WHERE customer_key IN (SELECT value FROM json_each(:duplicates))"
)
_COUNT_RESERVED = """
    SELECT customer_key, count(*), sum(fresh) FROM keyed
    WHERE customer_key IN (SELECT value FROM json_each(:reserved)) GROUP BY customer_key
"""


class Reserved(NamedTuple):
    """How many rows of the file a reserved customer has. `fresh` (1 or 0): one of them is no duplicate in the file."""

    customer_key: str
    rows: int
    fresh: int


class Decided(NamedTuple):
    """How the rows of the file fall apart; the numbers of those to be stored by the places that they come to, and the
    places of all by their numbers (0: not stored). Both begin with 1: place or row `n` is at `n - 1`."""

    counts: dict[str, int]
    row_numbers: "array[int]"
    places: "array[int]"


class Marked(NamedTuple):
    """What was marked: how many rows are duplicates of stored records, and no duplicates in the file besides; and the
    reserved customers."""

    duplicates: int
    reserved: list[Reserved]


@contextmanager
def _open(staging: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(staging, isolation_level=None)) as connection:
        # The file can be made again from the upload: what matters is speed.
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-16384")
        connection.execute(f"PRAGMA mmap_size={MAPPED}")
        yield connection


def sort_keys(staging: Path) -> int:
    """Make the rows readable by customer, unless they are already, and forget all marks; return how many customers
    they have."""
    with _open(staging) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'keyed'").fetchone()
        connection.execute("BEGIN")
        for statement in () if known else (_CREATE_KEYED, _FILL_KEYED, _CREATE_MARKS):
            connection.execute(statement)
        connection.execute("DELETE FROM marks")
        connection.execute("COMMIT")
        count: int = connection.execute("SELECT count(DISTINCT customer_key) FROM keyed").fetchone()[0]
    return count


def customers(staging: Path, after: str, size: int) -> list[str]:
    """Return the next `size` customers in order, each once (look-ups then touch each index page once).

    As one text: handing 100,000 rows to the interpreter one by one takes longer than looking the customers up.
    """
    with _open(staging) as connection:
        (found,) = connection.execute(
            "SELECT json_group_array(customer_key) FROM (SELECT DISTINCT customer_key FROM keyed"
            " WHERE customer_key > ? ORDER BY customer_key LIMIT ?)",
            (after, size),
        ).fetchone()
    keys: list[str] = orjson.loads(found)
    return keys


def mark(staging: Path, duplicates: Iterable[str], reserved: Iterable[str]) -> Marked:
    """Mark the rows of customers whom the product has already, who are reserved, or both.

    No row passes through the interpreter: where all of a file is known already, that would hold up every request.
    """
    given = {
        name: orjson.dumps(list(keys)).decode() for name, keys in (("duplicates", duplicates), ("reserved", reserved))
    }
    with _open(staging) as connection:
        connection.execute("BEGIN")
        connection.execute(_MARK, given)
        (fresh,) = connection.execute(_COUNT_FRESH, given).fetchone()
        owned = [Reserved._make(row) for row in connection.execute(_COUNT_RESERVED, given)]
        connection.execute("COMMIT")
    return Marked(fresh, owned)


def decide(staging: Path, *, skip_duplicates: bool, skip_reserved: bool, rng: random.Random | None = None) -> Decided:
    """Write every row's final verdict, and give the rows to be stored their places at random (by `rng`, if there is one).

    A row is stored exactly when its verdict is `ok`. Rows of the file = stored + duplicates + reserved_skipped +
    rejected + blank, always: each row has one verdict, and the verdicts are counted.
    """
    with _open(staging) as connection:
        if rng is not None:
            # In place of SQLite's own.
            connection.create_function("random", 0, lambda: rng.getrandbits(63))
        connection.execute("BEGIN")
        if skip_duplicates:
            _give_verdict(connection, "dup_product", "duplicate")
        else:
            connection.execute(
                "UPDATE rows SET verdict = 'ok' WHERE verdict = 'dup_file'"
                " AND row_number IN (SELECT row_number FROM keyed WHERE NOT fresh)"
            )
        if skip_reserved:
            _give_verdict(connection, "reserved", "reserved")
        reserved_stored = connection.execute(
            "UPDATE rows SET taken = ? WHERE verdict = 'ok'"
            " AND row_number IN (SELECT row_number FROM marks WHERE reserved)",
            (RESERVED_KEPT,),
        ).rowcount
        connection.execute(_LEFT_OUT)
        verdicts = dict(connection.execute("SELECT verdict, count(*) FROM left_out GROUP BY verdict"))
        row_numbers = _numbers(*connection.execute(_SHUFFLED).fetchone())
        connection.execute("COMMIT")
    stored = len(row_numbers)
    counts = {
        "rows_total": stored + sum(verdicts.values()),
        "stored": stored,
        "duplicates": verdicts.get("dup_file", 0) + verdicts.get("dup_product", 0),
        "reserved_skipped": verdicts.get("reserved", 0),
        "rejected": verdicts.get("rejected", 0),
        "blank": verdicts.get("blank", 0),
        "reserved_stored": reserved_stored,
    }
    return Decided(counts, row_numbers, _inverse(row_numbers, counts["rows_total"]))


def _numbers(digits: str) -> "array[int]":
    """Return the numbers that are written with eight hexadecimal digits each."""
    numbers = array("I", bytes.fromhex(digits))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _inverse(row_numbers: "array[int]", rows_total: int) -> "array[int]":
    places = array("I", bytes(4 * rows_total))
    for place, row_number in enumerate(row_numbers, 1):
        places[row_number - 1] = place
    return places


def _give_verdict(connection: sqlite3.Connection, verdict: str, mark: str) -> None:
    connection.execute(
        f"UPDATE rows SET verdict = :verdict, taken = :verdict WHERE verdict = 'ok'"  # noqa: S608 - ours
        f" AND row_number IN (SELECT row_number FROM marks WHERE {mark})",
        {"verdict": verdict},
    )


def keep_rejected(staging: Path) -> None:
    """Replace the staging file by one that holds only the rows that were not stored: what the rejected-rows file is
    made of. In one step, so that nobody reads half of it."""
    smaller = staging.with_name(staging.name + ".smaller")
    smaller.unlink(missing_ok=True)
    with _open(staging) as connection:
        connection.execute("ATTACH DATABASE ? AS kept", (str(smaller),))
        tables = connection.execute(
            "SELECT name, sql FROM main.sqlite_master WHERE name IN ('rows', 'meta')"
        ).fetchall()
        for name, statement in tables:
            connection.execute(statement.replace(f"CREATE TABLE {name}", f"CREATE TABLE kept.{name}", 1))
        connection.execute("INSERT INTO kept.rows SELECT * FROM main.rows WHERE verdict <> 'ok' ORDER BY row_number")
        connection.execute("INSERT INTO kept.meta SELECT * FROM main.meta")
        connection.execute("DETACH DATABASE kept")
    smaller.replace(staging)
