"""Moves staged rows into `customer_records` by each database's bulk path: INSERT … SELECT from the attached staging
file on SQLite, COPY on PostgreSQL. No row passes through Python objects.

Rows go in by chunks, each a short transaction of its own, under a database that no reader sees yet: other writers
wait for one chunk at most.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.engine import make_url

from crm_boost.db.engine import Database
from crm_boost.db.search_index import INDEX_RANGE

_COLUMNS = "id, database_id, product_id, row_number, row_data, customer_key, display_name, phone, phone_e164, search_text, state"
_STATE = "CASE WHEN taken IN ('reserved', 'both') THEN 'reserved' ELSE 'available' END"
_PICK = "row_number BETWEEN :first AND :last AND verdict = 'ok' ORDER BY row_number"
_INSERT = f"""
    INSERT INTO customer_records ({_COLUMNS})
    SELECT id, :database_id, :product_id, row_number, row_data, customer_key, nullif(display_name, ''),
           nullif(phone, ''), phone_e164, search_text, {_STATE}
    FROM staging.rows WHERE {_PICK}
"""  # noqa: S608 - constants of this file


def _copy_text(column: str) -> str:
    escaped = (
        f"replace(replace(replace(replace({column}, '\\', '\\\\'), char(9), '\\t'), char(10), '\\n'), char(13), '\\r')"
    )
    return f"coalesce({escaped}, '\\N')"


_COPY_LINES = f"""
    SELECT group_concat(id || char(9) || :database_id || char(9) || :product_id || char(9) || row_number || char(9) ||
        {_copy_text("row_data")} || char(9) || {_copy_text("customer_key")} || char(9) ||
        {_copy_text("nullif(display_name, '')")} || char(9) || {_copy_text("nullif(phone, '')")} || char(9) ||
        {_copy_text("phone_e164")} || char(9) || {_copy_text("search_text")} || char(9) || {_STATE} || char(10), '')
    FROM (SELECT * FROM rows WHERE {_PICK})
"""  # noqa: S608 - constants of this file


class ChunkStore(Protocol):
    """Stores the rows `first..last` of the staging file."""

    async def store(self, first: int, last: int) -> None: ...


@asynccontextmanager
async def open_store(
    database: Database, staging: Path, *, database_id: str, product_id: str
) -> AsyncIterator[ChunkStore]:
    """Open the bulk path of the running database."""
    parameters = {"database_id": database_id, "product_id": product_id}
    if database.is_sqlite:
        store = _SqliteStore(database, staging, parameters)
        await asyncio.to_thread(store.open)
        try:
            yield store
        finally:
            await asyncio.to_thread(store.close)
    else:
        yield _PostgresqlStore(database, staging, parameters)


class _SqliteStore:
    """A connection of its own, in threads: the statements run in C without the interpreter's lock."""

    def __init__(self, database: Database, staging: Path, parameters: dict[str, str]) -> None:
        self._database = database
        self._staging = staging
        self._parameters = parameters
        self._connection: sqlite3.Connection

    def open(self) -> None:
        path = make_url(self._database.url).database
        assert path is not None
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=20)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "cache_size=-32768", "temp_store=MEMORY"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("ATTACH DATABASE ? AS staging", (str(self._staging),))

    def close(self) -> None:
        self._connection.close()

    async def store(self, first: int, last: int) -> None:
        async with self._database.write_lane():
            await asyncio.to_thread(self._in_transaction, lambda: self._insert(first, last))

    def _insert(self, first: int, last: int) -> None:
        cursor = self._connection.execute(_INSERT, {**self._parameters, "first": first, "last": last})
        # Keys within one INSERT … SELECT are consecutive: nobody else writes meanwhile.
        newest = self._connection.execute("SELECT last_insert_rowid()").fetchone()[0]
        self._connection.execute(INDEX_RANGE, {"first": newest - cursor.rowcount + 1, "last": newest})

    def _in_transaction(self, work: Callable[[], None]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            work()
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise


class _PostgresqlStore:
    """SQLite writes the COPY text of a chunk, PostgreSQL reads it."""

    def __init__(self, database: Database, staging: Path, parameters: dict[str, str]) -> None:
        self._database = database
        self._staging = staging
        self._parameters = parameters

    async def store(self, first: int, last: int) -> None:
        lines = await asyncio.to_thread(self._lines, first, last)
        async with self._database.write() as session:
            raw: Any = await (await session.connection()).get_raw_connection()
            async with (
                raw.driver_connection.cursor() as cursor,
                cursor.copy(f"COPY customer_records ({_COLUMNS}) FROM STDIN") as copy,
            ):
                await copy.write(lines)

    def _lines(self, first: int, last: int) -> str:
        connection = sqlite3.connect(self._staging)
        try:
            row = connection.execute(_COPY_LINES, {**self._parameters, "first": first, "last": last}).fetchone()
        finally:
            connection.close()
        return row[0] or ""
