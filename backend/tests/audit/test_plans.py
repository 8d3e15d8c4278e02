"""How SQLite answers the audit page: every table is read in the order of an index, and only as far as the page needs."""

from datetime import date
from typing import Any

import pytest

from crm_boost.audit import service
from crm_boost.audit.source_repository import SOURCES
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession
from tests.audit.test_audit import NOTHING
from tests.support.plans import plans_of


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


WANTED: list[dict[str, Any]] = [{}, {"actor_id": "a"}, {"kind": "job"}, {"date_to": date(2025, 3, 1)}]


async def test_every_source_is_read_in_the_order_of_an_index(database: Database) -> None:
    for wanted in WANTED:

        async def read(session: ReadSession, wanted: dict[str, Any] = wanted) -> None:
            await service.list_traces(session, **{**NOTHING, **wanted}, cursor=None, limit=50)

        plan, *_names = await plans_of(database, read)
        assert plan.count("TEMP B-TREE") == 1, f"only what is merged is sorted:\n{wanted}\n{plan}"
        for line in plan.splitlines():
            if any(source.table.name in line for source in SOURCES):  # type: ignore[attr-defined]
                assert "INDEX" in line, plan
