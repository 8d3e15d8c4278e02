"""One process of a desk with jobs that come every second: `python -m tests.jobs.worker <settings.json>`.

Runs until it is killed or told to stop. Whatever a job does is an entry in the audit log under the id of its run.
"""

import asyncio
import json
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import func, select

from crm_boost.db.audit import AuditEntry, record_audit
from crm_boost.db.engine import Database
from crm_boost.jobs import runner, schedules
from crm_boost.jobs.registry import JobSpec, registry
from crm_boost.kit.context import current_context
from crm_boost.settings import BusinessSettings, DatabaseSettings, JobSettings, Settings

EVERY_SECOND = "every second"
NEVER = "0 0 29 2 *"
"""Not while a test looks."""


def far_from_now() -> str:
    """A time of day from which it is hours to now: what comes at it is neither due while a test looks, nor was just due."""
    return "00:01" if 6 <= datetime.now(BusinessSettings().tz).hour < 18 else "12:01"


def parse_seconds(text: str, zone: ZoneInfo, now: datetime) -> BaseTrigger:
    """As the desk reads schedules, and one that no desk has."""
    return CronTrigger(second="*", timezone=zone) if text == EVERY_SECOND else schedules.parse(text, zone, now)


def jobs(*, hangs: bool) -> dict[str, JobSpec]:
    """The jobs of the test; in a process that `hangs`, the slow one never ends."""

    async def acts(database: Database, what: str) -> int:
        async with database.write() as session:
            await record_audit(session, what, "job", what)
            mine = AuditEntry.correlation_id == current_context().correlation_id
            return await session.scalar(select(func.count()).where(AuditEntry.action == what, mine)) or 0

    async def tick(database: Database) -> dict[str, int]:
        return {"times": await acts(database, "tick")}

    async def slow(database: Database) -> dict[str, int]:
        await acts(database, "slow_begun")
        if hangs:
            await asyncio.Event().wait()
        return {"times": await acts(database, "slow_done")}

    async def flaky(database: Database) -> dict[str, int]:
        times = await acts(database, "flaky")
        if times < 2:
            raise RuntimeError("not yet")
        return {"times": times}

    return registry(
        JobSpec("unreadable", "whenever it suits", tick),
        JobSpec("slow", NEVER, slow),
        JobSpec("tick", EVERY_SECOND, tick),
        JobSpec("flaky", NEVER, flaky),
        JobSpec("daily", far_from_now(), tick),
    )


async def main(wanted: dict[str, Any]) -> None:
    """Run jobs until told to stop."""
    settings = Settings(data_dir=Path(wanted["data_dir"]), database=DatabaseSettings(url=wanted["url"]))
    database = Database(settings)
    desk = runner.JobRunner(database, JobSettings(look_seconds=0.2, retry_seconds=0.1), jobs(hangs=wanted["hangs"]))
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    with patch.object(runner, "parse", parse_seconds):
        desk.start()
        print("ready", flush=True)
        await told.wait()
        await desk.stop()
    await database.dispose()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
