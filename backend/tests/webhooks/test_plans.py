"""How SQLite answers what a process asks every few seconds, each page of a log, and each request of a script."""

import pytest

from crm_boost.db.engine import Database
from crm_boost.identity import token_repository
from crm_boost.kit.clock import utc_now
from crm_boost.webhooks import repository
from tests.support.plans import Read, plans_of


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


async def test_an_index_answers_and_nothing_is_sorted(database: Database) -> None:
    now = utc_now()
    reads: dict[str, Read] = {
        "due": lambda s: repository.is_due(s, now),
        "log": lambda s: repository.deliveries(s, "w", state=None, after=7, limit=20),
        "log by state": lambda s: repository.deliveries(s, "w", state="sent", after=None, limit=20),
        "token": lambda s: token_repository.find_token_user(s, "hash", now),
        "how many tokens": lambda s: token_repository.count_of(s, "user"),
    }
    for name, read in reads.items():
        for plan in await plans_of(database, read):
            assert "SCAN" not in plan, (name, plan)
            assert "TEMP B-TREE" not in plan, (name, plan)
            assert "INDEX" in plan, (name, plan)
