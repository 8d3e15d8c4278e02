"""Working with a staging file after the parser is done: what is taken, and the final verdict of every row.

All functions block and are called in threads. SQL here speaks to the disposable staging file only.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

NOT_STORED = frozenset({"dup_file", "dup_product", "reserved"})
"""Verdicts, beside blank and rejected, of rows that `decide` leaves out."""

_KEYED = "verdict IN ('ok', 'dup_file')"

_MARK = f"UPDATE rows SET taken = taken.mark FROM taken WHERE rows.customer_key = taken.customer_key AND {_KEYED}"  # noqa: S608


@contextmanager
def _open(staging: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(staging, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        yield connection


def key_chunks(staging: Path, size: int) -> list[list[str]]:
    """Return the distinct customer keys of rows that could be stored, sorted (look-ups then touch each index page
    once), in lists of `size`."""
    with _open(staging) as connection:
        keys = [
            row[0] for row in connection.execute(f"SELECT DISTINCT customer_key FROM rows WHERE {_KEYED} ORDER BY 1")
        ]  # noqa: S608
    return [keys[start : start + size] for start in range(0, len(keys), size)]


def mark_taken(staging: Path, duplicates: set[str], reserved: set[str]) -> dict[str, int]:
    """Note which rows exist in the product already or belong to a reserved customer; return the counts.

    `duplicates_in_product` counts rows that are not already duplicates inside the file.
    """
    with _open(staging) as connection:
        connection.execute("BEGIN")
        connection.execute("CREATE TEMP TABLE taken (customer_key TEXT PRIMARY KEY, mark TEXT) WITHOUT ROWID")
        connection.executemany(
            "INSERT INTO taken VALUES (?, ?)",
            (
                (
                    key,
                    "both"
                    if key in duplicates and key in reserved
                    else "duplicate"
                    if key in duplicates
                    else "reserved",
                )
                for key in duplicates | reserved
            ),
        )
        connection.execute("UPDATE rows SET taken = NULL WHERE taken IS NOT NULL")
        if duplicates or reserved:
            connection.execute(_MARK)
        counts = connection.execute(
            "SELECT count(*) FILTER (WHERE verdict = 'ok' AND taken IN ('duplicate', 'both')),"
            " count(*) FILTER (WHERE taken IN ('reserved', 'both')) FROM rows"
        ).fetchone()
        connection.execute("COMMIT")
    return {"duplicates_in_product": counts[0], "reserved": counts[1]}


def reserved_counts(staging: Path, owner_of: dict[str, str]) -> dict[str, int]:
    """Return how many rows belong to each owner (`owner_of` maps customer keys to owner ids)."""
    counts: dict[str, int] = {}
    with _open(staging) as connection:
        for key, count in connection.execute(
            "SELECT customer_key, count(*) FROM rows WHERE taken IN ('reserved', 'both') GROUP BY customer_key"
        ):
            counts[owner_of[key]] = counts.get(owner_of[key], 0) + count
    return counts


def decide(staging: Path, *, skip_duplicates: bool, skip_reserved: bool) -> dict[str, int]:
    """Write every row's final verdict and return how the rows of the file fall apart.

    A row is stored exactly when its verdict is `ok`. Rows of the file = stored + duplicates + reserved_skipped +
    rejected + blank, always: each row has one verdict.
    """
    with _open(staging) as connection:
        connection.execute("BEGIN")
        if skip_duplicates:
            connection.execute(
                "UPDATE rows SET verdict = 'dup_product', taken = 'dup_product' WHERE verdict = 'ok' AND taken IN ('duplicate', 'both')"
            )
        else:
            connection.execute("UPDATE rows SET verdict = 'ok' WHERE verdict = 'dup_file'")
        if skip_reserved:
            connection.execute(
                "UPDATE rows SET verdict = 'reserved', taken = 'reserved' WHERE verdict = 'ok' AND taken IN ('reserved', 'both')"
            )
        verdicts = dict(connection.execute("SELECT verdict, count(*) FROM rows GROUP BY verdict"))
        reserved_stored = connection.execute(
            "SELECT count(*) FROM rows WHERE verdict = 'ok' AND taken IN ('reserved', 'both')"
        ).fetchone()[0]
        connection.execute("COMMIT")
    return {
        "rows_total": sum(verdicts.values()),
        "stored": verdicts.get("ok", 0),
        "duplicates": verdicts.get("dup_file", 0) + verdicts.get("dup_product", 0),
        "reserved_skipped": verdicts.get("reserved", 0),
        "rejected": verdicts.get("rejected", 0),
        "blank": verdicts.get("blank", 0),
        "reserved_stored": reserved_stored,
    }


def chunk_bounds(staging: Path, size: int) -> list[tuple[int, int, int]]:
    """Cut the rows to be stored into chunks of `size`: (first row number, last row number, rows in it)."""
    with _open(staging) as connection:
        return connection.execute(
            "SELECT min(row_number), max(row_number), count(*) FROM ("
            " SELECT row_number, (row_number() OVER (ORDER BY row_number) - 1) / ? AS chunk FROM rows WHERE verdict = 'ok'"
            ") GROUP BY chunk ORDER BY chunk",
            (size,),
        ).fetchall()


def drop_stored(staging: Path) -> None:
    """Keep only the rows that were not stored: they are what the rejected-rows file is made of."""
    with _open(staging) as connection:
        connection.execute("DELETE FROM rows WHERE verdict = 'ok'")
        connection.execute("VACUUM")
