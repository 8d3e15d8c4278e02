"""Moves staged rows into `customer_records` by each database's bulk path: INSERT … SELECT from the attached staging
file on SQLite, COPY on PostgreSQL. No row passes through Python objects.

Rows go in by chunks, each a short transaction of its own, under a database that no reader sees yet: other writers
wait for one chunk at most.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import orjson
from sqlalchemy import text
from sqlalchemy.engine import make_url

from crm_boost.databases.repository import index_customers
from crm_boost.db.engine import Database
from crm_boost.db.search_index import INDEX_RANGE, POSTGRESQL_FILE_NEW
from crm_boost.kit.ids import new_id
from crm_boost.uploads.staged_rows import MAPPED, RESERVED_KEPT, Decided
from crm_boost.uploads.threads import in_thread, together

_COLUMNS = (
    "seq, id, database_id, product_id, row_number, row_data, customer_key, display_name, phone, phone_e164, "
    "search_text, state"
)
_STATE = f"CASE rows.taken WHEN '{RESERVED_KEPT}' THEN 'reserved' ELSE 'available' END"
_PLACE = ":place + slots.key"
# An id as `kit.ids` makes them, of the form of a UUID version 7: the time, the place (24 bits), 48 random bits. So they
# ascend with the keys, and go into their index in order, too.
_ID = f"printf('%s7%03x8%03x%012x', :time, ({_PLACE}) >> 12, ({_PLACE}) & 0xfff, random() & 0xffffffffffff)"


def _placed(schema: str) -> str:
    """Return the rows of some places, in the order of these: `:rows` has their numbers, the first comes to `:place`."""
    return f"FROM json_each(:rows) AS slots CROSS JOIN {schema}.rows ON rows.row_number = slots.value"


_INSERT = f"""
    INSERT INTO customer_records ({_COLUMNS})
    SELECT :before + {_PLACE}, {_ID}, :database_id, :product_id, rows.row_number, rows.row_data,
           rows.customer_key, nullif(rows.display_name, ''), nullif(rows.phone, ''), rows.phone_e164, rows.search_text, {_STATE}
    {_placed("staging")}
"""


def _copy_text(column: str) -> str:
    """Spell a text of the staging file for COPY: there are no tabs and line ends in what is tidied, and none in JSON."""
    return f"replace({column}, '\\', '\\\\')"


def _copy_optional(column: str) -> str:
    return f"CASE {column} WHEN '' THEN '\\N' ELSE {_copy_text(column)} END"


_COPY_FIELDS = (
    f":before + {_PLACE}",
    _ID,
    ":database_id",
    ":product_id",
    "rows.row_number",
    _copy_text("rows.row_data"),
    _copy_text("rows.customer_key"),
    _copy_optional("rows.display_name"),
    _copy_optional("rows.phone"),
    "coalesce(rows.phone_e164, '\\N')",
    # Several texts, one below the other.
    f"replace({_copy_text('rows.search_text')}, char(10), '\\n')",
    _STATE,
)
_COPY_LINES = f"""
    SELECT CAST(group_concat({" || char(9) || ".join(f"({field})" for field in _COPY_FIELDS)} || char(10), '') AS BLOB), count(*)
    {_placed("main")}
"""

# The rows of the file by customer: the last of the next ones, and those of them that are stored. `:places` has eight
# digits for each row of the file, as bytes: in a text, SQLite would count characters from the first one.
_KEY_AHEAD = """
    SELECT customer_key, row_number FROM staging.keyed WHERE (customer_key, row_number) > (:after_key, :after_row)
    ORDER BY customer_key, row_number LIMIT 1 OFFSET :rows - 1
"""
_INSERT_KEYS = """
    INSERT INTO record_keys (customer_key, record_seq)
    SELECT customer_key, :before + place FROM (
        SELECT customer_key, row_number, CAST(substr(:places, 8 * row_number - 7, 8) AS INTEGER) AS place
        FROM staging.keyed
        WHERE (customer_key, row_number) > (:after_key, :after_row) AND (customer_key, row_number) <= (:last_key, :last_row)
    )
    WHERE place > 0 ORDER BY customer_key, row_number
"""
_KEYS_AT_ONCE = 4000
_Key = tuple[str | bytes, int]
_BEFORE_ALL_KEYS: _Key = ("", 0)
_BEHIND_ALL_KEYS: _Key = (b"", 0)
"""SQLite sorts bytes behind all texts."""

Chunks = list[tuple[int, int]]
"""First and last place of each transaction."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where staged rows go: the row at place `p` gets the key `before + p`; none is behind `last_seq`."""

    database_id: str
    product_id: str
    before: int
    last_seq: int

    def seqs(self, first: int, last: int) -> dict[str, int]:
        """Return the keys of the places `first..last`, as `INDEX_RANGE` asks for them."""
        return {"first": self.before + first, "last": self.before + last}

    def parameters(self, decided: Decided, first: int, last: int) -> dict[str, Any]:
        """Return the parameters of the statements above for the places `first..last`."""
        return {
            "database_id": self.database_id,
            "product_id": self.product_id,
            "before": self.before,
            "place": first,
            "rows": orjson.dumps(decided.row_numbers[first - 1 : last].tolist()).decode(),
            "time": new_id()[:12],
        }


class Pace:
    """How many rows go into one transaction: as many as take about `seconds`, since others wait that long.

    Not fewer than `least`, though: on a machine short of time, hundreds of tiny transactions would take far longer in
    all, and the search index would be written once for each.
    """

    def __init__(self, most: int, seconds: float = 0.02, least: int = 500) -> None:
        self._most = most
        self._least = min(least, most)
        self._seconds = seconds
        self.rows = self._least

    def took(self, rows: int, seconds: float) -> None:
        """Learn from a transaction. Growth is slow, so that one lucky chunk does not make the next a long one."""
        wanted = min(int(rows * self._seconds / max(seconds, 1e-6)), self.rows * 2, self._most)
        self.rows = max(self._least, wanted)


class BulkStore(Protocol):
    """Stores the rows of a staging file."""

    async def store(self, tell: Callable[[int], None]) -> int:
        """Store the rows that have a place, in the order of these, to be found by customer and by text; return how many
        there were. Many short transactions; `tell` hears how many rows are stored."""


@asynccontextmanager
async def open_store(
    database: Database, staging: Path, target: Target, decided: Decided, most: int
) -> AsyncIterator[BulkStore]:
    """Open the bulk path of the running database, for at most so many rows at once."""
    if database.is_sqlite:
        store = _SqliteStore(database, staging, target, decided, most)
        try:
            await in_thread(store.open)
            yield store
        finally:
            await in_thread(store.close)
    else:
        with closing(sqlite3.connect(staging, check_same_thread=False)) as connection:
            connection.execute(f"PRAGMA mmap_size={MAPPED}")
            yield _PostgresqlStore(database, connection, target, decided, most)


class _SqliteStore:
    """A connection of its own, in threads: the statements run in C without the interpreter's lock."""

    def __init__(self, database: Database, staging: Path, target: Target, decided: Decided, most: int) -> None:
        self._decided = decided
        self._pace = Pace(most)
        self._database = database
        self._staging = staging
        self._target = target
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        path = make_url(self._database.url).database
        assert path is not None
        connection = self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=20)
        # A chunk need not reach the disk by itself: nobody sees it before the database is complete, and that commit
        # is a durable one of the same log, so it takes everything before it along.
        for pragma in ("synchronous=NORMAL", "foreign_keys=ON", "cache_size=-32768", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        # Not in the lane: see `_write`.
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("ATTACH DATABASE ? AS staging", (str(self._staging),))
        connection.execute(f"PRAGMA staging.mmap_size={MAPPED}")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    async def store(self, tell: Callable[[int], None]) -> int:
        rows = len(self._decided.row_numbers)
        stored, last = 0, 0
        while last < rows:
            first, last = last + 1, min(last + self._pace.rows, rows)
            stored += await self._store_chunk(first, last)
            tell(last)
        await self._store_keys()
        return stored

    async def _store_chunk(self, first: int, last: int) -> int:
        parameters = self._target.parameters(self._decided, first, last)
        seqs = self._target.seqs(first, last)

        def insert(connection: sqlite3.Connection) -> int:
            stored = connection.execute(_INSERT, parameters).rowcount
            # In the same transaction: a record that is removed takes its entry out of the index, so it must have one.
            connection.execute(INDEX_RANGE, seqs)
            return stored

        return await self._write(self._pace, last - first + 1, insert)

    async def _store_keys(self) -> None:
        places = await in_thread(_digits, self._decided.places)
        pace, after = Pace(_KEYS_AT_ONCE), _BEFORE_ALL_KEYS
        while after != _BEHIND_ALL_KEYS:
            rows = pace.rows
            last = await in_thread(self._key_ahead, after, rows)
            parameters = {
                "before": self._target.before,
                "places": places,
                "after_key": after[0],
                "after_row": after[1],
                "last_key": last[0],
                "last_row": last[1],
            }
            await self._write(pace, rows, partial(_insert_keys, parameters))
            after = last

    def _key_ahead(self, after: _Key, rows: int) -> _Key:
        connection = self._connection
        assert connection is not None
        parameters = {"after_key": after[0], "after_row": after[1], "rows": rows}
        return connection.execute(_KEY_AHEAD, parameters).fetchone() or _BEHIND_ALL_KEYS

    async def _write(self, pace: Pace, rows: int, work: Callable[[sqlite3.Connection], int]) -> int:
        async with self._database.write_lane():
            began = time.monotonic()
            done = await in_thread(self._in_transaction, work)
            pace.took(rows, time.monotonic() - began)
        self._database.committed()
        await self._database.log_made_short()
        return done

    def _in_transaction(self, work: Callable[[sqlite3.Connection], int]) -> int:
        connection = self._connection
        assert connection is not None
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return done


def _digits(places: Sequence[int]) -> bytearray:
    digits = bytearray()
    # Bit by bit: as objects, the numbers of a million rows would take six times the memory.
    for first in range(0, len(places), _KEYS_AT_ONCE):
        digits += b"".join([b"%08d" % place for place in places[first : first + _KEYS_AT_ONCE]])
    return digits


def _insert_keys(parameters: dict[str, Any], connection: sqlite3.Connection) -> int:
    return connection.execute(_INSERT_KEYS, parameters).rowcount


# Records have no foreign key to their database there (ADR 68): nobody gives it up, or removes it, before they are stored.
_HOLD = text("SELECT 1 FROM databases WHERE id = :database_id AND state = 'importing' FOR SHARE")


_LOOK_AGAIN = 0.05
"""Seconds: a chunk takes the server about 100 ms."""


class _PostgresqlStore:
    """SQLite writes the COPY text of a chunk while PostgreSQL stores the one before, and a second connection files the
    texts of those that are stored (ADR 74)."""

    def __init__(
        self, database: Database, staged: sqlite3.Connection, target: Target, decided: Decided, most: int
    ) -> None:
        self._database = database
        self._staged = staged
        self._target = target
        self._decided = decided
        # Nobody waits for these transactions: each is as large as its text may be in memory.
        self._most = most

    async def store(self, tell: Callable[[int], None]) -> int:
        rows = len(self._decided.row_numbers)
        chunks = [(first, min(first + self._most - 1, rows)) for first in range(1, rows + 1, self._most)]
        written: asyncio.Queue[tuple[bytes, int]] = asyncio.Queue(1)
        copied = asyncio.Event()
        _, stored, _ = await together(
            self._write_all(chunks, written), self._copy_all(chunks, written, tell, copied), self._file_texts(copied)
        )
        # Until autovacuum comes by, PostgreSQL would plan with numbers from before (a random draw: 2 s, not 2 ms).
        await together(self._index_customers(), self._analyse("customer_records, customer_records_search"))
        return int(stored)

    async def _file_texts(self, copied: asyncio.Event) -> None:
        """Work off the list of new entries of the search index while rows are copied, and once behind them."""
        while not copied.is_set():
            if await self._file_new() == 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(copied.wait(), _LOOK_AGAIN)
        await self._file_new()

    async def _file_new(self) -> int:
        async with self._database.write() as session:
            return int(await session.scalar(text(POSTGRESQL_FILE_NEW)))

    async def _index_customers(self) -> None:
        async with self._database.write() as session:
            await index_customers(session, self._target.before + 1, self._target.last_seq)
        await self._analyse("record_keys")

    async def _analyse(self, tables: str) -> None:
        async with self._database.write() as session:
            await session.execute(text(f"ANALYZE {tables}"))

    async def _write_all(self, chunks: Chunks, written: asyncio.Queue[tuple[bytes, int]]) -> None:
        for chunk in chunks:
            await written.put(await in_thread(self._lines, *chunk))
            # One ahead, not two: each is as large as its rows are.
            await written.join()

    async def _copy_all(
        self,
        chunks: Chunks,
        written: asyncio.Queue[tuple[bytes, int]],
        tell: Callable[[int], None],
        copied: asyncio.Event,
    ) -> int:
        stored = 0
        for first, last in chunks:
            lines, count = await written.get()
            written.task_done()
            await self._copy(lines, count, first, last)
            stored += count
            tell(last)
        copied.set()
        return stored

    async def _copy(self, lines: bytes, count: int, first: int, last: int) -> None:
        async with self._database.write() as session:
            if await session.scalar(_HOLD, {"database_id": self._target.database_id}) is None:
                raise RuntimeError("the database of an import was given up while its rows were stored")
            raw: Any = await (await session.connection()).get_raw_connection()
            async with raw.driver_connection.cursor() as cursor:
                async with cursor.copy(f"COPY customer_records ({_COLUMNS}) FROM STDIN") as copy:
                    await copy.write(lines)
                if cursor.rowcount != count:
                    raise RuntimeError("PostgreSQL read another number of rows than were written")
            await session.execute(text(INDEX_RANGE), self._target.seqs(first, last))

    def _lines(self, first: int, last: int) -> tuple[bytes, int]:
        parameters = self._target.parameters(self._decided, first, last)
        lines, count = self._staged.execute(_COPY_LINES, parameters).fetchone()
        return lines or b"", count
