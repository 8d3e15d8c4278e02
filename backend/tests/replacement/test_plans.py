"""How SQLite answers the Validation page: from the indexes of rejected and of archived records, not from the pool."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession
from crm_boost.replacement import queries
from crm_boost.replacement.repositories import lists
from crm_boost.replacement.repositories import replacements as repository
from tests.support.plans import BY_STATE, plans_of

MODULES = ["memberwd", "bonanza"]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


READS: dict[str, Callable[[ReadSession], Awaitable[Any]]] = {
    "summary": lambda session: queries.summary(session, MODULES),
    "records": lambda session: lists.list_invalid(session, lists.Wanted(MODULES), after=None, limit=50),
    "a later page": lambda session: lists.list_invalid(session, lists.Wanted(MODULES), after=("a", "b", 3), limit=50),
    "of one staff": lambda session: lists.list_invalid(
        session, lists.Wanted(["bonanza"], staff_id="x"), after=None, limit=50
    ),
    "the count of an alert": lambda session: repository.count_invalid(session, "bonanza", ["x", "y"]),
    "what is to be processed": lambda session: repository.invalid_ids(session, "bonanza", "x"),
}


@pytest.mark.parametrize("name", READS)
async def test_rejected_records_are_found_in_their_index(database: Database, name: str) -> None:
    plans = await plans_of(database, READS[name])

    about = [plan for plan in plans if "customer_records" in plan]
    assert about
    for plan in about:
        assert "ix_customer_records_invalid" in plan, plan
        others = (*BY_STATE, "ix_customer_records_holder")
        assert not any(index in plan for index in others), plan


async def test_archived_records_are_found_in_their_index(database: Database) -> None:
    plans = await plans_of(
        database, lambda session: lists.list_archived(session, lists.Wanted(MODULES), after=None, limit=50)
    )

    page = next(plan for plan in plans if "dealt" in plan)
    assert "ix_customer_records_archived" in page, page
    # The page is cut in the order of the index; only its few rows are put into that order again.
    assert page.count("TEMP B-TREE FOR ORDER BY") == 1
