"""The life of a run (spec 3.6): made when it is due, taken by one process, ended, tried again or taken over.

Whoever makes a run holds the row of its job; whoever changes one holds its own row. Several processes may call any of
these at any time: one of them succeeds, the others find nothing to do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger

from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.identity.permissions import Permission, audience_with
from crm_boost.jobs import repository
from crm_boost.jobs.models import JobRun
from crm_boost.jobs.registry import Counts, JobSpec
from crm_boost.jobs.schedules import latest_due
from crm_boost.jobs.states import AttemptState, RunKind, RunState
from crm_boost.kit.clock import utc_now
from crm_boost.kit.ids import new_id

_LATE = timedelta(minutes=2)
_LONGEST_PAUSE = timedelta(hours=1)
PROCESS_ENDED = "ProcessEnded"
"""The error of an attempt whose process died."""

IsDead = Callable[[str | None, datetime | None, datetime], bool]


@dataclass(frozen=True, slots=True)
class Taken:
    """A run that this process has now."""

    run_id: str
    key: str
    attempt: int


async def announce_job(session: WriteSession, key: str) -> None:
    """Tell the pages of those who manage jobs."""
    await announce(session, "jobs", {"key": key}, audience_with(Permission.JOBS_MANAGE))


async def make_known(session: WriteSession, specs: Sequence[JobSpec]) -> None:
    """Make jobs known that are not yet: their due times count from now on. Those that fill what an older version did not
    store run at once, one time; of several processes one makes the run."""
    now = utc_now()
    added = await repository.add_jobs(session, [spec.key for spec in specs], now)
    for spec in specs:
        if spec.fills and spec.key in added:
            await repository.add_run(
                session,
                {"id": new_id(), "job_key": spec.key, "due_at": now, "kind": RunKind.CAUGHT_UP, "not_before": now},
            )


async def make_due(session: WriteSession, key: str, trigger: BaseTrigger) -> bool:
    """Make the newest due time of a job into a run, unless it is paused or has an open one; return whether there is
    a new run. Older due times that nobody made into runs are passed over."""
    job = await repository.claim_job(session, key)
    now = utc_now()
    if job is None or job.paused or await repository.claim_open_run(session, key) is not None:
        return False
    due = latest_due(trigger, job.counts_from, now)
    if due is None:
        return False
    job.counts_from = due
    await session.flush()
    kind = RunKind.CAUGHT_UP if now - due > _LATE else RunKind.SCHEDULED
    return await repository.add_run(
        session, {"id": new_id(), "job_key": key, "due_at": due, "kind": kind, "not_before": due}
    )


async def take(session: WriteSession, spec: JobSpec, worker: str, is_dead: IsDead) -> Taken | None:
    """Take the open run of a job if it waits and may begin, or if the process that has it is dead."""
    run, now = await repository.claim_open_run(session, spec.key), utc_now()
    if run is None:
        return None
    if run.state == RunState.RUNNING:
        if not is_dead(run.worker, run.heartbeat_at, now):
            return None
        run.failures += 1
        await repository.end_attempt(session, run, AttemptState.LOST, now, PROCESS_ENDED)
        if run.failures >= spec.attempts:
            await _end(session, run, RunState.FAILED, now, error=PROCESS_ENDED)
            return None
    elif run.not_before > now:
        return None
    run.state, run.worker, run.heartbeat_at, run.started_at = RunState.RUNNING, worker, now, now
    run.attempts += 1
    await repository.add_attempt(session, run, worker, now)
    await announce_job(session, run.job_key)
    return Taken(run.id, run.job_key, run.attempts)


async def succeed(session: WriteSession, taken: Taken, worker: str, result: Counts) -> None:
    """Note that a run has done its work."""
    run, now = await repository.claim_run_of(session, taken.run_id, worker), utc_now()
    if run is None:
        return
    await repository.end_attempt(session, run, AttemptState.SUCCEEDED, now)
    run.result = dict(result)
    await _end(session, run, RunState.SUCCEEDED, now)


async def fail(session: WriteSession, taken: Taken, worker: str, spec: JobSpec, error: str, pause: timedelta) -> None:
    """Note that an attempt failed. There is another one after `pause`, twice that after the second failure and so on,
    until the job's limit is reached."""
    run, now = await repository.claim_run_of(session, taken.run_id, worker), utc_now()
    if run is None:
        return
    run.failures += 1
    await repository.end_attempt(session, run, AttemptState.FAILED, now, error)
    if run.failures >= spec.attempts:
        await _end(session, run, RunState.FAILED, now, error=error)
        return
    run.state, run.worker, run.heartbeat_at, run.error = RunState.WAITING, None, None, error
    run.not_before = now + min(pause * 2 ** (run.failures - 1), _LONGEST_PAUSE)
    await session.flush()
    await announce_job(session, run.job_key)


async def hand_back(session: WriteSession, taken: Taken, worker: str) -> None:
    """Give a run back that this process cannot finish because it stops; the next one begins it anew."""
    run, now = await repository.claim_run_of(session, taken.run_id, worker), utc_now()
    if run is None:
        return
    await repository.end_attempt(session, run, AttemptState.HANDED_BACK, now)
    run.state, run.worker, run.heartbeat_at, run.not_before = RunState.WAITING, None, None, now
    await session.flush()
    await announce_job(session, run.job_key)


async def _end(session: WriteSession, run: JobRun, state: RunState, now: datetime, *, error: str | None = None) -> None:
    run.state, run.ended_at, run.error = state, now, error
    await session.flush()
    await announce_job(session, run.job_key)
