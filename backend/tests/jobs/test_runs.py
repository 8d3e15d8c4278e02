"""The life of a run (spec 3.6): made once per due time, taken by one, tried again, taken over, handed back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from crm_boost.db.audit import AuditEntry, record_audit
from crm_boost.db.engine import Database
from crm_boost.jobs import runs_service
from crm_boost.jobs.models import Job, JobAttempt, JobRun
from crm_boost.jobs.registry import JobSpec, registry
from crm_boost.jobs.runner import JobRunner
from crm_boost.jobs.schedules import parse
from crm_boost.kit import clock
from crm_boost.settings import JobSettings
from crm_boost.uploads.runner import WorkerName
from tests.support.statements import recorded_statements

MONDAY = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""Noon in the business zone."""
RETRY = JobSettings(enabled=False, retry_seconds=60, stop_seconds=5)
HERE, THERE = WorkerName("here", 11, "aa"), WorkerName("there", 22, "bb")


class Work:
    """A job of a test: how often it ran, and how the next times go."""

    def __init__(self, key: str = "count", schedule: str = "00:01", **options: Any) -> None:
        self.ran = 0
        self.next: list[Callable[[Database], Awaitable[dict[str, int]]]] = []
        self.spec = JobSpec(key, schedule, self.run, **options)

    async def run(self, database: Database) -> dict[str, int]:
        self.ran += 1
        if self.next:
            return await self.next.pop(0)(database)
        return {"done": self.ran}


async def breaks(_database: Database) -> dict[str, int]:
    raise RuntimeError("Mrs Nobody, +62 812 0000")


async def hangs(_database: Database) -> dict[str, int]:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


@contextmanager
def on(moment: datetime) -> Iterator[None]:
    with clock.frozen(moment):
        yield


def runner(database: Database, *works: Work, name: WorkerName = HERE, settings: JobSettings = RETRY) -> JobRunner:
    return JobRunner(database, settings, registry(*(work.spec for work in works)), name=name)


async def look(desk: JobRunner, moment: datetime) -> None:
    """Have a process look, and do what it finds, at a moment."""
    with on(moment):
        await desk.look()
        await desk.wait()


async def runs(database: Database, key: str = "count") -> list[JobRun]:
    async with database.read() as session:
        return list((await session.scalars(select(JobRun).where(JobRun.job_key == key).order_by(JobRun.seq))).all())


async def attempts(database: Database) -> list[tuple[str, str | None]]:
    async with database.read() as session:
        rows = await session.scalars(select(JobAttempt).order_by(JobAttempt.run_seq, JobAttempt.number))
        return [(row.state, row.error) for row in rows]


async def test_a_due_time_is_run_once_and_noted(database: Database) -> None:
    work = Work()
    desk = runner(database, work)
    for moment in ("2026-03-02 12:00", "2026-03-02 17:00:59"):
        await look(desk, datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert await runs(database) == []
    due = datetime(2026, 3, 2, 17, 1, tzinfo=UTC)
    for seconds in (0, 5, 3600):
        await look(desk, due + timedelta(seconds=seconds))

    (run,) = await runs(database)
    assert (run.due_at, run.kind, run.state, run.result, run.attempts) == (
        due,
        "scheduled",
        "succeeded",
        {"done": 1},
        1,
    )
    assert (run.started_at, run.ended_at, run.error) == (due, due, None)
    assert work.ran == 1
    assert await attempts(database) == [("succeeded", None)]


async def test_only_the_newest_missed_one_is_caught_up_and_a_new_job_has_missed_none(database: Database) -> None:
    work = Work()
    await look(runner(database, work), MONDAY)
    assert work.ran == 0
    for _ in range(2):  # a process that starts after ten days, and another
        await look(runner(database, work), MONDAY + timedelta(days=10))

    (run,) = await runs(database)
    assert (run.due_at, run.kind, run.state) == (datetime(2026, 3, 11, 17, 1, tzinfo=UTC), "caught_up", "succeeded")
    assert work.ran == 1


async def test_two_processes_that_look_at_once_run_it_once(database: Database) -> None:
    work = Work()
    desks = [runner(database, work, name=name) for name in (HERE, THERE, WorkerName("yonder", 33, "cc"))]
    await look(desks[0], MONDAY)
    for day in range(1, 4):
        await asyncio.gather(*(look(desk, MONDAY + timedelta(days=day)) for desk in desks))

    assert [run.state for run in await runs(database)] == ["succeeded"] * 3
    assert work.ran == 3


async def test_a_failed_run_is_tried_again_later_each_attempt_kept(database: Database) -> None:
    work = Work(attempts=3)
    work.next = [breaks, breaks]
    desk, start = runner(database, work), MONDAY + timedelta(days=1)
    await look(desk, MONDAY)
    await look(desk, start)
    (run,) = await runs(database)
    assert (run.state, run.error, run.not_before, run.ended_at) == (
        "waiting",
        "RuntimeError",
        start + timedelta(seconds=60),
        None,
    )
    await look(desk, start + timedelta(seconds=59))
    assert work.ran == 1
    await look(desk, start + timedelta(seconds=60))
    await look(desk, start + timedelta(seconds=179))  # twice the pause
    assert work.ran == 2
    await look(desk, start + timedelta(seconds=180))

    (run,) = await runs(database)
    assert (run.state, run.error, run.result, run.attempts) == ("succeeded", None, {"done": 3}, 3)
    assert await attempts(database) == [("failed", "RuntimeError"), ("failed", "RuntimeError"), ("succeeded", None)]


async def test_after_the_last_attempt_it_has_failed_and_the_next_due_time_comes(database: Database) -> None:
    work = Work(attempts=2)
    work.next = [breaks, breaks]
    desk, start = runner(database, work), MONDAY + timedelta(days=1)
    await look(desk, MONDAY)
    for moment in (start, start + timedelta(minutes=1), start + timedelta(minutes=9), start + timedelta(days=1)):
        await look(desk, moment)

    assert [(run.state, run.error) for run in await runs(database)] == [("failed", "RuntimeError"), ("succeeded", None)]
    assert work.ran == 3


async def test_what_a_dead_process_had_is_taken_over_a_living_one_keeps_it(database: Database) -> None:
    work = Work()
    start = MONDAY + timedelta(days=1)
    await look(runner(database, work), MONDAY)
    with on(start):
        async with database.write() as session:
            trigger = parse("00:01", database.business.tz, start)
            assert await runs_service.make_due(session, "count", trigger)
            assert await runs_service.take(session, work.spec, str(THERE), THERE.is_dead) is not None
    desk = runner(database, work)
    await look(desk, start + timedelta(seconds=29))
    assert work.ran == 0
    await look(desk, start + timedelta(seconds=31))

    (run,) = await runs(database)
    assert (run.state, run.worker, run.attempts) == ("succeeded", str(HERE), 2)
    assert await attempts(database) == [("lost", "ProcessEnded"), ("succeeded", None)]


async def test_a_run_that_ends_every_process_is_given_up(database: Database) -> None:
    work = Work(attempts=2)
    start = MONDAY + timedelta(days=1)
    await look(runner(database, work), MONDAY)
    with on(start):
        async with database.write() as session:
            await runs_service.make_due(session, "count", parse("00:01", database.business.tz, start))
    for minute in range(3):
        with on(start + timedelta(minutes=minute)):
            async with database.write() as session:
                await runs_service.take(session, work.spec, str(THERE), THERE.is_dead)

    (run,) = await runs(database)
    assert (run.state, run.error, run.attempts) == ("failed", "ProcessEnded", 2)


async def test_whoever_lost_a_run_cannot_end_it(database: Database) -> None:
    work = Work()
    start = MONDAY + timedelta(days=1)
    await look(runner(database, work), MONDAY)
    with on(start):
        async with database.write() as session:
            await runs_service.make_due(session, "count", parse("00:01", database.business.tz, start))
            lost = await runs_service.take(session, work.spec, str(THERE), THERE.is_dead)
    assert lost is not None
    with on(start + timedelta(minutes=1)):
        async with database.write() as session:
            assert await runs_service.take(session, work.spec, str(HERE), HERE.is_dead) is not None
        async with database.write() as session:
            await runs_service.succeed(session, lost, str(THERE), {"done": 99})
            await runs_service.fail(session, lost, str(THERE), work.spec, "Late", timedelta(0))
            await runs_service.hand_back(session, lost, str(THERE))

    (run,) = await runs(database)
    assert (run.state, run.worker, run.result) == ("running", str(HERE), None)
    assert await attempts(database) == [("lost", "ProcessEnded"), ("running", None)]


async def test_failing_hanging_and_unreadable_jobs_stop_no_other(database: Database) -> None:
    broken, stuck, unreadable, sound = Work("broken"), Work("stuck"), Work("unreadable"), Work("sound")
    broken.next, stuck.next = [breaks], [hangs]
    stuck.spec = JobSpec("stuck", "00:01", stuck.run, limit=timedelta(seconds=0.05), attempts=1)
    desk = runner(database, broken, stuck, unreadable, sound)
    await look(desk, MONDAY)
    async with database.write() as session:
        await session.execute(update(Job).where(Job.key == "unreadable").values(schedule="whenever it suits"))
    await look(desk, MONDAY + timedelta(days=1))

    ended = {key: [(run.state, run.error) for run in await runs(database, key)] for key in desk.jobs}
    assert ended == {
        "broken": [("waiting", "RuntimeError")],
        "stuck": [("failed", "TookTooLong")],
        "unreadable": [],
        "sound": [("succeeded", None)],
    }


async def test_while_a_run_lasts_its_due_times_wait_and_become_one(database: Database) -> None:
    work = Work(schedule="*/5 * * * *")
    release = asyncio.Event()

    async def lasts(_database: Database) -> dict[str, int]:
        await release.wait()
        return {}

    work.next = [lasts]
    desk = runner(database, work)
    await look(desk, MONDAY)
    for minutes in (5, 10, 15, 20):
        with on(MONDAY + timedelta(minutes=minutes)):
            await desk.look()
    assert len(await runs(database)) == 1
    release.set()
    await desk.wait()
    await look(desk, MONDAY + timedelta(minutes=21))

    assert [run.due_at for run in await runs(database)] == [MONDAY + timedelta(minutes=m) for m in (5, 20)]
    assert work.ran == 2


async def test_stopping_waits_for_what_runs_and_hands_back_what_does_not_end(database: Database) -> None:
    quick, slow = Work("quick"), Work("slow")
    begun = asyncio.Event()

    async def soon(_database: Database) -> dict[str, int]:
        begun.set()
        await asyncio.sleep(0.05)
        return {"done": 1}

    quick.next, slow.next = [soon], [hangs]
    settings = JobSettings(enabled=False, stop_seconds=0.3)
    desk = runner(database, quick, slow, settings=settings)
    await look(desk, MONDAY)
    with on(MONDAY + timedelta(days=1)):
        await desk.look()
        await begun.wait()
        await desk.stop()

    assert [run.state for run in await runs(database, "quick")] == ["succeeded"]
    (run,) = await runs(database, "slow")
    assert (run.state, run.worker, run.failures) == ("waiting", None, 0)
    await look(runner(database, quick, slow, name=THERE), MONDAY + timedelta(days=1))
    (run,) = await runs(database, "slow")
    assert (run.state, run.worker, run.attempts) == ("succeeded", str(THERE), 2)
    assert [state for state, _ in await attempts(database)] == ["succeeded", "handed_back", "succeeded"]


async def test_what_a_run_does_is_the_systems_and_carries_its_id(database: Database) -> None:
    work = Work()

    async def acts(database: Database) -> dict[str, int]:
        async with database.write() as session:
            await record_audit(session, "acted", "job", "count")
        return {}

    work.next = [acts]
    desk = runner(database, work)
    await look(desk, MONDAY)
    await look(desk, MONDAY + timedelta(days=1))

    (run,) = await runs(database)
    async with database.read() as session:
        entry = (await session.scalars(select(AuditEntry))).one()
    assert (entry.actor_id, entry.actor_name, entry.correlation_id) == (None, "system", run.id)


async def test_a_look_that_finds_nothing_is_one_statement(database: Database) -> None:
    works = [Work(f"job{number}") for number in range(6)]
    desk = runner(database, *works)
    await look(desk, MONDAY)
    for day in range(2):  # before the first run, and after it
        await look(desk, MONDAY + timedelta(days=day))
        with recorded_statements(database) as statements:
            await look(desk, MONDAY + timedelta(days=day, minutes=1))
        assert len(statements) == 1


async def test_what_was_decided_between_a_look_and_its_work_counts(database: Database) -> None:
    """A look reads without locks; what it then does looks again."""
    work, start = Work(), MONDAY + timedelta(days=1)
    work.next = [breaks]
    await look(runner(database, work), MONDAY)
    trigger = parse("00:01", database.business.tz, start)
    with on(start):
        async with database.write() as session:
            await session.execute(update(Job).values(paused=True))
            assert not await runs_service.make_due(session, "count", trigger)
            await session.execute(update(Job).values(paused=False))
            assert await runs_service.make_due(session, "count", trigger)
            assert not await runs_service.make_due(session, "count", trigger)
    await look(runner(database, work), start)
    with on(start + timedelta(seconds=59)):
        async with database.write() as session:
            assert await runs_service.take(session, work.spec, str(HERE), HERE.is_dead) is None
    assert work.ran == 1


@pytest.mark.parametrize("paused", [True, False])
async def test_a_paused_job_waits(database: Database, paused: bool) -> None:
    work = Work()
    desk = runner(database, work)
    await look(desk, MONDAY)
    async with database.write() as session:
        await session.execute(update(Job).values(paused=paused))
    await look(desk, MONDAY + timedelta(days=1))

    assert work.ran == (0 if paused else 1)
