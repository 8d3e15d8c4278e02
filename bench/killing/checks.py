"""What a restart and the processes after it have to bring to an end."""

import asyncio
import time
from typing import Any

from sqlalchemy import Select, func, select

from crm_boost.databases.models import CustomerDatabase
from crm_boost.db.engine import Database
from crm_boost.jobs.models import JobRun
from crm_boost.webhooks.models import WebhookDelivery

_PATIENCE_SECONDS = 300.0


async def settled(database: Database) -> None:
    """Wait until what a restart removes is removed: half-stored databases go piece by piece."""
    unfinished = select(func.count()).select_from(CustomerDatabase).where(CustomerDatabase.state != "ready")
    await _until(database, unfinished, "databases lie about unfinished")


async def everything_done(database: Database) -> None:
    """Wait until no job runs or waits to run, and no message waits: what a killed process had is taken over."""
    runs = select(func.count()).select_from(JobRun).where(JobRun.ended_at.is_(None))
    await _until(database, runs, "runs of jobs are open")
    waiting = select(func.count()).select_from(WebhookDelivery).where(WebhookDelivery.state == "waiting")
    await _until(database, waiting, "messages wait")


async def _until(database: Database, count: Select[Any], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        async with database.read() as session:
            left = await session.scalar(count)
        if not left:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{left} {what}")
        await asyncio.sleep(0.05)


async def untold(database: Database, runs: dict[str, str]) -> list[str]:
    """Runs of jobs that were asked for and did not end, or ended without saying how."""
    async with database.read() as session:
        rows = list(await session.execute(select(JobRun.id, JobRun.state, JobRun.result, JobRun.error)))
    found = {row.id: row for row in rows if row.id in runs}
    wrong = [f"run {key} of {runs[key]} is gone" for key in runs.keys() - found.keys()]
    for key, row in found.items():
        told = row.result is not None if row.state == "succeeded" else bool(row.error)
        if row.state not in {"succeeded", "failed"} or not told:
            wrong.append(f"run {key} of {runs[key]} is {row.state}: {row.result} {row.error}")
    return wrong
