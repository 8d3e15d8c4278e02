"""The scheduler of this process (APScheduler): wakes it at the due times of every job, and knows nothing else."""

import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger


class Bells:
    """One bell for each job that has a schedule and is not paused."""

    def __init__(self, zone: ZoneInfo, ring: Callable[[], None]) -> None:
        self._scheduler = AsyncIOScheduler(timezone=zone)
        self._ring = ring
        self._set: dict[str, str] = {}

    def start(self) -> None:
        """Begin to ring."""
        # At its usual level it logs every bell; what comes of one is in the runs.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler.start()

    def stop(self) -> None:
        """Ring no more."""
        self._scheduler.shutdown(wait=False)

    def set(self, key: str, schedule: str, trigger: BaseTrigger | None) -> None:
        """Ring for this job as this schedule says, from now on; None: not at all."""
        wanted = schedule if trigger is not None else ""
        if self._set.get(key, "") == wanted:
            return
        self._set[key] = wanted
        if trigger is None:
            self._scheduler.remove_job(key)
            return
        self._scheduler.add_job(
            self._on_time, trigger, id=key, replace_existing=True, misfire_grace_time=None, coalesce=True
        )

    async def _on_time(self) -> None:
        # A coroutine: the scheduler would call a plain function in a thread.
        self._ring()
