"""Works on imports in the background of a server process: analysis in a child, storing in chunks, cleaning up.

Everything that must survive is in the `imports` row: a process that dies leaves a row whose heartbeat stops, and the
next sweep, in whatever process, says so in it and removes what was half stored.
"""

import asyncio
import os
import secrets
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.db.engine import Database
from crm_boost.kit.clock import utc_now
from crm_boost.settings import Settings
from crm_boost.uploads import repository, service
from crm_boost.uploads.files import ImportFolder
from crm_boost.uploads.models import ImportState
from crm_boost.uploads.work import Work, analyse, store

log = structlog.get_logger(__name__)

_HEARTBEAT_SECONDS = 1.0
_STALE = timedelta(seconds=30)
_SWEEP_SECONDS = 10.0
_PURGE_ROWS = 1000


@dataclass(frozen=True, slots=True)
class WorkerName:
    """Names this process so that others can tell whether it still lives."""

    host: str
    pid: int
    token: str

    @classmethod
    def of_this_process(cls) -> "WorkerName":
        return cls(socket.gethostname(), os.getpid(), secrets.token_hex(4))

    def __str__(self) -> str:
        return f"{self.host}|{self.pid}|{self.token}"

    def is_dead(self, other: str | None, heartbeat_at: datetime | None, now: datetime) -> bool:
        """Whether the process called `other` is certainly gone: no heartbeat, or on this host and not running."""
        if other is None or heartbeat_at is None or now - heartbeat_at > _STALE:
            return True
        host, pid, token = other.rsplit("|", 2)
        if host != self.host or token == self.token:
            return False
        # In a container a restarted process often has the number of its predecessor.
        return int(pid) == self.pid or not _is_running(int(pid))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class ImportRunner:
    """One per process. `submit` starts the work an import's state asks for; `wait` waits for it."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._tasks: dict[str, asyncio.Task[None]] = {}
        # Parsing and storing one large file keeps a core busy; two at once leave nothing for people.
        self._slots = asyncio.Semaphore(1)
        self._sweeper: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self.name = WorkerName.of_this_process()

    async def start(self) -> None:
        """Say what happened to imports of dead processes, then keep watching."""
        await self.sweep()
        self._sweeper = asyncio.create_task(self._sweep_regularly(), name="import-sweeper")

    async def stop(self) -> None:
        """Stop working; what was running is marked as interrupted and removed at the next start."""
        tasks = [*self._tasks.values(), *([self._sweeper] if self._sweeper else [])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    def submit(self, import_id: str) -> None:
        """Work on this import from now on."""
        previous = self._tasks.get(import_id)
        task = asyncio.create_task(self._work(import_id, previous), name=f"import {import_id}")
        self._tasks[import_id] = task
        task.add_done_callback(lambda done: self._forget(import_id, done))

    def _forget(self, import_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(import_id) is task:
            del self._tasks[import_id]

    async def wait(self, import_id: str) -> None:
        """Wait until the work on this import is over, however it ends."""
        task = self._tasks.get(import_id)
        if task is not None:
            await asyncio.wait([task])

    def purge_soon(self) -> None:
        """Remove discarded records now instead of with the next sweep."""
        self._wake.set()

    async def _work(self, import_id: str, previous: asyncio.Task[None] | None) -> None:
        if previous is not None:
            previous.cancel()
            await asyncio.wait([previous])
        work = Work(self._database, self._settings, import_id, str(self.name))
        heart = asyncio.create_task(self._beat(work, asyncio.current_task()))
        try:
            async with self._slots:
                state = await work.state()
                if state == ImportState.ANALYSING:
                    await analyse(work)
                elif state == ImportState.IMPORTING:
                    await store(work)
        except asyncio.CancelledError:
            if not work.cancelled:
                raise
            await service.finish_cancelled(self._database, import_id)
            self.purge_soon()
        except Exception as error:
            log.exception("import_failed", import_id=import_id, error=type(error).__name__)
            await service.fail(
                self._database, import_id, "internal", "The import failed inside the server. Nothing was stored."
            )
            self.purge_soon()
        finally:
            heart.cancel()
            with suppress(asyncio.CancelledError):
                await heart

    async def _beat(self, work: Work, task: asyncio.Task[None] | None) -> None:
        """Store progress once a second; a request to cancel, from whichever process, ends the work."""
        while True:
            try:
                async with self._database.write() as session:
                    cancel = await repository.beat(
                        session, work.import_id, work.worker, utc_now(), work.progress.snapshot(time.monotonic())
                    )
            except SQLAlchemyError as error:
                log.warning("import_heartbeat_failed", error=type(error).__name__)
                cancel = False
            if cancel and task is not None and not work.cancelled:
                work.cancelled = True
                task.cancel()
            await asyncio.sleep(_HEARTBEAT_SECONDS)

    async def _sweep_regularly(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _SWEEP_SECONDS)
            self._wake.clear()
            try:
                await self.sweep()
            except SQLAlchemyError as error:
                log.warning("import_sweep_failed", error=type(error).__name__)

    async def sweep(self) -> None:
        """End imports whose process died, drop forgotten previews, and remove discarded databases in small steps."""
        now = utc_now()
        async with self._database.read() as session:
            running = await repository.running_imports(session)
            keep = timedelta(hours=self._settings.imports.keep_staging_hours)
            forgotten = await repository.forgotten_imports(session, now - keep)
        for item in running:
            if item.id not in self._tasks and self.name.is_dead(item.worker, item.heartbeat_at, now):
                message = "The server stopped during this import. Nothing was stored; start it again."
                await service.fail(self._database, item.id, "interrupted", message)
        for item in forgotten:
            await service.finish_cancelled(self._database, item.id)
            await asyncio.to_thread(ImportFolder.of(self._settings.data_dir, item.id).remove)
        await self._purge()

    async def _purge(self) -> None:
        async with self._database.read() as session:
            discarded = await repository.discarded_databases(session)
        for database_id in discarded:
            removed = _PURGE_ROWS
            while removed:
                async with self._database.write() as session:
                    removed = await repository.remove_some_records(session, database_id, _PURGE_ROWS)
                    if not removed:
                        await repository.remove_database_row(session, database_id)
                await asyncio.sleep(0)
