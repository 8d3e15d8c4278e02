"""One tree of migrations on both databases: up, down, up; the models are what the migrations make."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect

from crm_boost.db.metadata import load_metadata
from crm_boost.db.migrate import alembic_config, downgrade, is_current, sync_url, upgrade
from tests.support.databases import Provider


@pytest.fixture
def empty_url(databases: Provider, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a single table."""
    with databases.empty(tmp_path) as url:
        yield url


def tables(url: str) -> set[str]:
    engine = create_engine(sync_url(url))
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_up_down_up(empty_url: str) -> None:
    upgrade(empty_url)
    made = tables(empty_url)
    assert is_current(empty_url)
    assert set(load_metadata().tables) <= made

    downgrade(empty_url, "base")
    assert {name for name in tables(empty_url) if not name.startswith("sqlite_")} == {"alembic_version"}
    assert not is_current(empty_url)

    upgrade(empty_url)
    assert tables(empty_url) == made


def test_the_models_are_what_the_migrations_make(empty_url: str) -> None:
    upgrade(empty_url)

    command.check(alembic_config(empty_url))


def test_every_index_and_constraint_has_a_name_of_its_own(empty_url: str) -> None:
    upgrade(empty_url)
    named: list[str] = []
    for table in load_metadata().tables.values():
        named += [str(constraint.name) for constraint in table.constraints]
        named += [str(index.name) for index in table.indexes]

    assert "None" not in named
    assert len(set(named)) == len(named)


def test_upgrading_twice_changes_nothing(empty_url: str) -> None:
    upgrade(empty_url)
    before = tables(empty_url)
    upgrade(empty_url)

    assert tables(empty_url) == before


async def test_processes_that_upgrade_at_once_do_not_disturb_each_other(empty_url: str) -> None:
    code = (
        "import sys; from crm_boost.db.migrate import upgrade; from crm_boost.db.metadata import load_metadata;"
        "load_metadata(); print('ready', flush=True); sys.stdin.read(1); upgrade(sys.argv[1])"
    )
    workers = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            code,
            empty_url,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for worker in workers:
        assert worker.stdout is not None
        await worker.stdout.readline()
    ended = await asyncio.gather(*(worker.communicate(b"x") for worker in workers))

    assert [(worker.returncode, errors.decode()) for worker, (_, errors) in zip(workers, ended, strict=True)] == [
        (0, "")
    ] * 3
    assert is_current(empty_url)


def test_a_per_cent_sign_in_a_path_or_password_is_no_interpolation(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / '100%s' / 'crm-boost.db'}"
    upgrade(url)

    assert is_current(url)
