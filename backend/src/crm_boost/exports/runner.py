"""Writes exports in the background of a server process, one after another.

Everything that must survive is in the row: whoever comes first takes what waits, a process that dies leaves a row whose
heartbeat stops, and the next sweep, in whatever process, says so in it. What is left of files is removed then.
"""

import asyncio
import time
import traceback
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.access.meter import Meter
from crm_boost.db.engine import Database
from crm_boost.exports import endings, repository
from crm_boost.exports.files import ExportFolder, new_name
from crm_boost.exports.transitions import ExportMove
from crm_boost.exports.work import Work
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.kit.errors import Problem
from crm_boost.uploads.runner import WorkerName
from crm_boost.uploads.threads import in_thread

log = structlog.get_logger(__name__)

_HEARTBEAT_SECONDS = 1.0
_LOOK_SECONDS = 5.0
_TIDY_SECONDS = 600.0


class ExportRunner:
    """One per process. `wake` lets it look for work now; `idle` waits until nothing is left to do."""

    def __init__(self, database: Database, meter: Meter) -> None:
        self._database = database
        self._meter = meter
        self._folder = ExportFolder(database.data_dir)
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._look_now = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._worker = WorkerName.of_this_process()

    async def start(self) -> None:
        """Say what happened to exports of dead processes, then work in the background."""
        await self.sweep()
        await self._tidy()
        self._keeper = asyncio.create_task(self._work_on(), name="exports")

    async def stop(self) -> None:
        """Stop; what was being written says that it was interrupted."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])

    def wake(self) -> None:
        """Look for work now, and for whether somebody cancelled what is being written."""
        self._idle.clear()
        self._wake.set()
        self._look_now.set()

    async def idle(self) -> None:
        """Wait until nothing waits and nothing is being written here."""
        await self._idle.wait()

    async def sweep(self) -> None:
        """End exports whose process died."""
        now = utc_now()
        async with self._database.read() as session:
            found = await repository.running(session)
        for export_id, worker, heartbeat_at in found:
            if self._worker.is_dead(worker, heartbeat_at, now):
                await endings.end(self._database, export_id, ExportMove.INTERRUPT, worker)

    async def _work_on(self) -> None:
        tidied = time.monotonic()
        while True:
            try:
                if not await self._write_next():
                    if not self._wake.is_set():
                        self._idle.set()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), _LOOK_SECONDS)
                    self._wake.clear()
                    await self.sweep()
                if time.monotonic() - tidied >= _TIDY_SECONDS:
                    await self._tidy()
                    tidied = time.monotonic()
            except (SQLAlchemyError, OSError) as error:
                log.warning("exports_failed", error=type(error).__name__)
                await asyncio.sleep(_HEARTBEAT_SECONDS)

    async def _write_next(self) -> bool:
        """Write the export that has waited longest; False when none does."""
        async with self._database.read() as session:
            export_id = await repository.next_waiting(session)
        if export_id is None:
            return False
        item = await endings.start(self._database, export_id, str(self._worker), new_name())
        if item is None:
            return True
        async with self._database.read() as session:
            owner_name = await repository.owner_name(session, item)
        enter_context(ActionContext(actor_id=item.created_by, actor_name=owner_name))
        try:
            await self._write(Work(self._database, self._folder, self._meter, item))
        finally:
            enter_context(ActionContext())
        return True

    async def _write(self, work: Work) -> None:
        task = asyncio.create_task(work.write(), name=f"export {work.item.id}")
        heart = asyncio.create_task(self._beat(work, task))
        try:
            size = await task
            await endings.finish(self._database, work.item.id, str(self._worker), work.rows, size)
        except (asyncio.CancelledError, Exception) as error:
            me = asyncio.current_task()
            if me is not None and me.cancelling():
                # It is this process that is to stop; the next one finds what is left where not even that is said.
                await asyncio.wait([task])
                await self._end_without_file(work, ExportMove.INTERRUPT)
                raise asyncio.CancelledError from error
            await self._end_failed(work, error)
        finally:
            heart.cancel()

    async def _end_failed(self, work: Work, error: BaseException) -> None:
        if work.unwanted:
            # Whatever a driver answers when it is interrupted.
            await self._end_without_file(work, ExportMove.CANCEL)
        elif isinstance(error, Problem):
            await self._end_without_file(work, ExportMove.FAIL, error_code=error.code, error_message=error.detail)
        else:
            log.error("export_failed", export_id=work.item.id, exception="".join(traceback.format_exception(error)))
            self._database.observer.report(error, export=work.item.kind)
            message = "The export failed inside the server. Start it again."
            await self._end_without_file(work, ExportMove.FAIL, error_code="internal", error_message=message)

    async def _end_without_file(self, work: Work, name: ExportMove, **why: str) -> None:
        if await endings.end(self._database, work.item.id, name, str(self._worker), rows_done=work.rows, **why):
            await in_thread(self._folder.remove, str(work.item.file_name))

    async def _beat(self, work: Work, task: asyncio.Task[int]) -> None:
        """Store progress once a second and tell of it; a request to cancel, from whichever process, ends the work."""
        told = 0
        while True:
            try:
                async with self._database.write() as session:
                    asked = await repository.beat(
                        session, work.item.id, str(self._worker), utc_now(), work.rows, work.total
                    )
                    if work.rows != told:
                        await endings.tell(session, work.item)
                        told = work.rows
            except SQLAlchemyError as error:
                log.warning("export_heartbeat_failed", error=type(error).__name__)
                asked = False
            if asked is not False:
                work.unwanted = True
                task.cancel()
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look_now.wait(), _HEARTBEAT_SECONDS)
            self._look_now.clear()

    async def _tidy(self) -> None:
        """Remove files that no export needs. Listed before the rows are read: one that is begun meanwhile stays."""
        found = await in_thread(self._folder.names)
        async with self._database.read() as session:
            kept = await repository.files_in_use(session)
        await in_thread(self._folder.remove_all_but, found, kept)
