"""Copies of a database in use, and restoring them: nothing confirmed is missing, nothing that is there is replaced."""

import asyncio
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, inspect, text
from typer.testing import CliRunner

from crm_boost.cli import cli
from crm_boost.db.backups import BackupFailed, back_up, restore
from crm_boost.db.engine import Database
from crm_boost.db.migrate import downgrade, is_current, sync_url
from crm_boost.identity.permissions import Role
from crm_boost.settings import DatabaseSettings, JobSettings, Settings
from crm_boost.wiring import build_bus
from tests.support.databases import Provider
from tests.support.factories import make_database, make_product, make_user
from tests.support.invariants import broken, unsound_ledger
from tests.support.postgres import client_programs


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{client_programs()}{os.pathsep}{os.environ['PATH']}")


@contextmanager
def an_empty_place(databases: Provider, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a database without a table."""
    with databases.empty(tmp_path) as url:
        yield Settings(data_dir=tmp_path / "empty", database=DatabaseSettings(url=url), jobs=JobSettings(enabled=False))


def run_sql(url: str, statement: str) -> None:
    engine = create_engine(sync_url(url))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def tables_of(url: str) -> list[str]:
    engine = create_engine(sync_url(url))
    names = inspect(engine).get_table_names()
    engine.dispose()
    return names


def copy_and_restore(url: str, copy: Path, other: str) -> None:
    """On SQLite the copy itself is refused already: it is looked at when it is made."""
    back_up(url, copy)
    restore(other, copy)


async def test_a_copy_taken_while_people_work_is_whole(
    client: httpx.AsyncClient, database: Database, settings: Settings, databases: Provider, tmp_path: Path
) -> None:
    admin = await make_user(database, Role.ADMIN)
    staff = [await make_user(database) for _ in range(3)]
    product = await make_product(database)
    pool = await make_database(database, 200, module="memberwd", product_id=product)
    confirmed: list[str] = []
    several, over = asyncio.Event(), asyncio.Event()

    async def deal(number: int) -> None:
        body = {"database_id": pool.id, "staff_ids": [staff[number].id], "quantity": 2}
        while not over.is_set():
            answer = await client.post("/api/pools/memberwd/assign-random", json=body, headers=admin.auth)
            if answer.status_code == 409:
                return
            assert answer.status_code == 200, answer.text

    async def book() -> None:
        number = 0
        while not over.is_set():
            number += 1
            body = {
                "product_id": product,
                "record_date": f"2025-01-{number % 28 + 1:02}",
                "customer_id": f"customer {number % 7}",
                "nominal": 1000,
            }
            answer = await client.post("/api/omset", json=body, headers=staff[0].auth)
            assert answer.status_code == 200, answer.text
            confirmed.append(answer.json()["id"])
            if len(confirmed) == 5:
                several.set()

    work = [asyncio.create_task(deal(number)) for number in range(3)] + [asyncio.create_task(book())]
    await several.wait()
    before = list(confirmed)
    copy = tmp_path / "copy.backup"
    await asyncio.to_thread(back_up, settings.database_url, copy)
    over.set()
    await asyncio.gather(*work)

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with an_empty_place(databases, tmp_path) as place:
        await asyncio.to_thread(restore, place.database_url, copy)
        restored = Database(place, build_bus())
        try:
            async with restored.read() as session:
                wrong = await broken(session, restored)
                there = set((await session.scalars(text("SELECT id FROM omset_records"))).all())
                dealt = (
                    await session.execute(
                        text(
                            "SELECT (SELECT count(*) FROM customer_records WHERE state = 'assigned'),"
                            " (SELECT count(*) FROM record_history)"
                        )
                    )
                ).one()
            wrong += await unsound_ledger(restored)
        finally:
            await restored.dispose()
    assert wrong == []
    assert set(before) <= there <= set(confirmed)
    assert dealt[0] == dealt[1]


def test_the_commands_copy_and_restore(
    settings: Settings, databases: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_sql(settings.database_url, "INSERT INTO counters (name, value) VALUES ('of a test', 7)")

    def crm_boost(place: Settings, *arguments: str) -> tuple[int, str]:
        monkeypatch.setenv("CRM_DATABASE__URL", place.database_url)
        done = CliRunner().invoke(cli, list(arguments))
        return done.exit_code, done.output

    copy = tmp_path / "copy.backup"
    code, said = crm_boost(settings, "backup", str(copy))
    assert (code, "checked" in said) == (0, True), said
    code, said = crm_boost(settings, "backup", str(copy))
    assert (code, said.strip()) == (1, f"{copy} exists already; a backup never replaces a file.")
    code, said = crm_boost(settings, "restore", str(copy))
    assert code == 1, "a database in use is never replaced"
    with an_empty_place(databases, tmp_path) as place:
        assert crm_boost(place, "restore", str(copy))[0] == 0
        engine = create_engine(sync_url(place.database_url))
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT value FROM counters WHERE name = 'of a test'")) == 7
        engine.dispose()
        assert is_current(place.database_url)


def test_a_copy_of_a_newer_version_is_refused(settings: Settings, databases: Provider, tmp_path: Path) -> None:
    copy = tmp_path / "copy.backup"
    with an_empty_place(databases, tmp_path) as place, databases.empty(tmp_path / "other") as other:
        back_up(settings.database_url, tmp_path / "good")
        restore(place.database_url, tmp_path / "good")
        run_sql(place.database_url, "UPDATE alembic_version SET version_num = 'of the future'")
        with pytest.raises(BackupFailed, match="newer version"):
            copy_and_restore(place.database_url, copy, other)
        assert not tables_of(other)
        assert list(tmp_path.glob("**/*.unfinished")) == []


def test_an_older_copy_is_brought_to_the_newest_schema(databases: Provider, settings: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "copy.backup"
    with databases.empty(tmp_path / "old") as old, an_empty_place(databases, tmp_path) as place:
        back_up(settings.database_url, tmp_path / "now")
        restore(old, tmp_path / "now")
        downgrade(old, "-1")
        back_up(old, copy)
        restore(place.database_url, copy)
        assert is_current(place.database_url)


@pytest.mark.parametrize("content", [b"", b"not a backup", b"SQLite format 3\x00" + b"\x00" * 4096], ids=repr)
def test_what_is_no_backup_is_refused(databases: Provider, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with an_empty_place(databases, tmp_path) as place:
        with pytest.raises(BackupFailed):
            restore(place.database_url, file)
        with pytest.raises(BackupFailed, match="no file"):
            restore(place.database_url, tmp_path / "nowhere")
        assert not tables_of(place.database_url)


def test_a_copy_cut_short_is_refused(settings: Settings, databases: Provider, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    back_up(settings.database_url, whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with an_empty_place(databases, tmp_path) as place:
        with pytest.raises(BackupFailed):
            restore(place.database_url, cut)
        assert not tables_of(place.database_url)


def test_where_nothing_can_be_written_nothing_is_left(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="no folder"):
        back_up(settings.database_url, tmp_path / "nowhere" / "copy")
    with pytest.raises(BackupFailed):
        back_up(f"sqlite+aiosqlite:///{tmp_path / 'missing.db'}", tmp_path / "copy")
    assert not (tmp_path / "missing.db").exists()
    assert not (tmp_path / "copy").exists()
    assert list(tmp_path.glob("*.unfinished")) == []
