"""Moves SQLite's log into its database file beside the writers.

By itself SQLite does so inside the commit that makes the log too long: one unit of work in eight then takes several
times as long, and everybody in the lane waits for it (hand-outs of 50 records: 13 ms each instead of 9).
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

LONGEST_LOG_PAGES = 48_000
"""Beyond this the committing writer does it after all, and everybody waits for that."""
_LONG_LOG_PAGES = 8_000
"""From here on writers are made to wait for what is left to move, since a log begins anew only when nothing is."""
_COMMITS = 16
_ROWS = 30_000
"""So many changed rows are some thirty thousand pages in the log. Moved less often, a page is moved once for all that was
written to it meanwhile."""
_SECONDS = 0.25
_MOST_PASSES = 6


class Checkpoints:
    """Starts a checkpoint in a thread after so many commits or rows, one at a time and not too often."""

    def __init__(self, path: Path, turn: Callable[[], AbstractAsyncContextManager[None]]) -> None:
        """`turn` is a turn among the writers, ahead of those who wait."""
        self._path = path
        self._turn = turn
        self._connection: sqlite3.Connection | None = None
        self._commits = 0
        self._rows = 0
        self._not_before = 0.0
        self._running: asyncio.Task[None] | None = None
        self._log_pages = 0

    def committed(self, units: int, rows: int = 0) -> None:
        """Note a commit of so many units of work, which changed so many rows; start a checkpoint when it is time for one."""
        self._commits += units
        self._rows += rows
        if (self._commits < _COMMITS and self._rows < _ROWS) or time.monotonic() < self._not_before:
            return
        if self._running is None or self._running.done():
            self._start()

    async def make_short(self) -> None:
        """Wait until a log that has become long is moved: whoever writes next then begins a new one. For who writes much
        and without a pause, and not in the lane. Where a reader is in the way, this does no good and does not wait."""
        if self._log_pages < _LONG_LOG_PAGES:
            return
        while self._running is not None and not self._running.done():
            await asyncio.wait([self._running])
        await asyncio.wait([self._start()])
        self._log_pages = 0

    def _start(self) -> asyncio.Task[None]:
        self._commits = self._rows = 0
        self._running = asyncio.create_task(self._run())
        return self._running

    async def close(self) -> None:
        """Wait for a running checkpoint and give up the connection."""
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)
        if self._connection is not None:
            await asyncio.to_thread(self._connection.close)
            self._connection = None

    async def _run(self) -> None:
        try:
            length = await asyncio.to_thread(self._checkpoint)
            before, passes = 0, 0
            while _LONG_LOG_PAGES < length != before and passes < _MOST_PASSES:
                # Writers have not paused for long. What they have added meanwhile is moved too, until that is nothing.
                before, length = length, await asyncio.to_thread(self._checkpoint)
                passes += 1
            if length > _LONG_LOG_PAGES:
                # What the one commits who is at it now is moved while all wait, and the log begins anew.
                async with self._turn():
                    await asyncio.to_thread(self._checkpoint)
        except sqlite3.Error as error:
            # Nothing is lost: the log is as durable as the database, and the next one moves it.
            log.warning("checkpoint_failed", error=str(error))
        self._not_before = time.monotonic() + _SECONDS

    def _checkpoint(self) -> int:
        """Move what there is, and return how long the log is."""
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=20)
            self._connection.execute("PRAGMA synchronous=FULL")
        _busy, log_pages, moved = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        self._log_pages = log_pages if moved < log_pages else 0
        return int(log_pages)
