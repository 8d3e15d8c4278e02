"""The check of the data health that is about jobs (spec 3.5): it fires on jobs whose work does not get done."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from crm_boost.db.engine import Database
from crm_boost.health.catalog import check_named
from crm_boost.health.service import ask
from crm_boost.jobs import repository
from crm_boost.jobs.models import JobRun
from crm_boost.jobs.registry import JOBS
from crm_boost.kit.clock import utc_now

KEY = "trash_purge"


async def store(database: Database, *runs: dict[str, Any]) -> None:
    """Store runs of one job, the oldest first."""
    now = utc_now()
    async with database.write() as session:
        await repository.add_jobs(session, list(JOBS), now)
        for number, run in enumerate(runs):
            ended = now if run["state"] in {"succeeded", "failed"} else None
            plain = {"id": f"run{number}", "job_key": KEY, "due_at": now + timedelta(seconds=number)}
            plain |= {"kind": "scheduled", "not_before": now, "heartbeat_at": now, "ended_at": ended}
            await session.execute(insert(JobRun).values({**plain, "attempts": 1, "failures": 0, **run}))


NOW = timedelta(0)


@pytest.mark.parametrize(
    ("runs", "stuck"),
    [
        ([], 0),
        ([{"state": "succeeded"}], 0),
        ([{"state": "failed"}], 1),
        ([{"state": "failed"}, {"state": "succeeded"}], 0),
        ([{"state": "succeeded"}, {"state": "failed"}], 1),
        ([{"state": "waiting"}], 0),
        ([{"state": "waiting", "not_before": timedelta(hours=-2)}], 1),
        ([{"state": "running"}], 0),
        ([{"state": "running", "heartbeat_at": timedelta(minutes=-20)}], 1),
    ],
)
async def test_it_fires_on_jobs_that_do_not_get_done(
    client: httpx.AsyncClient, database: Database, runs: list[dict[str, Any]], stuck: int
) -> None:
    now = utc_now()
    placed = [{k: now + v if isinstance(v, timedelta) else v for k, v in run.items()} for run in runs]
    await store(database, *placed)
    check = check_named("stuck_jobs")
    assert check is not None
    async with database.read() as session:
        found = await ask(session, check)

    assert found.count == stuck
    assert [row["id"] for row in found.sample] == [KEY] * stuck
