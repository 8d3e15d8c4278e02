"""Engines for the two databases, and how a transaction begins on each.

SQLite: WAL with full sync; writers open with BEGIN IMMEDIATE and queue in one lane per process, because competing
connections wait for each other by polling (p99 over 500 ms with 20 writers against 35 ms through a lane); readers
have connections of their own that cannot write. PostgreSQL: one pool; the row locks do the queueing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import Pool, QueuePool

from crm_boost.db.checkpoints import LONGEST_LOG_PAGES, Checkpoints
from crm_boost.db.dialect import SQLITE_LOWER
from crm_boost.db.lane import WriteLane
from crm_boost.db.liveness import check_on_checkout
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.sqlite_driver import OneTripSqlite, quick_statements
from crm_boost.kit.events import EventBus
from crm_boost.observing.observer import Observer
from crm_boost.settings import Settings

_PREPARED_FROM = 5
"""So many times a connection to PostgreSQL runs a statement before it is prepared; what the driver does by itself."""
_SQLITE_PRAGMAS = (
    # First: the others may have to wait for another process too.
    "PRAGMA busy_timeout=20000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA case_sensitive_like=OFF",
    f"PRAGMA wal_autocheckpoint={LONGEST_LOG_PAGES}",
)

_READER_CACHE_KIB = 8 * 1024
_WRITER_CACHE_KIB = 32 * 1024


class Database:
    """The open database of one process: hands out read sessions and units of work."""

    def __init__(self, settings: Settings, bus: EventBus | None = None, observer: Observer | None = None) -> None:
        self.url = settings.database_url
        self.is_sqlite = make_url(self.url).get_backend_name() == "sqlite"
        self.bus = bus or EventBus()
        self.business = settings.business
        self.data_dir = settings.data_dir
        self.observer = observer = observer or Observer()
        pool = observer.pool_class()
        self._checkpoints: Checkpoints | None = None
        self._writing: aiosqlite.Connection | None = None
        self._rows_changed = 0
        if self.is_sqlite:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            self._checkpoints = Checkpoints(Path(make_url(self.url).database or ""), self._between_writers)
            self._writer = _sqlite_engine(self.url, pool, begin="BEGIN IMMEDIATE", connections=1, query_only=False)
            event.listen(self._writer.sync_engine, "connect", self._note_writer)
            readers = settings.database.read_connections
            self._reader = _sqlite_engine(self.url, pool, begin="BEGIN", connections=readers, query_only=True)
        else:
            self._writer = create_async_engine(
                self.url,
                poolclass=pool,
                pool_size=settings.database.pool_size,
                max_overflow=0,
                # What a claim relies on, whatever the server's default is: a statement sees what is committed.
                isolation_level="READ COMMITTED",
                hide_parameters=True,
            )
            check_on_checkout(self._writer.sync_engine)
            event.listen(self._writer.sync_engine, "before_cursor_execute", _plan_searches_anew)
            self._reader = self._writer.execution_options(postgresql_readonly=True)
        self._lane = WriteLane(self._writer, observer=observer, committed=self.committed if self.is_sqlite else None)
        if observer.tracing is not None:
            for engine in self.engines:
                observer.tracing.watch(engine.sync_engine)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Open a read-only session on a consistent snapshot (per statement on PostgreSQL)."""
        async with ReadSession(
            self._reader, autoflush=False, expire_on_commit=False, info={"business": self.business}
        ) as session:
            yield session

    @asynccontextmanager
    async def write(self, *, together: bool = False) -> AsyncIterator[WriteSession]:
        """Open the unit of work: everything inside is committed together at the end, or not at all.

        `together`: the commit may be shared with those who wait for the lane, so it must be short.
        """
        info = {"bus": self.bus, "business": self.business}
        if together and self.is_sqlite:
            async with self._lane.together(info) as session:
                yield session
            return
        async with self._lane.alone(), WriteSession(self._writer, expire_on_commit=False, info=info) as session:
            yield session
            await session.settle()
            await session.commit()
            actions = session.info.pop("after_commit", [])
        self.committed()
        self._lane.follow(actions)

    def write_lane(self) -> AbstractAsyncContextManager[None]:
        """Return this process's place in the queue of writers (there is no queue on PostgreSQL)."""
        return self._lane.alone()

    def _between_writers(self) -> AbstractAsyncContextManager[None]:
        return self._lane.alone(next_in_turn=True)

    def _note_writer(self, connection: Any, _record: Any) -> None:
        self._writing = connection.driver_connection

    def committed(self, units: int = 1) -> None:
        """Note a commit of so many units of work: on SQLite the log may have to be moved into the database file."""
        if self._checkpoints is not None:
            changed, self._rows_changed = self._rows_changed, self._writing.total_changes if self._writing else 0
            self._checkpoints.committed(units, max(self._rows_changed - changed, 0))

    async def log_made_short(self) -> None:
        """Wait, outside a unit of work, until SQLite's log is short: for who writes without a pause, as nobody else must
        pay for that."""
        if self._checkpoints is not None:
            await self._checkpoints.make_short()

    @property
    def engines(self) -> tuple[AsyncEngine, ...]:
        """The engines whose events show every statement of this process once."""
        return (self._writer, self._reader) if self.is_sqlite else (self._writer,)

    @property
    def connections(self) -> dict[str, tuple[int, int]]:
        """How many connections are in use and how many there may be, by pool."""
        found = {}
        for name, engine in zip(("writer", "reader"), self.engines, strict=False):
            pool = engine.pool
            assert isinstance(pool, QueuePool)
            found[name] = (pool.checkedout(), pool.size())
        return found

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def dispose(self) -> None:
        """Close every connection."""
        await self._lane.close()
        if self._checkpoints is not None:
            await self._checkpoints.close()
        await self._reader.dispose()
        await self._writer.dispose()


def _plan_searches_anew(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    """Let PostgreSQL plan a statement that looks for a part of a text for the text that is looked for. Prepared, it would
    get one plan for all texts, and most are rarer than that supposes (a million records: 300 ms instead of 3)."""
    connection.connection.driver_connection.prepare_threshold = None if " LIKE " in statement else _PREPARED_FROM


def _lower(value: str | None) -> str | None:
    return value.lower() if value is not None else None


def _sqlite_engine(url: str, pool: type[Pool] | None, *, begin: str, connections: int, query_only: bool) -> AsyncEngine:
    # Parameters are hidden in error messages: they hold personal data, and errors end in the log.
    engine = create_async_engine(
        url,
        module=OneTripSqlite(),
        poolclass=pool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=60,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: it would use BEGIN DEFERRED, under which a transaction
        # that reads before it writes fails as soon as another writer commits in between.
        connection.isolation_level = None
        connection.create_function(SQLITE_LOWER, 1, _lower, deterministic=True)
        cursor = connection.cursor()
        for pragma in _SQLITE_PRAGMAS:
            cursor.execute(pragma)
        # Kibibytes for each connection. There are several readers, and the system caches the file for all of them.
        cursor.execute(f"PRAGMA cache_size=-{_READER_CACHE_KIB if query_only else _WRITER_CACHE_KIB}")
        if query_only:
            cursor.execute("PRAGMA query_only=ON")
            connection.only_reads = True
        cursor.close()

    @event.listens_for(engine.sync_engine, "handle_error")
    def _stay_connected(context: ExceptionContext) -> None:
        # The driver has waited for the statement whose caller gave up: nothing is wrong with the connection, and in its
        # transaction there may be others.
        if not query_only and isinstance(context.original_exception, asyncio.CancelledError):
            context.is_disconnect = False

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        # A reader waits for nobody.
        with quick_statements() if query_only else nullcontext():
            connection.exec_driver_sql(begin)

    return engine
