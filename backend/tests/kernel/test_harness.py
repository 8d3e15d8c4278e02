"""The harness itself: every test starts on an empty, migrated database of the kind that was asked for."""

import httpx
import pytest
from sqlalchemy import text

from crm_boost.db.engine import Database
from crm_boost.db.migrate import is_current
from crm_boost.settings import Settings
from tests.support.databases import kind_wanted


async def test_the_database_is_of_the_kind_asked_for(database: Database) -> None:
    assert database.is_sqlite == (kind_wanted() == "sqlite")


def test_the_database_is_migrated(settings: Settings) -> None:
    assert is_current(settings.database_url)


@pytest.mark.parametrize("_round", [1, 2])
async def test_commits_of_one_test_do_not_reach_the_next(database: Database, _round: int) -> None:
    async with database.read() as session:
        before = (await session.execute(text("SELECT count(*) FROM products"))).scalar_one()
    async with database.write() as session:
        await session.execute(
            text(
                "INSERT INTO products (id, name, name_key, description, is_active, created_at)"
                " VALUES ('p', 'Sample', 'sample', '', true, '2025-01-01 00:00:00+00')"
            )
        )
    async with database.read() as session:
        after = (await session.execute(text("SELECT count(*) FROM products"))).scalar_one()

    assert (before, after) == (0, 1)


async def test_the_app_answers(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/health")

    assert (response.status_code, response.json()["database"]) == (200, "connected")
