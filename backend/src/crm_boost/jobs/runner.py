"""One per process: takes runs, keeps its leases, ends runs or hands them back (spec 3.6).

The scheduler says only when to look. What is due, and who runs it, is decided in the tables, so any number of processes
may look at the same moment. Each also looks every few seconds: for runs whose process died, for runs that somebody
asked another process for, and for schedules changed there.
"""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta

import structlog

from crm_boost.db.engine import Database
from crm_boost.db.session import WriteSession
from crm_boost.jobs import repository, runs_service
from crm_boost.jobs.bells import Bells
from crm_boost.jobs.models import Job, JobRun
from crm_boost.jobs.registry import JOBS, JobSpec
from crm_boost.jobs.runs_service import Taken
from crm_boost.jobs.schedules import BadSchedule, latest_due, parse
from crm_boost.jobs.states import RunState
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.kit.errors import Problem
from crm_boost.settings import JobSettings
from crm_boost.uploads.runner import WorkerName

log = structlog.get_logger(__name__)

_HEARTBEAT_SECONDS = 5.0
"""Well below the time without a sign of life after which a process counts as dead."""
TOOK_TOO_LONG = "TookTooLong"


class JobRunner:
    """`start` and `stop` frame the life of a process; `wake` has it look now. With jobs switched off in the settings
    it does nothing by itself: another process runs them."""

    def __init__(
        self,
        database: Database,
        settings: JobSettings,
        jobs: Mapping[str, JobSpec] = JOBS,
        *,
        name: WorkerName | None = None,
    ) -> None:
        self.jobs = jobs
        self.name = name or WorkerName.of_this_process()
        self._database = database
        self._settings = settings
        self._wake = asyncio.Event()
        self._bells = Bells(database.business.tz, self.wake)
        self._unreadable: dict[str, str] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin; what was due while nobody was there is caught up at once."""
        if self._settings.enabled:
            self._bells.start()
            self._keeper = asyncio.create_task(self._keep(), name="jobs")

    async def stop(self) -> None:
        """Take nothing more; let what runs finish for a while, then hand it back."""
        self._stopping = True
        if self._keeper is not None:
            self._bells.stop()
            self.wake()
            # Not cancelled at once: a run must not be taken by a process that then does not know of it.
            with suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(self._keeper, self._settings.stop_seconds)
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks.values(), timeout=self._settings.stop_seconds)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    async def wait(self) -> None:
        """Wait until what this process has begun is over."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())
            await asyncio.sleep(0)

    async def _keep(self) -> None:
        enter_context(ActionContext())
        while not self._stopping:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look comes
                log.warning("jobs_look_failed", exception=_trace(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._settings.look_seconds)
            self._wake.clear()

    async def look(self) -> None:
        """Make runs of what is due and begin every run that is to be had. One statement when there is nothing to do.

        What goes wrong with one job is logged and keeps no other from its turn.
        """
        async with self._database.read() as session:
            found = {job.key: (job, run) for job, run in await repository.jobs_with_open_runs(session)}
        if unknown := [key for key in self.jobs if key not in found]:
            async with self._database.write() as session:
                await runs_service.make_known(session, [self.jobs[key] for key in unknown])
            self.wake()
        for key, spec in self.jobs.items():
            if key in found and not self._stopping:
                try:
                    await self._look_at(spec, *found[key])
                except Exception as error:  # noqa: BLE001 - whatever it is, it is this job's alone
                    log.warning("job_not_begun", job=key, exception=_trace(error))

    async def _look_at(self, spec: JobSpec, job: Job, run: JobRun | None) -> None:
        schedule, now, trigger = job.schedule or spec.schedule, utc_now(), None
        try:
            trigger = parse(schedule, self._database.business.tz, now)
        except BadSchedule as error:
            # Written past the app: the page shows it, the log says it once.
            if self._unreadable.get(spec.key) != schedule:
                log.warning("job_schedule_unreadable", job=spec.key, reason=str(error))
            self._unreadable[spec.key] = schedule
        if self._keeper is not None:
            self._bells.set(spec.key, schedule, None if job.paused else trigger)
        if run is None:
            if job.paused or trigger is None or latest_due(trigger, job.counts_from, now) is None:
                return
            async with self._database.write() as session:
                await runs_service.make_due(session, spec.key, trigger)
        elif run.state == RunState.WAITING:
            if run.not_before > now:
                return
        elif run.id in self._tasks or not self.name.is_dead(run.worker, run.heartbeat_at, now):
            return
        async with self._database.write() as session:
            taken = await runs_service.take(session, spec, str(self.name), self.name.is_dead)
        if taken is not None:
            task = asyncio.create_task(self._run(spec, taken), name=f"job {spec.key}")
            self._tasks[taken.run_id] = task
            task.add_done_callback(lambda _: self._forget(taken.run_id))

    def _forget(self, run_id: str) -> None:
        del self._tasks[run_id]
        self.wake()  # the next due time may have come meanwhile

    async def _run(self, spec: JobSpec, taken: Taken) -> None:
        # History, audit and log of whatever the run does carry its id.
        enter_context(ActionContext(correlation_id=taken.run_id))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(job=spec.key, run_id=taken.run_id)
        observer, began, outcome = self._database.observer, time.perf_counter(), "lost"
        try:
            with observer.job(spec.key, taken.run_id) as ended:
                outcome = await self._do(spec, taken)
                ended(outcome)
        except asyncio.CancelledError:
            outcome = "handed_back"
            raise
        finally:
            seconds = time.perf_counter() - began
            log.info("job", attempt=taken.attempt, outcome=outcome, ms=round(seconds * 1000, 1))
            if observer.metrics is not None:
                observer.metrics.job(spec.key, outcome, seconds)

    async def _do(self, spec: JobSpec, taken: Taken) -> str:
        """Do the work and note how it ended; return the same in a word."""
        worker, pause = str(self.name), timedelta(seconds=self._settings.retry_seconds)
        heart = asyncio.create_task(self._beat(taken, asyncio.current_task()))
        limit = asyncio.timeout(spec.limit.total_seconds())
        try:
            async with limit:
                result = await spec.run(self._database)
        except asyncio.CancelledError:
            if not self._stopping:
                log.warning("job_run_lost")  # somebody else has it
                return "lost"
            await self._note(lambda session: runs_service.hand_back(session, taken, worker))
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this job's alone
            told = TOOK_TOO_LONG if limit.expired() else _told(error)
            log.error("job_failed", attempt=taken.attempt, error=told, exception=_trace(error))
            self._database.observer.report(error, job=spec.key)
            await self._note(lambda session: runs_service.fail(session, taken, worker, spec, told, pause))
            return "failed"
        else:
            await self._note(lambda session: runs_service.succeed(session, taken, worker, result))
            return "succeeded"
        finally:
            heart.cancel()
            await asyncio.wait([heart])

    async def _note(self, verb: Callable[[WriteSession], Awaitable[None]]) -> None:
        try:
            async with self._database.write() as session:
                await verb(session)
        except Exception as error:  # noqa: BLE001 - whatever it is
            # The heartbeat stops: the run is taken over, here or elsewhere, and done again.
            log.error("job_end_not_noted", exception=_trace(error))

    async def _beat(self, taken: Taken, task: "asyncio.Task[None] | None") -> None:
        """Say regularly that this process lives; a run that somebody else has meanwhile is let go."""
        while True:
            await asyncio.sleep(_HEARTBEAT_SECONDS)
            try:
                async with self._database.write() as session:
                    mine = await repository.beat(session, taken.run_id, str(self.name), utc_now())
            except Exception as error:  # noqa: BLE001 - the next beat may come through
                log.warning("job_heartbeat_failed", error=type(error).__name__)
                continue
            if not mine and task is not None:
                task.cancel()
                return


def _told(error: Exception) -> str:
    """Return what the page says of an error: what kind it is. Its text may hold personal data; the log has it all."""
    name = type(error).__name__
    return f"{name} ({error.code})" if isinstance(error, Problem) else name


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error))
