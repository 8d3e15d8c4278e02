"""Moves SQLite's log into its database file beside the writers.

By itself SQLite does so inside the commit that makes the log too long: one unit of work in eight then takes several
times as long, and everybody in the lane waits for it (hand-outs of 50 records: 13 ms each instead of 9).
"""

import asyncio
import sqlite3
import time
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

LONGEST_LOG_PAGES = 16_000
"""Beyond this the committing writer does it after all. It also ends a log that grows because writers never pause: a
log begins anew only when nothing in it is left to move."""
_COMMITS = 16
_SECONDS = 0.25


class Checkpoints:
    """Starts a checkpoint in a thread after so many commits, one at a time and not too often."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._commits = 0
        self._not_before = 0.0
        self._running: asyncio.Task[None] | None = None

    def committed(self, units: int) -> None:
        """Note a commit of so many units of work; start a checkpoint when it is time for one."""
        self._commits += units
        if self._commits < _COMMITS or time.monotonic() < self._not_before:
            return
        if self._running is None or self._running.done():
            self._commits = 0
            self._running = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Wait for a running checkpoint and give up the connection."""
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)
        if self._connection is not None:
            await asyncio.to_thread(self._connection.close)
            self._connection = None

    async def _run(self) -> None:
        try:
            await asyncio.to_thread(self._checkpoint)
        except sqlite3.Error as error:
            # Nothing is lost: the log is as durable as the database, and the next one moves it.
            log.warning("checkpoint_failed", error=str(error))
        self._not_before = time.monotonic() + _SECONDS

    def _checkpoint(self) -> None:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=20)
            self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
