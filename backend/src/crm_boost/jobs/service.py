"""What admins do with jobs (spec 3.6): look, change the schedule, pause, run now, read the history."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm_boost.db.audit import record_audit
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.jobs import repository
from crm_boost.jobs.errors import JobRunning, PauseNeedsConfirmation, UnknownJob
from crm_boost.jobs.models import Job, JobAttempt, JobRun
from crm_boost.jobs.registry import JobSpec
from crm_boost.jobs.runs_service import announce_job
from crm_boost.jobs.schedules import BadSchedule, next_due, parse
from crm_boost.jobs.schemas import JobChange
from crm_boost.jobs.states import RunKind, RunState
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.ids import new_id
from crm_boost.kit.paging import Page, decode_cursor, page_of

Jobs = Mapping[str, JobSpec]


async def list_jobs(session: ReadSession, jobs: Jobs) -> list[dict[str, Any]]:
    """Return every job: when it is due next, what it does now, how its last run ended."""
    stored = {row[0].key: row for row in await repository.jobs_with_runs(session)}
    now, zone = utc_now(), session.business.tz
    return [_job_row(spec, stored.get(spec.key), zone, now) for spec in jobs.values()]


async def change_job(session: WriteSession, jobs: Jobs, key: str, change: JobChange) -> dict[str, Any]:
    """Change the schedule of a job, pause it or let it go on. What was due until now is not caught up."""
    spec, now = _spec(jobs, key), utc_now()
    schedule = change.schedule
    if schedule is not None:
        try:
            parse(schedule, session.business.tz, now)
        except BadSchedule as error:
            raise InvalidInput.of("schedule", str(error), error.code) from error
    if change.paused and spec.essential and not change.confirmed:
        raise PauseNeedsConfirmation("People rely on this job. Confirm that it is to be paused.", field="confirmed")
    job = await _claim(session, spec)
    before = {"schedule": job.schedule or spec.schedule, "paused": job.paused}
    if schedule is not None:
        job.schedule = None if schedule == spec.schedule else schedule
    if change.paused is not None:
        job.paused = change.paused
    after = {"schedule": job.schedule or spec.schedule, "paused": job.paused}
    if after != before:
        job.counts_from, job.changed_at, job.changed_by_name = now, now, current_context().actor_name
        await session.flush()
        await record_audit(session, "job.changed", "job", key, **{"from": before, "to": after})
        await announce_job(session, key)
    return await _one(session, spec)


async def ask_run(session: WriteSession, jobs: Jobs, key: str) -> dict[str, Any]:
    """Have a job run now, also a paused one. A run that waits for its next attempt is tried now; 409 while it runs."""
    spec, now = _spec(jobs, key), utc_now()
    await _claim(session, spec)
    run = await repository.claim_open_run(session, key)
    if run is not None and run.state == RunState.RUNNING:
        raise JobRunning("This job is running already.", state=run.state)
    if run is not None:
        run.not_before = now
        await session.flush()
    else:
        context = current_context()
        values = {"id": new_id(), "job_key": key, "due_at": now, "kind": RunKind.MANUAL, "not_before": now}
        if not await repository.add_run(
            session, {**values, "asked_by": context.actor_id, "asked_by_name": context.actor_name}
        ):
            raise JobRunning("This job has run at this very moment.", state=RunState.SUCCEEDED)
    await record_audit(session, "job.run_asked", "job", key)
    await announce_job(session, key)
    return await _one(session, spec)


async def list_runs(
    session: ReadSession, jobs: Jobs, key: str, *, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return the runs of a job with their attempts, the newest first. Three statements."""
    _spec(jobs, key)
    after = decode_cursor(cursor, kinds=(int,))[0] if cursor else None
    runs, total = await repository.list_runs(session, key, after, limit)
    page: Page[JobRun] = page_of(runs, limit, total, lambda run: (run.seq,))
    attempts: dict[int, list[dict[str, Any]]] = {run.seq: [] for run in page.rows}
    for attempt in await repository.attempts_of(session, list(attempts)):
        attempts[attempt.run_seq].append(_attempt_row(attempt))
    rows = [{**_run_row(run), "attempts": attempts[run.seq]} for run in page.rows]
    return Page(rows, page.total, page.next_cursor)


async def reports_config(session: ReadSession, jobs: Jobs) -> dict[str, Any]:
    """Return what runs by the clock, in the shape that kept clients read."""
    rows = await list_jobs(session, jobs)
    enabled = not all(row["paused"] for row in rows)
    return {"id": "scheduled_reports", "enabled": enabled, "zone": session.business.zone, "jobs": rows}


def _spec(jobs: Jobs, key: str) -> JobSpec:
    spec = jobs.get(key)
    if spec is None:
        raise UnknownJob("There is no such job.", key=key)
    return spec


async def _claim(session: WriteSession, spec: JobSpec) -> Job:
    await repository.add_jobs(session, [spec.key], utc_now())
    job = await repository.claim_job(session, spec.key)
    assert job is not None
    return job


async def _one(session: ReadSession, spec: JobSpec) -> dict[str, Any]:
    stored = {row[0].key: row for row in await repository.jobs_with_runs(session)}
    return _job_row(spec, stored.get(spec.key), session.business.tz, utc_now())


def _job_row(spec: JobSpec, stored: repository.Seen | None, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    job, current, last = stored if stored is not None else (None, None, None)
    schedule = (job.schedule if job is not None else None) or spec.schedule
    paused = job is not None and job.paused
    row: dict[str, Any] = {
        "key": spec.key,
        "schedule": schedule,
        "default_schedule": spec.schedule,
        "essential": spec.essential,
        "paused": paused,
    }
    try:
        due = next_due(parse(schedule, zone, now), now)
    except BadSchedule as error:
        row["schedule_error"] = str(error)
    else:
        if due is not None and not paused:
            row["next_due"] = due
    if current is not None:
        row["open_run"] = _run_row(current)
    if last is not None:
        row["last_run"] = _run_row(last)
    if job is not None and job.changed_at is not None:
        row.update(changed_at=job.changed_at, changed_by_name=job.changed_by_name)
    return row


def _run_row(run: JobRun) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": run.id,
        "kind": run.kind,
        "state": run.state,
        "due_at": run.due_at,
        "attempt_count": run.attempts,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "result": run.result,
        "error": run.error,
        "asked_by_name": run.asked_by_name,
    }
    if run.started_at is not None and run.ended_at is not None:
        row["duration_ms"] = round((run.ended_at - run.started_at) / timedelta(milliseconds=1))
    if run.state == RunState.WAITING:
        row["next_try_at"] = run.not_before
    return {name: value for name, value in row.items() if value is not None}


def _attempt_row(attempt: JobAttempt) -> dict[str, Any]:
    row = {
        "number": attempt.number,
        "state": attempt.state,
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "error": attempt.error,
    }
    return {name: value for name, value in row.items() if value is not None}
