"""All SQL on jobs, runs and attempts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, delete, func, literal, or_, select, update
from sqlalchemy.orm import aliased

from crm_boost.db.dialect import in_numbers, inserting
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.jobs.models import Job, JobAttempt, JobRun
from crm_boost.jobs.states import AttemptState, RunState

Seen = tuple[Job, JobRun | None, JobRun | None]

_LEFT_WAITING = timedelta(hours=1)
_LEFT_RUNNING = timedelta(minutes=15)

_open = JobRun.ended_at.is_(None)


async def add_jobs(session: WriteSession, keys: Sequence[str], now: datetime) -> set[str]:
    """Make jobs known that are not yet: their due times count from now on. Return which of them are new."""
    rows = [{"key": key, "paused": False, "counts_from": now} for key in keys]
    statement = inserting(session, Job).values(rows).on_conflict_do_nothing().returning(Job.key)
    return set((await session.scalars(statement)).all())


async def jobs_with_open_runs(session: ReadSession) -> list[tuple[Job, JobRun | None]]:
    """Return every known job with its open run, if it has one. One statement."""
    statement = select(Job, JobRun).outerjoin(JobRun, and_(JobRun.job_key == Job.key, _open))
    return [(job, run) for job, run in await session.execute(statement)]


async def jobs_with_runs(session: ReadSession) -> list[Seen]:
    """Return every known job with its open run and the newest one that has ended. One statement."""
    current, last, other = aliased(JobRun), aliased(JobRun), aliased(JobRun)
    newest = (
        select(other.seq)
        .where(other.job_key == Job.key, other.ended_at.is_not(None))
        .order_by(other.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        select(Job, current, last)
        .outerjoin(current, and_(current.job_key == Job.key, current.ended_at.is_(None)))
        .outerjoin(last, last.seq == newest)
    )
    return [(job, current, last) for job, current, last in await session.execute(statement)]


def stuck_jobs(now: datetime) -> Select[*tuple[Any, ...]]:
    """Return the question for jobs whose newest run has failed, or has been left waiting or running for too long."""
    other = aliased(JobRun)
    newest = select(func.max(other.seq)).where(other.job_key == Job.key).correlate(Job).scalar_subquery()
    return (
        select(Job.key.label("key"), Job.key.label("id"), literal("job").label("kind"))
        .join(JobRun, JobRun.seq == newest)
        .where(
            or_(
                JobRun.state == RunState.FAILED,
                and_(JobRun.state == RunState.WAITING, JobRun.not_before < now - _LEFT_WAITING),
                and_(JobRun.state == RunState.RUNNING, JobRun.heartbeat_at < now - _LEFT_RUNNING),
            )
        )
    )


async def claim_job(session: WriteSession, key: str) -> Job | None:
    """Return a job, alone until the end of the transaction."""
    statement = select(Job).where(Job.key == key).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(statement)).first()


async def claim_open_run(session: WriteSession, key: str) -> JobRun | None:
    """Return the open run of a job as it is now, alone until the end of the transaction."""
    statement = (
        select(JobRun).where(JobRun.job_key == key, _open).with_for_update().execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).first()


async def add_run(session: WriteSession, values: dict[str, Any]) -> bool:
    """Add a run; False when there is one of this job and due time already."""
    statement = (
        inserting(session, JobRun)
        .values(state=RunState.WAITING, attempts=0, failures=0, **values)
        .on_conflict_do_nothing(index_elements=[JobRun.job_key, JobRun.due_at])
        .returning(JobRun.seq)
    )
    return (await session.execute(statement)).first() is not None


async def add_attempt(session: WriteSession, run: JobRun, worker: str, now: datetime) -> None:
    """Add the attempt that `run.attempts` counts."""
    session.add(
        JobAttempt(run_seq=run.seq, number=run.attempts, worker=worker, state=AttemptState.RUNNING, started_at=now)
    )
    await session.flush()


async def end_attempt(
    session: WriteSession, run: JobRun, state: AttemptState, now: datetime, error: str | None = None
) -> None:
    """End the newest attempt of a run."""
    statement = update(JobAttempt).where(JobAttempt.run_seq == run.seq, JobAttempt.number == run.attempts)
    await session.execute(statement.values(state=state, ended_at=now, error=error))


async def claim_run_of(session: WriteSession, run_id: str, worker: str) -> JobRun | None:
    """Return a run that this worker has, alone until the end of the transaction; None when it is somebody else's."""
    statement = (
        select(JobRun)
        .where(JobRun.id == run_id, JobRun.worker == worker, JobRun.state == RunState.RUNNING)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).first()


async def last_successes(session: ReadSession) -> dict[str, datetime]:
    """Return when each job last succeeded. One statement; each job's runs are read from the newest on."""
    ended = (
        select(JobRun.ended_at)
        .where(JobRun.job_key == Job.key, JobRun.state == RunState.SUCCEEDED)
        .order_by(JobRun.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = await session.execute(select(Job.key, ended))
    return {key: ended_at for key, ended_at in rows if ended_at is not None}


async def beat(session: WriteSession, run_id: str, worker: str, now: datetime) -> bool:
    """Say that the worker of a run lives; False when the run is not its any more."""
    statement = (
        update(JobRun)
        .where(JobRun.id == run_id, JobRun.worker == worker, JobRun.state == RunState.RUNNING)
        .values(heartbeat_at=now)
        .returning(JobRun.seq)
    )
    return (await session.execute(statement)).first() is not None


async def get_run(session: ReadSession, run_id: str) -> JobRun | None:
    """Return a run."""
    return (await session.scalars(select(JobRun).where(JobRun.id == run_id))).first()


async def list_runs(session: ReadSession, key: str, after: int | None, limit: int) -> tuple[list[JobRun], int]:
    """Return up to `limit + 1` runs of a job, the newest first, and how many there are (they are kept for a while)."""
    total = await session.scalar(select(func.count()).where(JobRun.job_key == key)) or 0
    statement = select(JobRun).where(JobRun.job_key == key).order_by(JobRun.seq.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(JobRun.seq < after)
    return list((await session.scalars(statement)).all()), total


async def attempts_of(session: ReadSession, run_seqs: Sequence[int]) -> list[JobAttempt]:
    """Return the attempts of these runs in their order."""
    statement = (
        select(JobAttempt)
        .where(in_numbers(JobAttempt.run_seq, run_seqs))
        .order_by(JobAttempt.run_seq, JobAttempt.number)
    )
    return list((await session.scalars(statement)).all())


async def forget_runs(session: WriteSession, before: datetime, limit: int) -> int:
    """Drop up to `limit` runs that ended before an instant, with their attempts, but never a job's newest; return how
    many."""
    newer = aliased(JobRun)
    has_newer = select(newer.seq).where(newer.job_key == JobRun.job_key, newer.seq > JobRun.seq).exists()
    old = (
        select(JobRun.seq)
        .where(JobRun.ended_at < before, has_newer)
        .order_by(JobRun.ended_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = delete(JobRun).where(JobRun.seq.in_(old)).returning(JobRun.seq)
    return len((await session.execute(statement.execution_options(synchronize_session=False))).all())
