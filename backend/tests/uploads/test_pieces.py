"""The pure pieces: pace, progress, who is dead, threads that are waited for, what the staging file keeps."""

import asyncio
import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm_boost.uploads import staged_rows
from crm_boost.uploads.bulk_repository import Pace
from crm_boost.uploads.files import ImportFolder, tidy
from crm_boost.uploads.progress import Progress
from crm_boost.uploads.runner import WorkerName
from crm_boost.uploads.threads import in_thread, together
from tests.databases.imports.files import request_for, stage_file, write_csv

pytestmark = pytest.mark.pure
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_pace_follows_the_time_a_chunk_takes() -> None:
    pace = Pace(2000)
    pace.took(pace.rows, 0.001)
    assert pace.rows == 1000  # doubles at most
    for _ in range(5):
        pace.took(pace.rows, 0.001)
    assert pace.rows == 2000
    pace.took(2000, 0.04)
    assert pace.rows == 1000
    pace.took(1000, 100)
    assert pace.rows == 500  # a floor: what is short of time is not helped by tiny transactions
    one = Pace(1)
    one.took(1, 0)
    assert one.rows == 1


def test_progress() -> None:
    progress = Progress()
    assert progress.snapshot(5)["rate"] is None
    progress.enter("storing", 100, 10)
    assert progress.snapshot(12) == {
        "phase": "storing", "rows_done": 0, "rows_total": 100, "rate": None, "eta_seconds": None,
    }  # fmt: skip
    progress.rows_done = 40
    shown = progress.snapshot(12)
    assert (shown["rate"], shown["eta_seconds"]) == (20, 3)
    progress.enter("reading", None, 20)
    progress.rows_done = 10
    assert progress.snapshot(21)["eta_seconds"] is None


@pytest.mark.parametrize(
    ("other", "age", "dead"),
    [
        (None, 0, True),
        ("here|77|ours", 0, False),
        ("here|77|ours", 31, True),
        ("here|77|former", 0, True),  # a restarted process with the number of its predecessor
        ("here|999999999|x", 0, True),
        ("here|1|x", 0, False),
        ("elsewhere|999999999|x", 29, False),
        ("elsewhere|999999999|x", 31, True),
        ("a|b|here|1|x", 0, False),
    ],
)
def test_who_is_dead(other: str | None, age: int, dead: bool) -> None:
    me = WorkerName("here", 77, "ours")
    assert me.is_dead(other, NOW - timedelta(seconds=age), NOW) is dead
    assert me.is_dead("here|77|ours", None, NOW) is True


async def test_a_cancelled_caller_waits_for_its_thread() -> None:
    started, finish, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        finish.wait(5)
        time.sleep(0.05)
        ended.set()

    task = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(started.wait, 5)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.01)
    assert not task.done()
    finish.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_a_thread_s_error_is_the_caller_s() -> None:
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0)
    assert await in_thread(max, 1, 2) == 2


def test_the_staging_file_keeps_only_what_was_not_stored(tmp_path: Path) -> None:
    rows = [["Username", "Name"], ["sari", "A"], ["budi", "B"], ["sari", "C"], ["", "D"], ["own", "E"]]
    path = write_csv(tmp_path / "c.csv", rows)
    stage_file(path)
    staging = Path(request_for(path).staging_path)
    assert staged_rows.sort_keys(staging) == 3
    assert staged_rows.customers(staging, "", 2) == ["budi", "own"]
    assert staged_rows.customers(staging, "own", 2) == ["sari"]
    assert staged_rows.customers(staging, "sari", 2) == []
    for _ in range(2):
        marked = staged_rows.mark(staging, {"sari", "nobody"}, {"own", "sari"})
        assert marked == (1, [("own", 1, 1), ("sari", 2, 1)])
        with closing(sqlite3.connect(staging)) as open_file:
            assert open_file.execute("SELECT * FROM marks ORDER BY 1").fetchall() == [(1, 1, 1), (3, 1, 1), (5, 0, 1)]
        assert staged_rows.sort_keys(staging) == 3  # again: the marks are forgotten
    staged_rows.mark(staging, {"sari"}, {"own", "sari"})
    decided = staged_rows.decide(staging, skip_duplicates=True, skip_reserved=False)
    assert decided.counts == {
        "rows_total": 5, "stored": 2, "duplicates": 2, "reserved_skipped": 0, "rejected": 1, "blank": 0,
        "reserved_stored": 1,
    }  # fmt: skip
    staged_rows.keep_rejected(staging)
    with closing(sqlite3.connect(staging)) as kept:
        assert kept.execute("SELECT row_number, verdict FROM rows ORDER BY 1").fetchall() == [
            (1, "dup_product"), (3, "dup_file"), (4, "rejected"),
        ]  # fmt: skip
        tables = {name for (name,) in kept.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert tables == {"rows", "meta"}  # no customer of a stored row is left in it
    assert not list(tmp_path.glob("*.smaller"))


@pytest.mark.parametrize(
    ("state", "hours", "left"),
    [
        ("cancelled", 0, set()),
        ("failed", 1, {"upload", "staging.db"}),
        ("failed", 49, set()),
        ("undone", 1, {"upload", "staging.db"}),
        ("undone", 49, set()),
        ("ready", 49, {"upload", "staging.db"}),
        ("importing", 49, {"upload", "staging.db"}),
    ],
)
def test_which_files_are_kept(tmp_path: Path, state: str, hours: int, left: set[str]) -> None:
    folder = ImportFolder.of(tmp_path, "a")
    folder.path.mkdir(parents=True)
    for path in (folder.upload, folder.staging):
        path.write_bytes(b"x")
    tidy(folder, (state, NOW - timedelta(hours=hours)), NOW - timedelta(hours=48))
    assert {path.name for path in folder.path.glob("*")} == left
    assert folder.path.exists() is bool(left)


def test_a_folder_without_an_import(tmp_path: Path) -> None:
    """An upload that is being received is left alone; what a dead process left is removed later."""
    folder = ImportFolder.of(tmp_path, "a")
    folder.path.mkdir(parents=True)
    now = datetime.now(UTC)
    tidy(folder, None, now - timedelta(hours=48))
    assert folder.path.exists()
    tidy(folder, None, now + timedelta(hours=1))
    assert not folder.path.exists()


async def _ended(events: list[str], name: str, seconds: float, error: Exception | None = None) -> str:
    try:
        await in_thread(time.sleep, seconds)
        if error is not None:
            raise error
        return name
    finally:
        events.append(name)


async def test_what_is_done_together_is_waited_for() -> None:
    events: list[str] = []
    assert await together(_ended(events, "slow", 0.05), _ended(events, "quick", 0)) == ["slow", "quick"]


async def test_what_fails_first_is_raised_when_the_others_have_ended() -> None:
    events: list[str] = []
    task = asyncio.current_task()
    with pytest.raises(ZeroDivisionError):
        await together(_ended(events, "slow", 0.1, ValueError()), _ended(events, "quick", 0, ZeroDivisionError()))
    assert events == ["quick", "slow"]
    assert task is not None and task.cancelling() == 0


@pytest.mark.parametrize("times", [1, 3])
async def test_cancelled_work_is_waited_for_however_often_it_is_cancelled(times: int) -> None:
    events: list[str] = []
    running = asyncio.create_task(together(_ended(events, "one", 0.1), _ended(events, "two", 0.15)))
    for _ in range(times):
        await asyncio.sleep(0.01)
        running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert events == ["one", "two"]
