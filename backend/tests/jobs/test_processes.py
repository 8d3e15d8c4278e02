"""Several processes on one database, some of them killed (spec 3.6): every due time is run once, by one of them."""

import asyncio
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from crm_boost.jobs import repository, service
from crm_boost.jobs.models import Job, JobAttempt, JobRun
from crm_boost.jobs.registry import JOBS
from crm_boost.kit.clock import utc_now
from crm_boost.settings import Settings
from tests.jobs import worker
from tests.support.factories import make_user
from tests.support.live import serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

BACKEND = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
SPECS = worker.jobs(hangs=False)

Begin = Callable[[bool], Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def begin(settings: Settings, tmp_path: Path) -> AsyncIterator[Begin]:
    """Starts processes, some of which hang in the slow job; none outlives the test."""
    started: list[asyncio.subprocess.Process] = []

    async def start(hangs: bool) -> asyncio.subprocess.Process:
        file = tmp_path / f"worker{len(started)}.json"
        url = settings.database.url
        file.write_text(json.dumps({"data_dir": str(settings.data_dir), "url": url, "hangs": hangs}), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.jobs.worker", str(file), cwd=BACKEND, stdout=asyncio.subprocess.PIPE
        )
        started.append(process)
        assert process.stdout is not None
        while (line := await process.stdout.readline()) != b"ready\n":
            assert line, "the process ended before it began"
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def wait_for(database: Database, key: str, what: Callable[[list[JobRun]], bool]) -> list[JobRun]:
    """Read the runs of a job until they are as wanted."""
    deadline = time.monotonic() + PATIENCE
    while True:
        async with database.read() as session:
            runs = list((await session.scalars(select(JobRun).where(JobRun.job_key == key).order_by(JobRun.seq))).all())
        if what(runs):
            return runs
        assert time.monotonic() < deadline, [(run.state, run.attempts, run.error) for run in runs]
        await asyncio.sleep(0.05)


def succeeded(count: int) -> Callable[[list[JobRun]], bool]:
    return lambda runs: sum(run.state == "succeeded" for run in runs) >= count


async def test_two_processes_and_a_killed_one(database: Database, begin: Begin) -> None:
    async with database.write() as session:
        await service.ask_run(session, SPECS, "slow")
    victim = await begin(True)
    await wait_for(database, "slow", lambda runs: runs[0].state == "running")
    second = await begin(False)
    async with database.write() as session:
        await service.ask_run(session, SPECS, "flaky")
    await wait_for(database, "tick", succeeded(3))
    victim.send_signal(signal.SIGKILL)
    await victim.wait()

    (slow,) = await wait_for(database, "slow", succeeded(1))
    (flaky,) = await wait_for(database, "flaky", succeeded(1))
    before = len(await wait_for(database, "tick", succeeded(1)))
    await wait_for(database, "tick", succeeded(before + 2))
    second.send_signal(signal.SIGKILL)
    await second.wait()
    # Nobody is there for days; then two begin at once.
    async with database.write() as session:
        await session.execute(update(Job).where(Job.key == "daily").values(counts_from=utc_now() - timedelta(days=3)))
    late = [await begin(False), await begin(False)]
    daily = (await wait_for(database, "daily", succeeded(1)))[0]
    ticks = await wait_for(database, "tick", succeeded(before + 4))
    for process in late:
        process.terminate()
    assert [await process.wait() for process in late] == [0, 0]

    async with database.read() as session:
        acted = Counter((entry.correlation_id, entry.action) for entry in await session.scalars(select(AuditEntry)))
        tries: dict[int, list[str]] = {}
        for attempt in await session.scalars(select(JobAttempt).order_by(JobAttempt.run_seq, JobAttempt.number)):
            tries.setdefault(attempt.run_seq, []).append(attempt.state)
        ticks = list((await session.scalars(select(JobRun).where(JobRun.job_key == "tick"))).all())
        unreadable = (await session.scalars(select(JobRun).where(JobRun.job_key == "unreadable"))).all()
    assert (tries[slow.seq], acted[slow.id, "slow_done"]) == (["lost", "succeeded"], 1)
    assert (tries[flaky.seq], acted[flaky.id, "flaky"], flaky.result) == (["failed", "succeeded"], 2, {"times": 2})
    assert (daily.kind, acted[daily.id, "tick"]) == ("caught_up", 1)
    assert len({run.due_at for run in ticks}) == len(ticks)
    for run in ticks:
        assert run.state == "succeeded", run.state
        # Only a run whose process was killed right after its work may have been done again.
        assert acted[run.id, "tick"] == 1 or "lost" in tries[run.seq]
    assert unreadable == []


async def test_servers_catch_up_once_and_stop_cleanly(database: Database, settings: Settings, tmp_path: Path) -> None:
    admin, began = await make_user(database, "admin"), utc_now()
    async with database.write() as session:
        await repository.add_jobs(session, list(JOBS), utc_now() - timedelta(days=3))
    works = {"CRM_JOBS__ENABLED": "true"}
    with (
        serving(settings, tmp_path / "one.log", **works) as one,
        serving(settings, tmp_path / "two.log", **works) as two,
    ):
        for key in JOBS:
            runs = await wait_for(database, key, lambda runs: len(runs) > 0 and runs[0].ended_at is not None)
            assert (runs[0].state, runs[0].attempts) == ("succeeded", 1)
            # Of three days the newest due time alone; a regular one may come meanwhile.
            assert len(runs) <= 2
            assert runs[0].due_at > began - timedelta(hours=25)
        async with httpx.AsyncClient(base_url=two.url, headers=admin.auth) as client:
            asked = await client.post("/api/jobs/session_cleanup/run")
        assert asked.status_code == 200
        await wait_for(database, "session_cleanup", succeeded(2))
        logs = [one.stop(), two.stop()]

    assert not any("job_failed" in log or "Traceback" in log for log in logs)
