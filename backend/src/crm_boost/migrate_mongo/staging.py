"""The disposable SQLite file of one reading: documents wait here until everything about them is known, rows until they
are stored. Records, deposits and notifications are never all in memory.

Texts of documents are parameters, never part of a statement.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

_SCHEMA = """
    CREATE TABLE seen (kind TEXT, id TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
    CREATE TABLE claimed (record_id TEXT PRIMARY KEY, request_id TEXT) WITHOUT ROWID;
    CREATE TABLE records (
        place INTEGER PRIMARY KEY, collection TEXT NOT NULL, id TEXT NOT NULL, database_id TEXT NOT NULL,
        row_number INTEGER, holder TEXT, handed_at TEXT, body BLOB NOT NULL
    );
    CREATE TABLE deposits (
        place INTEGER PRIMARY KEY, staff_id TEXT NOT NULL, customer_key TEXT NOT NULL, product_id TEXT NOT NULL,
        body BLOB NOT NULL
    );
    CREATE TABLE waiting (kind TEXT, rank TEXT, id TEXT, body BLOB NOT NULL, PRIMARY KEY (kind, rank, id)) WITHOUT ROWID;
    CREATE TABLE rows (step TEXT, number INTEGER, body BLOB NOT NULL, PRIMARY KEY (step, number)) WITHOUT ROWID;
    CREATE TABLE rejected (collection TEXT, id TEXT, reason TEXT, document BLOB NOT NULL);
"""
_AT_ONCE = 2000


class Staging:
    """The file of one reading. Begins empty; `close` leaves it where it is."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._path = path
        # It holds all customers: nobody but its owner may read it. It can be made again, so it need not be durable.
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-65536", "temp_store=MEMORY"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")
        self._counts: dict[str, int] = {}

    def close(self) -> None:
        """Close and remove the file."""
        self._db.close()
        self._path.unlink(missing_ok=True)

    def is_new(self, kind: str, id_: str) -> bool:
        """Note an id; False where it was noted before."""
        return self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (kind, id_)).rowcount == 1

    # --- what waits ----------------------------------------------------------------------------------------------------

    def wait(self, kind: str, rank: str, id_: str, body: dict[str, Any]) -> None:
        """Keep something until all of its kind are there; they come back in the order of `rank`."""
        self._db.execute("INSERT INTO waiting VALUES (?, ?, ?, ?)", (kind, rank, id_, orjson.dumps(body)))

    def waited(self, kind: str) -> Iterator[dict[str, Any]]:
        """Return what waits, in order."""
        cursor = self._db.cursor()
        for (body,) in cursor.execute("SELECT body FROM waiting WHERE kind = ? ORDER BY rank, id", (kind,)):
            yield orjson.loads(body)

    def claim(self, record_id: str, request_id: str) -> bool:
        """Note which request names a record; False where another one does already."""
        done = self._db.execute("INSERT OR IGNORE INTO claimed VALUES (?, ?)", (record_id, request_id))
        return done.rowcount == 1

    def claims_of(self, record_ids: Sequence[str]) -> dict[str, str]:
        """Return the requests that name these records."""
        statement = "SELECT * FROM claimed WHERE record_id IN (SELECT value FROM json_each(?))"
        return dict(self._db.execute(statement, (orjson.dumps(list(record_ids)).decode(),)).fetchall())

    # --- records -------------------------------------------------------------------------------------------------------

    def keep_record(self, record: tuple[str, str, str, int | None, str | None, str | None, dict[str, Any]]) -> None:
        """Keep a record: collection, id, database, row number, holder, time of the hand-out, and the rest."""
        self._db.execute(
            "INSERT INTO records (collection, id, database_id, row_number, holder, handed_at, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*record[:-1], orjson.dumps(record[-1])),
        )

    def index_records(self) -> None:
        """After the last one: make the questions below quick."""
        self._db.execute("CREATE INDEX ix_records_id ON records (id)")
        self._db.execute("CREATE INDEX ix_records_database ON records (database_id, row_number, place)")

    def drop_repeated(self) -> tuple[list[tuple[str, bool]], Counter[str]]:
        """Keep one of the records of the same id: a held one, the latest hand-out, the first read. Return the ids, with
        whether different people held them, and how many were dropped by collection."""
        repeated = "SELECT id FROM records GROUP BY id HAVING count(*) > 1"
        holders = f"""
            SELECT id, count(DISTINCT holder) > 1 FROM records WHERE id IN ({repeated}) GROUP BY id ORDER BY id
        """  # noqa: S608 - constants of this function
        found = [(str(id_), bool(several)) for id_, several in self._db.execute(holders)]
        surplus = f"""
            DELETE FROM records WHERE place IN (
                SELECT place FROM (
                    SELECT place, row_number() OVER (
                        PARTITION BY id ORDER BY holder IS NULL, handed_at DESC, place
                    ) AS rank
                    FROM records WHERE id IN ({repeated})
                ) WHERE rank > 1
            ) RETURNING collection
        """  # noqa: S608 - constants of this function
        return found, Counter(str(collection) for (collection,) in self._db.execute(surplus).fetchall())

    def is_numbered(self, database_id: str) -> bool:
        """Whether every record of a database has a row number of its own, from 1 on."""
        statement = """
            SELECT count(*) = count(DISTINCT row_number) AND coalesce(min(row_number), 1) >= 1
            FROM records WHERE database_id = ?
        """
        return bool(self._db.execute(statement, (database_id,)).fetchone()[0])

    def records_of(self, database_id: str, *, numbered: bool) -> Iterator[list[tuple[str, int | None, dict[str, Any]]]]:
        """Yield the records of a database in pages: id, row number, the rest; in the order of the file."""
        order = "row_number" if numbered else "place"
        cursor = self._db.execute(
            f"SELECT id, row_number, body FROM records WHERE database_id = ? ORDER BY {order}",  # noqa: S608 - a constant
            (database_id,),
        )
        while page := cursor.fetchmany(_AT_ONCE):
            yield [(row[0], row[1], orjson.loads(row[2])) for row in page]

    # --- deposits ------------------------------------------------------------------------------------------------------

    def keep_deposit(self, body: dict[str, Any]) -> None:
        """Keep the row of a deposit."""
        key = (body["staff_id"], body["customer_key"], body["product_id"])
        self._db.execute(
            "INSERT INTO deposits (staff_id, customer_key, product_id, body) VALUES (?, ?, ?, ?)",
            (*key, orjson.dumps(body)),
        )

    def deposits_by_key(self) -> Iterator[tuple[tuple[str, str, str], list[dict[str, Any]]]]:
        """Yield the deposits of each key (staff, customer, product) together."""
        self._db.execute("CREATE INDEX ix_deposits_key ON deposits (staff_id, customer_key, product_id, place)")
        key: tuple[str, str, str] | None = None
        found: list[dict[str, Any]] = []
        statement = "SELECT staff_id, customer_key, product_id, body FROM deposits ORDER BY 1, 2, 3, place"
        for staff_id, customer_key, product_id, body in self._db.execute(statement):
            if key is not None and key != (staff_id, customer_key, product_id):
                yield key, found
                found = []
            key = (staff_id, customer_key, product_id)
            found.append(orjson.loads(body))
        if key is not None:
            yield key, found

    # --- rows for the tables, and what is not stored -------------------------------------------------------------------

    def add_rows(self, step: str, rows: Sequence[dict[str, Any]]) -> None:
        """Keep finished rows of a table."""
        if not rows:
            return
        start = self._counts.get(step, 0)
        self._db.executemany(
            "INSERT INTO rows VALUES (?, ?, ?)",
            ((step, number, orjson.dumps(row)) for number, row in enumerate(rows, start + 1)),
        )
        self._counts[step] = start + len(rows)

    def count(self, step: str) -> int:
        """Return how many rows a table gets."""
        return self._counts.get(step, 0)

    def rows(self, step: str, after: int, limit: int) -> list[dict[str, Any]]:
        """Return the next rows of a table, in order."""
        statement = "SELECT body FROM rows WHERE step = ? AND number > ? ORDER BY number LIMIT ?"
        return [orjson.loads(body) for (body,) in self._db.execute(statement, (step, after, limit))]

    def reject(self, collection: str, id_: str, reason: str, document: dict[str, Any]) -> None:
        """Keep a document that cannot be stored, as it is."""
        body = orjson.dumps(document, default=str, option=orjson.OPT_NON_STR_KEYS)
        self._db.execute("INSERT INTO rejected VALUES (?, ?, ?, ?)", (collection, id_, reason, body))

    def write_rejected(self, path: Path) -> int:
        """Write what is not stored to a file that only its owner can read, a document a line; return how many."""
        count = 0
        path.unlink(missing_ok=True)
        cursor = self._db.execute(
            "SELECT collection, id, reason, document FROM rejected ORDER BY collection, id, rowid"
        )
        for collection, id_, reason, document in cursor:
            if not count:
                path.touch(mode=0o600)
            with path.open("ab") as file:
                line = {"collection": collection, "id": id_, "reason": reason, "document": orjson.loads(document)}
                file.write(orjson.dumps(line) + b"\n")
            count += 1
        return count
