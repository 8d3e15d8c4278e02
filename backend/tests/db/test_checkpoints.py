"""SQLite's log is moved into the database file beside the writers, and what is committed is there either way."""

import asyncio
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
