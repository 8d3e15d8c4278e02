"""SQLite's log is moved into the database file beside the writers, and what is committed is there either way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_boost.db import checkpoints
from crm_boost.db.engine import Database
from crm_boost.settings import DatabaseSettings, Settings


@pytest.fixture
async def own(tmp_path: Path) -> Database:
    url = f"sqlite+aiosqlite:///{tmp_path / 'own.db'}"
    return Database(Settings(data_dir=tmp_path, database=DatabaseSettings(url=url)))


async def test_after_some_commits_the_log_is_moved(
    own: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "_COMMITS", 4)
    async with own.write() as session:
        await session.execute(text("CREATE TABLE notes (text TEXT)"))
    before = (tmp_path / "own.db").stat().st_size
    for _ in range(3):
        async with own.write() as session:
            await session.execute(text("INSERT INTO notes VALUES (hex(zeroblob(20000)))"))
    for _ in range(100):
        if (tmp_path / "own.db").stat().st_size > before:
            break
        await asyncio.sleep(0.05)

    assert (tmp_path / "own.db").stat().st_size > before
    async with own.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM notes")) == 3
    await own.dispose()


async def test_a_failing_checkpoint_harms_no_commit(own: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "_COMMITS", 1)
    async with own.write() as session:
        await session.execute(text("CREATE TABLE notes (text TEXT)"))
    monkeypatch.setattr(own._checkpoints, "_path", Path("/nowhere/at/all.db"))
    for _ in range(3):
        async with own.write() as session:
            await session.execute(text("INSERT INTO notes VALUES ('kept')"))
    async with own.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM notes")) == 3
    await own.dispose()


async def test_who_writes_without_a_pause_waits_until_a_long_log_can_begin_anew(
    own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "_COMMITS", 1000)  # none but those below
    monkeypatch.setattr(checkpoints, "_LONG_LOG_PAGES", 20)
    moving = own._checkpoints
    assert moving is not None

    async def write(size: int) -> None:
        async with own.write() as session:
            await session.execute(text(f"INSERT INTO notes VALUES (hex(zeroblob({size})))"))

    async with own.write() as session:
        await session.execute(text("CREATE TABLE notes (text TEXT)"))
    async with own.read() as reader:
        await reader.execute(text("SELECT count(*) FROM notes"))
        await write(100_000)
        # The reader keeps its state of things: the log can only be moved up to there, and nobody waits for the reader.
        await moving._start()
        assert moving._log_pages > 20
        await own.log_made_short()
        assert moving._log_pages == 0
    await write(10)
    await moving._start()
    await write(10)
    assert moving._log_pages == 0
    monkeypatch.setattr(moving, "_log_pages", 50)
    await own.log_made_short()
    await write(10)
    assert moving._connection is not None
    _busy, pages, _moved = moving._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    assert pages < 5, "the log began anew"
    await own.dispose()


async def test_a_long_log_is_finished_while_the_writers_wait(own: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "_COMMITS", 1)
    monkeypatch.setattr(checkpoints, "_LONG_LOG_PAGES", 0)
    assert own._checkpoints is not None
    steps: list[str] = []
    move, turn, finished = own._checkpoints._checkpoint, own._checkpoints._turn, asyncio.Event()

    def moved() -> int:
        steps.append("moved")
        return move()

    @asynccontextmanager
    async def taken() -> AsyncIterator[None]:
        async with turn():
            steps.append("turn")
            yield
            steps.append("end")
        finished.set()

    monkeypatch.setattr(own._checkpoints, "_checkpoint", moved)
    monkeypatch.setattr(own._checkpoints, "_turn", taken)
    async with own.write() as session:
        await session.execute(text("CREATE TABLE notes (text TEXT)"))
    await finished.wait()
    await own.dispose()

    assert steps == ["moved", "moved", "turn", "moved", "end"]


async def test_a_commit_of_many_rows_has_the_log_moved_at_once(own: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not after so many commits only: one that changes thousands of rows writes as many pages."""
    monkeypatch.setattr(checkpoints, "_ROWS", 100)
    moving = own._checkpoints
    assert moving is not None
    async with own.write() as session:
        await session.execute(text("CREATE TABLE notes (text TEXT)"))
    numbers = str(list(range(60)))
    some = text("INSERT INTO notes SELECT value FROM json_each(:numbers)").bindparams(numbers=numbers)
    begun = list[int]()

    def start() -> None:
        begun.append(moving._rows)
        moving._rows = 0

    monkeypatch.setattr(moving, "_start", start)
    for together in (False, True):
        for rows in (60, 120):
            assert moving._rows == rows - 60
            async with own.write(together=together) as session:
                await session.execute(some)
    assert begun == [120, 120]
    await own.dispose()


@pytest.mark.parametrize(
    ("lengths", "turns"),
    [
        ([30, 40, 45, 45], 1),
        ([30, 40, 5], 0),  # it has begun anew by itself
        ([30, *range(31, 60)], 1),  # whoever writes so fast cannot be waited for for ever
        ([15], 0),
    ],
)
async def test_the_writers_wait_only_for_what_is_written_at_the_very_last(
    own: Database, lengths: list[int], turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they add while the log is moved is moved beside them too, until they have added nothing."""
    monkeypatch.setattr(checkpoints, "_LONG_LOG_PAGES", 20)
    moving = own._checkpoints
    assert moving is not None
    found, taken = iter(lengths), [0]

    @asynccontextmanager
    async def turn() -> AsyncIterator[None]:
        taken[0] += 1
        monkeypatch.setattr(moving, "_checkpoint", lambda: 0)
        yield

    monkeypatch.setattr(moving, "_checkpoint", lambda: next(found))
    monkeypatch.setattr(moving, "_turn", turn)
    await moving._start()
    await own.dispose()

    assert taken == [turns]
    assert len(list(found)) == max(len(lengths) - 1 - checkpoints._MOST_PASSES, 0)
