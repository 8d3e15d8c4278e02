"""Moves staged rows into `customer_records` by each database's bulk path: INSERT … SELECT from the attached staging
file on SQLite, COPY on PostgreSQL. No row passes through Python objects.

Rows go in by chunks, each a short transaction of its own, under a database that no reader sees yet: other writers
wait for one chunk at most.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.engine import make_url

from crm_boost.databases.repository import index_records
from crm_boost.db.engine import Database
from crm_boost.db.search_index import INDEX_RANGE

_COLUMNS = (
    "seq, id, database_id, product_id, row_number, row_data, customer_key, display_name, phone, phone_e164, "
    "search_text, state"
)
_STATE = "CASE WHEN taken IN ('reserved', 'both') THEN 'reserved' ELSE 'available' END"
_PICK = "row_number BETWEEN :first AND :last AND verdict = 'ok' ORDER BY row_number"
_INSERT = f"""
    INSERT INTO customer_records ({_COLUMNS})
    SELECT :before + row_number, id, :database_id, :product_id, row_number, row_data, customer_key, nullif(display_name, ''),
           nullif(phone, ''), phone_e164, search_text, {_STATE}
    FROM staging.rows WHERE {_PICK}
"""  # noqa: S608 - constants of this file


def _copy_text(column: str) -> str:
    escaped = (
        f"replace(replace(replace(replace({column}, '\\', '\\\\'), char(9), '\\t'), char(10), '\\n'), char(13), '\\r')"
    )
    return f"coalesce({escaped}, '\\N')"


_COPY_LINES = f"""
    SELECT group_concat((:before + row_number) || char(9) || id || char(9) || :database_id || char(9) || :product_id || char(9) || row_number || char(9) ||
        {_copy_text("row_data")} || char(9) || {_copy_text("customer_key")} || char(9) ||
        {_copy_text("nullif(display_name, '')")} || char(9) || {_copy_text("nullif(phone, '')")} || char(9) ||
        {_copy_text("phone_e164")} || char(9) || {_copy_text("search_text")} || char(9) || {_STATE} || char(10), '')
    FROM (SELECT * FROM rows WHERE {_PICK})
"""  # noqa: S608 - constants of this file


_ORDER_KEYS = """
    CREATE TABLE staging.ordered_keys AS
    SELECT customer_key, row_number FROM staging.rows WHERE verdict = 'ok' ORDER BY customer_key
"""
_INSERT_KEYS = """
    INSERT INTO record_keys (customer_key, record_seq)
    SELECT customer_key, :before + row_number FROM staging.ordered_keys WHERE rowid BETWEEN :first AND :last
"""
_KEYS_AT_ONCE = 4000


@dataclass(frozen=True, slots=True)
class Target:
    """Where staged rows go: row `n` of the file gets the key `before + n`."""

    database_id: str
    product_id: str
    before: int

    def parameters(self, first: int, last: int) -> dict[str, Any]:
        """Return the parameters of the statements above for the rows `first..last`."""
        return {
            "database_id": self.database_id,
            "product_id": self.product_id,
            "before": self.before,
            "first": first,
            "last": last,
        }


class BulkStore(Protocol):
    """Stores staged rows."""

    async def store(self, first: int, last: int) -> None:
        """Store the rows `first..last` of the file that are to be stored. One short transaction."""

    async def store_keys(self, count: int) -> None:
        """After all rows: make the `count` stored rows findable by customer."""


@asynccontextmanager
async def open_store(database: Database, staging: Path, target: Target) -> AsyncIterator[BulkStore]:
    """Open the bulk path of the running database."""
    if database.is_sqlite:
        store = _SqliteStore(database, staging, target)
        await asyncio.to_thread(store.open)
        try:
            yield store
        finally:
            await asyncio.to_thread(store.close)
    else:
        yield _PostgresqlStore(database, staging, target)


class _SqliteStore:
    """A connection of its own, in threads: the statements run in C without the interpreter's lock."""

    def __init__(self, database: Database, staging: Path, target: Target) -> None:
        self._database = database
        self._staging = staging
        self._target = target
        self._connection: sqlite3.Connection

    def open(self) -> None:
        path = make_url(self._database.url).database
        assert path is not None
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=20)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "cache_size=-32768", "temp_store=MEMORY"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("ATTACH DATABASE ? AS staging", (str(self._staging),))
        # The staging file can be made again; only the database must be durable.
        self._connection.execute("PRAGMA staging.journal_mode=OFF")
        self._connection.execute("PRAGMA staging.synchronous=OFF")

    def close(self) -> None:
        self._connection.close()

    async def store(self, first: int, last: int) -> None:
        parameters = self._target.parameters(first, last)
        seqs = {"first": self._target.before + first, "last": self._target.before + last}
        await self._write(
            lambda: (self._connection.execute(_INSERT, parameters), self._connection.execute(INDEX_RANGE, seqs))
        )

    async def store_keys(self, count: int) -> None:
        await asyncio.to_thread(self._connection.execute, _ORDER_KEYS)
        for first in range(1, count + 1, _KEYS_AT_ONCE):
            parameters = self._target.parameters(first, first + _KEYS_AT_ONCE - 1)
            await self._write(lambda chosen=parameters: self._connection.execute(_INSERT_KEYS, chosen))  # type: ignore[misc]

    async def _write(self, work: Callable[[], object]) -> None:
        async with self._database.write_lane():
            await asyncio.to_thread(self._in_transaction, work)

    def _in_transaction(self, work: Callable[[], object]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            work()
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise


class _PostgresqlStore:
    """SQLite writes the COPY text of a chunk, PostgreSQL reads it."""

    def __init__(self, database: Database, staging: Path, target: Target) -> None:
        self._database = database
        self._staging = staging
        self._target = target

    async def store(self, first: int, last: int) -> None:
        lines = await asyncio.to_thread(self._lines, first, last)
        async with self._database.write() as session:
            raw: Any = await (await session.connection()).get_raw_connection()
            async with (
                raw.driver_connection.cursor() as cursor,
                cursor.copy(f"COPY customer_records ({_COLUMNS}) FROM STDIN") as copy,
            ):
                await copy.write(lines)

    async def store_keys(self, last: int) -> None:
        async with self._database.write() as session:
            await index_records(session, self._target.before + 1, self._target.before + last)

    def _lines(self, first: int, last: int) -> str:
        connection = sqlite3.connect(self._staging)
        try:
            row = connection.execute(_COPY_LINES, self._target.parameters(first, last)).fetchone()
        finally:
            connection.close()
        return row[0] or ""
