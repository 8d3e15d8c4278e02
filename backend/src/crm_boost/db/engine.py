"""Engines for the two databases, and how a transaction begins on each.

SQLite: WAL with full sync; writers open with BEGIN IMMEDIATE and queue in one lane per process, because competing
connections wait for each other by polling (p99 over 500 ms with 20 writers against 35 ms through a lane); readers
have connections of their own that cannot write. PostgreSQL: one pool; the row locks do the queueing.
"""

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from crm_boost.db.checkpoints import LONGEST_LOG_PAGES, Checkpoints
from crm_boost.db.dialect import SQLITE_LOWER
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.sqlite_driver import OneTripSqlite
from crm_boost.kit.events import EventBus
from crm_boost.settings import Settings

log = structlog.get_logger(__name__)

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


class WriteLane:
    """Where units of work begin: on SQLite one at a time in this process, first come, first served.

    A unit of work opened inside another one of the same task is an error on both databases: it would be a second
    transaction, and on SQLite wait for the first one for ever.
    """

    def __init__(self, *, one_at_a_time: bool) -> None:
        self._lock = asyncio.Lock() if one_at_a_time else None
        self._inside: set[asyncio.Task[Any] | None] = set()

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        if task in self._inside:
            raise RuntimeError("this task is already inside a unit of work")
        if self._lock is not None:
            await self._lock.acquire()
        self._inside.add(task)

    async def __aexit__(self, *_error: object) -> None:
        self._inside.discard(asyncio.current_task())
        if self._lock is not None:
            self._lock.release()


class Database:
    """The open database of one process: hands out read sessions and units of work."""

    def __init__(self, settings: Settings, bus: EventBus | None = None) -> None:
        self.url = settings.database_url
        self.is_sqlite = make_url(self.url).get_backend_name() == "sqlite"
        self.bus = bus or EventBus()
        self.business = settings.business
        self.data_dir = settings.data_dir
        self._lane = WriteLane(one_at_a_time=self.is_sqlite)
        self._checkpoints: Checkpoints | None = None
        if self.is_sqlite:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            self._checkpoints = Checkpoints(Path(make_url(self.url).database or ""))
            self._writer = _sqlite_engine(self.url, begin="BEGIN IMMEDIATE", connections=1, query_only=False)
            self._reader = _sqlite_engine(
                self.url, begin="BEGIN", connections=settings.database.read_connections, query_only=True
            )
        else:
            self._writer = create_async_engine(
                self.url,
                pool_size=settings.database.pool_size,
                max_overflow=0,
                pool_pre_ping=True,
                # What a claim relies on, whatever the server's default is: a statement sees what is committed.
                isolation_level="READ COMMITTED",
                hide_parameters=True,
            )
            self._reader = self._writer.execution_options(postgresql_readonly=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Open a read-only session on a consistent snapshot (per statement on PostgreSQL)."""
        async with ReadSession(
            self._reader, autoflush=False, expire_on_commit=False, info={"business": self.business}
        ) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Open the unit of work: everything inside is committed together at the end, or not at all."""
        async with (
            self.write_lane(),
            WriteSession(
                self._writer, expire_on_commit=False, info={"bus": self.bus, "business": self.business}
            ) as session,
        ):
            yield session
            await session.settle()
            await session.commit()
            actions = session.info.pop("after_commit", [])
        self.committed()
        for action in actions:
            try:
                action()
            except Exception as error:  # noqa: BLE001 - whatever it is
                # What was committed stays: a failing announcement must not tell the caller otherwise.
                log.error("after_commit_failed", exception="".join(traceback.format_exception(error)))

    def write_lane(self) -> AbstractAsyncContextManager[Any]:
        """Return this process's place in the queue of writers (there is no queue on PostgreSQL)."""
        return self._lane

    def committed(self) -> None:
        """Note a commit: on SQLite the log may have to be moved into the database file."""
        if self._checkpoints is not None:
            self._checkpoints.committed()

    @property
    def engines(self) -> tuple[AsyncEngine, ...]:
        """The engines whose events show every statement of this process once."""
        return (self._writer, self._reader) if self.is_sqlite else (self._writer,)

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def dispose(self) -> None:
        """Close every connection."""
        if self._checkpoints is not None:
            await self._checkpoints.close()
        await self._reader.dispose()
        await self._writer.dispose()


def _lower(value: str | None) -> str | None:
    return value.lower() if value is not None else None


def _sqlite_engine(url: str, *, begin: str, connections: int, query_only: bool) -> AsyncEngine:
    # Parameters are hidden in error messages: they hold personal data, and errors end in the log.
    engine = create_async_engine(
        url, module=OneTripSqlite(), pool_size=connections, max_overflow=0, pool_timeout=60, hide_parameters=True
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
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
