"""At most twelve statements for any number of records (issue, "Scale"), and the same ones for 100 and for 10,000."""

from collections.abc import Sequence
from typing import Any

import pytest

from crm_boost.db.engine import Database
from tests.assignments import support
from tests.support.factories import Account, Stored, make_database, make_user
from tests.support.statements import recorded_statements

BUDGET = 12
TWO_COMMANDS = 16
"""Recalling and putting into the trash at once."""
SMALL, LARGE = 100, 10_000


async def _life(database: Database, people: Sequence[Account], records: int) -> dict[str, int]:
    """Count the statements of each command on this many records."""
    stored = await make_database(database, records, module="memberwd")
    counts: dict[str, int] = {}

    async def counted(name: str, work: Any) -> Any:
        with recorded_statements(database) as statements:
            done = await work
        counts[name] = len(statements)
        return done

    done = await counted("assign random", support.deal(database, stored, people, records))
    undone = await counted("undo assign", support.undo_it(database, stored, done.operation_id))
    assert undone["undone_count"] == records
    picked = await counted("assign picked", support.pick(database, stored, people, stored.record_ids))
    assert picked.assigned == records
    recalled = await counted("recall", support.take_back(database, stored, stored.record_ids))
    undone = await counted("undo recall", support.undo_it(database, stored, recalled["operation_id"]))
    assert undone["undone_count"] == records
    trashed = await counted("trash by force", support.to_trash(database, stored, stored.record_ids, force=True))
    undone = await counted("undo trash", support.undo_it(database, stored, trashed["operation_id"]))
    assert undone["undone_count"] == records
    return counts


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("capacity", [None, 1_000_000])
async def test_the_number_of_statements_does_not_follow_the_number_of_records(
    database: Database, capacity: int | None
) -> None:
    people = [await make_user(database, capacity=capacity) for _ in range(3)]

    small = await _life(database, people, SMALL)
    large = await _life(database, people, LARGE)

    # Those with a capacity are locked apart, and what they have is counted.
    budget = BUDGET if capacity is None else BUDGET + 2
    assert large.pop("trash by force") <= TWO_COMMANDS
    assert max(large.values()) <= budget, large
    # A draw of everything is read from the index at once where a few records take a round of keys more.
    assert {name: count for name, count in large.items() if count > small[name]} == {}


async def test_a_hand_out_of_fifty_takes_eleven_statements_or_ten(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 2000, module="memberwd")
    with recorded_statements(database) as statements:
        await support.deal(database, stored, staff, 50)

    assert len(statements) == support.statements_of_a_hand_out(database), statements


async def test_lists_have_a_budget_that_does_not_grow(database: Database, client: Any) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    few = await _list_statements(database, client, staff, admin, await make_database(database, 20), 4)
    many = await _list_statements(database, client, staff, admin, await make_database(database, 400), 200)

    assert few == many == {"/api/my/groups": 2, "/api/my/records": 3, "/api/assignments": 3, "/api/notifications": 3}


async def _list_statements(
    database: Database, client: Any, staff: Account, admin: Account, stored: Stored, quantity: int
) -> dict[str, int]:
    await support.deal(database, stored, staff, quantity)
    counts = {}
    for path, reader in (
        ("/api/my/groups", staff),
        ("/api/my/records", staff),
        ("/api/assignments", admin),
        ("/api/notifications", staff),
    ):
        with recorded_statements(database) as statements:
            answer = await client.get(f"{path}?limit=50", headers=reader.auth)
        assert answer.status_code == 200
        counts[path] = len([s for s in statements if "FROM outbox" not in s and not s.startswith("UPDATE users")])
    return counts
