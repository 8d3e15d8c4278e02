"""SQLite with one trip to the connection's thread per statement.

aiosqlite runs each call on a thread of its own, and SQLAlchemy makes four calls per statement (open a cursor, execute,
fetch, close). With twenty writers waiting in the lane, those trips cost more than the statements themselves. Here a
statement is executed, fetched and closed in one, and what looks up or writes a few rows by their keys takes none: it is
done before the thread would have woken up.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util.concurrency import await_

_SAVEPOINTS = ("SAVEPOINT ", "RELEASE SAVEPOINT ")
"""Both note where the transaction is, and touch no page. (Rolling back to one does.)"""

_is_quick: ContextVar[bool] = ContextVar("is_quick", default=False)


@contextmanager
def quick_statements() -> Iterator[None]:
    """Run the statements of this block on the spot: each reads or writes a few rows by their keys, in less time than the
    way to the connection's thread and back takes. Whoever waits for a disk, a lock or many rows must not be here."""
    token = _is_quick.set(True)
    try:
        yield
    finally:
        _is_quick.reset(token)


class _Finished:
    """What is left of a cursor once its rows are fetched."""

    arraysize = 1

    def __init__(self) -> None:
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def close(self) -> None:
        """Nothing is open any more."""


async def _to_the_end(trip: Coroutine[Any, Any, list[Any]]) -> list[Any]:
    """Wait for a statement that may write. The thread does not stop when the caller gives up, and nobody else may use the
    connection before it has come back. (A reader's connection is thrown away then.)"""
    running = asyncio.ensure_future(trip)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        # Whether it failed or not: nobody is there to be told.
        running.exception()
        raise


class _OneTripCursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()

    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        return _Finished()

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        await self._trip(operation, parameters if parameters is not None else (), many=False)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        await self._trip(operation, seq_of_parameters, many=True)

    async def _trip(self, operation: Any, parameters: Any, *, many: bool) -> None:
        adapted: Any = self._adapt_connection
        connection: Any = self._connection
        state: Any = self._cursor

        def run() -> list[Any]:
            raw: sqlite3.Connection = connection._conn
            cursor = raw.executemany(operation, parameters) if many else raw.execute(operation, parameters)
            try:
                rows = cursor.fetchall() if cursor.description else []
                state.description, state.rowcount, state.lastrowid = (
                    cursor.description,
                    cursor.rowcount,
                    cursor.lastrowid,
                )
            finally:
                cursor.close()
            return rows

        async with adapted._execute_mutex:
            if _is_quick.get() or operation.startswith(_SAVEPOINTS):
                rows = run()
            elif adapted.only_reads:
                rows = await connection._execute(run)
            else:
                rows = await _to_the_end(connection._execute(run))
            self._rows = deque(rows)


class _OneTripConnection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ("only_reads",)

    only_reads: bool
    _cursor_cls = _OneTripCursor

    def commit(self) -> None:
        """Make the transaction durable. One that cannot be is taken back here: SQLite leaves some of them open, and nobody
        above ends a transaction twice."""
        try:
            super().commit()
        except Exception:
            self.rollback()
            raise

    def rollback(self) -> None:
        """End the transaction. The pool asks for it with every connection that comes back, most often after the end."""
        connection: Any = self._connection
        if not connection._connection or not connection._conn.in_transaction:
            return
        if self.only_reads:
            connection._conn.rollback()
        else:
            super().rollback()


class OneTripSqlite(AsyncAdapt_aiosqlite_dbapi):
    """The driver module to give to `create_async_engine(…, module=…)`."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arguments: Any, **options: Any) -> AsyncAdapt_aiosqlite_connection:
        """Open a connection with a thread of its own, which does not keep the process alive."""
        connection = aiosqlite.connect(*arguments, **options)
        connection._thread.daemon = True
        opened: Any = await_(connection)
        adapted = _OneTripConnection(self, opened)
        adapted.only_reads = False
        return adapted
