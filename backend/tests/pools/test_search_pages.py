"""Pages and totals of searches that find much or little, with filters and a trash (spec 2.7, ADR 69)."""

import httpx
import pytest
from sqlalchemy import update

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from crm_boost.pools import search_repository
from tests.support.factories import Account, make_database
from tests.support.statements import recorded_statements

PAGE = 5


@pytest.fixture
async def path(admin: Account, database: Database, monkeypatch: pytest.MonkeyPatch) -> str:
    """The list of thirty customers, of whom those of even numbers are reserved and those of the last five rows are in the
    trash; up to ten matches are counted. Another database has the same customers."""
    monkeypatch.setattr(search_repository, "COUNT_CAP", 10)
    await make_database(database, 30)
    stored = await make_database(database, 30)
    async with database.write() as session:
        for number, record_id in enumerate(stored.record_ids):
            state = RecordState.TRASHED if number >= 25 else RecordState.RESERVED if number % 2 == 0 else None
            if state is not None:
                await session.execute(update(Record).where(Record.id == record_id).values(state=state))
    return f"/api/databases/{stored.id}/records"


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize(
    ("q", "status", "expected", "total"),
    [
        # more than are counted
        ("customer", None, list(range(25)), None),
        ("customer", "reserved", list(range(0, 25, 2)), None),
        ("customer", "available", list(range(1, 25, 2)), None),
        # many match, few are chosen
        ("customer", "trashed", list(range(25, 30)), 5),
        ("customer", "assigned", [], 0),
        # few match
        ("customer2", None, [2, *range(20, 25)], 6),
        ("customer2", "reserved", [2, 20, 22, 24], 4),
        ("customer2", "trashed", list(range(25, 30)), 5),
        ("customer29", None, [], 0),
        ("customer7", None, [7], 1),
        ("nobody", None, [], 0),
        ("nobody", "reserved", [], 0),
    ],
)
async def test_pages(
    path: str,
    client: httpx.AsyncClient,
    q: str,
    status: str | None,
    expected: list[int],
    total: int | None,
    direction: str,
) -> None:
    query = {"q": q, "limit": str(PAGE), "sort": f"{direction}row_number"} | ({"status": status} if status else {})
    found: list[str] = []
    first = answer = await client.get(path, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        found += [row["customer_id"] for row in answer.json()]
        if "next" not in answer.links:
            break
        assert len(answer.json()) == PAGE
        answer = await client.get(answer.links["next"]["url"])
    wanted = [f"customer{number}" for number in expected]
    assert found == (wanted[::-1] if direction else wanted)
    assert first.headers.get("X-Total-Count") == (str(total) if total is not None else None)


async def test_all_of_many_on_one_page_are_counted(path: str, client: httpx.AsyncClient) -> None:
    answer = await client.get(path, params={"q": "customer"})
    assert (len(answer.json()), answer.headers["X-Total-Count"]) == (25, "25")


@pytest.mark.parametrize("direction", ["", "-"])
async def test_what_the_beginning_of_a_large_database_has_a_page_of(
    admin: Account, client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch, direction: str
) -> None:
    """Records in random order: their beginning (or end) is a sample, and what fills a page there is not counted."""
    monkeypatch.setattr(search_repository, "_SAMPLE", 8)
    monkeypatch.setattr(search_repository, "_ENOUGH", 7)
    monkeypatch.setattr(search_repository, "_FEWEST_SAMPLED", 20)
    monkeypatch.setattr(search_repository, "COUNT_CAP", 15)
    stored = await make_database(database, 30)
    trashed = 28 if direction else 1
    async with database.write() as session:
        await session.execute(update(CustomerDatabase).values(is_shuffled=True))
        gone = Record.id == stored.record_ids[trashed]
        await session.execute(update(Record).where(gone).values(state=RecordState.TRASHED))
    path = f"/api/databases/{stored.id}/records"

    async def found(q: str) -> tuple[list[str], str | None]:
        query = {"q": q, "limit": str(PAGE), "sort": f"{direction}row_number"}
        answer = await client.get(path, params=query)
        total, names = answer.headers.get("X-Total-Count"), [row["customer_id"] for row in answer.json()]
        while "next" in answer.links:
            answer = await client.get(answer.links["next"]["url"])
            names += [row["customer_id"] for row in answer.json()]
        return names, total

    def in_order(numbers: list[int]) -> list[str]:
        names = [f"customer{number}" for number in numbers if number != trashed]
        return names[::-1] if direction else names

    assert await found("customer") == (in_order(list(range(30))), None)
    # Of these fewer than a page are among the first or last eight.
    ones = in_order([1, *range(10, 20)])
    assert await found("customer1") == (ones, str(len(ones)))
    assert await found("customer29") == (["customer29"], "1")
    with recorded_statements(database) as statements:
        await client.get(path, params={"q": "customer", "limit": str(PAGE), "sort": f"{direction}row_number"})
    assert any("strpos" in statement for statement in statements) is not database.is_sqlite
    assert not any(" LIKE " in statement for statement in statements)
    with recorded_statements(database) as statements:
        await client.get(path, params={"q": "customer", "limit": "8"})
    assert any(" LIKE " in statement for statement in statements) is not database.is_sqlite
