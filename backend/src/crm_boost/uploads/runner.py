"""Works on imports in the background of a server process: analysis in a child, storing in chunks, cleaning up.

Everything that must survive is in the `imports` row: a process that dies leaves a row whose heartbeat stops, and the
next sweep, in whatever process, says so in it and removes what was half stored.
"""

import asyncio
import os
import random
import secrets
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.db.engine import Database
from crm_boost.kit.clock import utc_now
from crm_boost.settings import Settings
from crm_boost.uploads import endings, repository
from crm_boost.uploads.bulk_repository import Pace
from crm_boost.uploads.deposit_work import analyse as analyse_deposits
from crm_boost.uploads.deposit_work import store as store_deposits
from crm_boost.uploads.files import folders, tidy
from crm_boost.uploads.models import ImportState
from crm_boost.uploads.threads import in_thread
from crm_boost.uploads.work import Work, analyse, store

log = structlog.get_logger(__name__)

_HEARTBEAT_SECONDS = 1.0
_STALE = timedelta(seconds=30)
_SWEEP_SECONDS = 10.0
_TIDY_SECONDS = 600.0
_PURGE_ROWS = 2000


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
    """One per process. `submit` starts the work an import's state asks for; `wait` waits for it.

    With an `rng` the records of a file are stored in the order that it decides: for made-up data."""

    def __init__(self, database: Database, settings: Settings, *, rng: random.Random | None = None) -> None:
        self._database = database
        self._settings = settings
        self._rng = rng
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._works: dict[str, Work] = {}
        # Parsing and storing one large file keeps a core busy; two at once leave nothing for people.
        self._slots = asyncio.Semaphore(1)
        self._keeper: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self.name = WorkerName.of_this_process()

    async def start(self) -> None:
        """Say what happened to imports of dead processes, then keep watching in the background."""
        await self.sweep()
        self._wake.set()
        self._keeper = asyncio.create_task(self._keep_order(), name="imports")

    async def stop(self) -> None:
        """Stop working; what was running is marked as interrupted and removed at the next start."""
        tasks = [*self._tasks.values(), *([self._keeper] if self._keeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def submit(self, import_id: str) -> None:
        """Work on this import from now on."""
        work = Work(self._database, self._settings, import_id, str(self.name), self._rng)
        task = asyncio.create_task(self._work(work, self._tasks.get(import_id)), name=f"import {import_id}")
        self._tasks[import_id], self._works[import_id] = task, work
        task.add_done_callback(lambda done: self._forget(import_id, done))

    def _forget(self, import_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(import_id) is task:
            del self._tasks[import_id], self._works[import_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            # Not even its end could be written: the heartbeat has stopped, so a later sweep writes it.
            log.error("import_left_behind", import_id=import_id, error=type(error).__name__)

    async def wait(self, import_id: str) -> None:
        """Wait until the work on this import is over, however it ends."""
        task = self._tasks.get(import_id)
        if task is not None:
            await asyncio.wait([task])

    async def stop_cancelled(self, import_id: str) -> None:
        """Let the work on an import that somebody cancelled end now; another process hears of it by its heartbeat."""
        work = self._works.get(import_id)
        if work is not None:
            work.look_now.set()
            await self.wait(import_id)

    async def break_off(self, import_id: str) -> bool:
        """Let the work on an import end as cancelled, if it is this process's and not about to be done; returns whether
        it is ended so. For work that is one transaction: on SQLite nobody could even write down that it is to end."""
        work, task = self._works.get(import_id), self._tasks.get(import_id)
        if work is None or task is None:
            return False
        if not work.ending:
            work.cancelled = True
            task.cancel()
        await self.wait(import_id)
        return work.cancelled

    def progress_of(self, import_id: str) -> dict[str, Any] | None:
        """Return how far an import is that this process works on."""
        work = self._works.get(import_id)
        return None if work is None else work.progress.snapshot(time.monotonic())

    def purge_soon(self) -> None:
        """Remove discarded records now instead of with the next sweep."""
        self._wake.set()

    async def _work(self, work: Work, previous: asyncio.Task[None] | None) -> None:
        if previous is not None:
            previous.cancel()
            await asyncio.wait([previous])
        heart = asyncio.create_task(self._beat(work, asyncio.current_task()))
        try:
            async with self._slots:
                item = await work.load()
                if item.state == ImportState.ANALYSING:
                    await (analyse_deposits if item.is_of_ledger else analyse)(work)
                elif item.state == ImportState.IMPORTING:
                    await (store_deposits if item.is_of_ledger else store)(work)
        except asyncio.CancelledError:
            if not await self._ended_by_cancel(work):
                raise
        except Exception as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # The PostgreSQL driver answers a cancelled COPY with an error of its own.
                if not await self._ended_by_cancel(work):
                    raise asyncio.CancelledError from error
            else:
                log.exception("import_failed", import_id=work.import_id, error=type(error).__name__)
                message = "The import failed inside the server. Nothing was stored."
                await endings.fail(work.database, work.import_id, work.worker, "internal", message)
        finally:
            heart.cancel()
            await asyncio.wait([heart])
        if work.lost:
            return
        await self._tidy([work.import_id])
        self.purge_soon()

    async def _ended_by_cancel(self, work: Work) -> bool:
        """End an import that somebody cancelled; False when it was the process that is to stop."""
        if work.cancelled:
            await endings.cancel(work.database, work.import_id, work.worker)
        return work.cancelled or work.lost

    async def _beat(self, work: Work, task: asyncio.Task[None] | None) -> None:
        """Store progress once a second; a request to cancel, from whichever process, ends the work."""
        while True:
            try:
                async with self._database.write() as session:
                    progress = work.progress.snapshot(time.monotonic())
                    asked = await repository.beat(session, work.import_id, work.worker, utc_now(), progress)
            except SQLAlchemyError as error:
                log.warning("import_heartbeat_failed", error=type(error).__name__)
                asked = False
            if asked is not False and not work.ending and task is not None:
                work.cancelled, work.lost = asked is True, asked is None
                task.cancel()
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(work.look_now.wait(), _HEARTBEAT_SECONDS)
            work.look_now.clear()

    async def _keep_order(self) -> None:
        swept, tidied = time.monotonic(), -_TIDY_SECONDS
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _SWEEP_SECONDS)
            self._wake.clear()
            try:
                if time.monotonic() - swept >= _SWEEP_SECONDS:
                    await self.sweep()
                    swept = time.monotonic()
                await self._purge()
                if time.monotonic() - tidied >= _TIDY_SECONDS:
                    await self._tidy()
                    tidied = time.monotonic()
            except (SQLAlchemyError, OSError) as error:
                log.warning("import_sweep_failed", error=type(error).__name__)

    async def sweep(self) -> None:
        """End imports whose process died, and drop forgotten previews."""
        now = utc_now()
        async with self._database.read() as session:
            running = await repository.running_imports(session)
            forgotten = await repository.forgotten_imports(session, now - self._keep)
        for import_id in running:
            if import_id not in self._tasks:
                await endings.interrupt(
                    self._database, import_id, lambda item: self.name.is_dead(item.worker, item.heartbeat_at, now)
                )
        for import_id in forgotten:
            await endings.forget(self._database, import_id)

    @property
    def _keep(self) -> timedelta:
        return timedelta(hours=self._settings.imports.keep_staging_hours)

    async def _purge(self) -> None:
        async with self._database.read() as session:
            discarded = await repository.discarded_databases(session)
        for database_id in discarded:
            pace, more = Pace(_PURGE_ROWS), True
            while more:
                rows = pace.rows
                async with self._database.write() as session:
                    began = time.monotonic()
                    more = await repository.remove_some_records(session, database_id, rows)
                pace.took(rows, time.monotonic() - began)
                # Whoever waits for the database comes first.
                await asyncio.sleep(0)
                await self._database.log_made_short()

    async def _tidy(self, import_ids: Sequence[str] | None = None) -> None:
        """Remove files that nobody needs any more, of these imports or of all."""
        found = await in_thread(folders, self._settings.data_dir)
        chosen = {key: found[key] for key in (found if import_ids is None else import_ids) if key in found}
        async with self._database.read() as session:
            states = await repository.states_of(session, list(chosen))
        long_ago = utc_now() - self._keep
        for import_id, folder in chosen.items():
            await in_thread(tidy, folder, states.get(import_id), long_ago)
