"""Substring search in identity, name and phone (spec 2.7)."""

from collections.abc import Sequence

import httpx
import pytest
from sqlalchemy import delete, select, text, update

from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.db.engine import Database
from crm_boost.pools.places import RecordFilter
from crm_boost.pools.repository import list_records
from crm_boost.pools.search import SearchTerm, search_term
from tests.support.factories import Account, make_database, make_product
from tests.support.search_index import unfindable_records
from tests.uploads.desk import csv_bytes

ROWS = [
    ["sari01", "Sari  Melati", "08123456789"],
    ["Budi_77", "Ｂｕｄｉ Wijaya", "+62 813-3456-780"],
    ["100%off", "O'Brien", ""],
    ["back\\slash", 'say "hi"', "628211234567"],
    ["STRASSE", "Straße İris", ""],
    ["meihua", "王美", ""],
    ["a_b", "A B", ""],
    ["axb", "AXB", ""],
    ["ab", "x", ""],
]


@pytest.fixture
async def found(admin: Account, client: httpx.AsyncClient, database: Database) -> "Search":
    """An imported database, and another with the same customers."""
    product_id = await make_product(database)
    ids = []
    for _ in range(2):
        answer = await client.post(
            "/api/databases", files={"file": ("c.csv", csv_bytes(ROWS))}, data={"product_id": product_id}
        )
        assert answer.status_code == 200, answer.text
        ids.append(answer.json()["id"])
    return Search(client, ids[0])


class Search:
    def __init__(self, client: httpx.AsyncClient, database_id: str) -> None:
        self._client = client
        self._path = f"/api/databases/{database_id}/records"

    async def __call__(self, q: str, **query: str) -> list[str]:
        answer = await self._client.get(self._path, params={"q": q, **query})
        assert answer.status_code == 200, answer.text
        rows = answer.json()
        assert answer.headers["X-Total-Count"] == str(len(rows))
        return [row["customer_id"] for row in rows]


async def test_terms(found: Search) -> None:
    everything = [row[0] for row in ROWS]
    cases: Sequence[tuple[str, list[str]]] = [
        # identity, name
        ("ARI0", ["sari01"]),
        ("sari melati", ["sari01"]),
        ("  Sari   Melati ", ["sari01"]),
        ("budi wijaya", ["Budi_77"]),
        ("ｂｕｄｉ", ["Budi_77"]),
        ("straße", ["STRASSE"]),
        ("STRASSE", ["STRASSE"]),
        # phones, as people type them
        ("0812-3456", ["sari01"]),
        ("+62 812 3456 789", ["sari01"]),
        ("62812", ["sari01"]),
        ("(0812) 345.67", ["sari01"]),
        ("0813 3456", ["Budi_77"]),
        ("08133456780", ["Budi_77"]),
        ("0062813", ["Budi_77"]),
        ("0821-1234", ["back\\slash"]),
        ("3456", ["sari01", "Budi_77", "back\\slash"]),
        ("0899", []),
        # what SQL or the index would take for a sign of theirs
        ("%", ["100%off"]),
        ("100%o", ["100%off"]),
        ("1_0%", []),
        ("_", ["Budi_77", "a_b"]),
        ("a_b", ["a_b"]),
        ("i_7", ["Budi_77"]),
        ("\\", ["back\\slash"]),
        ("k\\s", ["back\\slash"]),
        ("back\\slash", ["back\\slash"]),
        ("'", ["100%off"]),
        ("o'br", ["100%off"]),
        ('"hi"', ["back\\slash"]),
        ('"', ["back\\slash"]),
        ("sari* OR budi", []),
        ("NEAR(sari, 1)", []),
        # short terms
        ("王美", ["meihua"]),
        ("美", ["meihua"]),
        ("ab", ["ab"]),
        ("xb", ["axb"]),
        ("0", ["sari01", "Budi_77", "100%off"]),
        ("", everything),
        ("   ", everything),
        ("😀", []),
    ]
    for q, expected in cases:
        assert await found(q) == (["STRASSE"] if q == "straße" else expected), q
        assert await found(q, sort="-row_number") == expected[::-1], q


async def test_with_a_status(found: Search) -> None:
    assert await found("sari", status="available") == ["sari01"]
    assert await found("sari", status="assigned") == []


async def test_a_long_term_is_refused_by_name(found: Search) -> None:
    answer = await found._client.get(found._path, params={"q": "x" * 201})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "q")


async def test_never_another_database(admin: Account, client: httpx.AsyncClient, database: Database) -> None:
    first, second = await make_database(database, 30), await make_database(database, 30)
    for stored in (first, second):
        for q in ("customer2", "08120000007", "r7", "2"):
            rows = (await client.get(f"/api/databases/{stored.id}/records", params={"q": q})).json()
            assert rows and {row["id"] for row in rows} <= set(stored.record_ids), q


async def test_moved_texts_leave_the_index(admin: Account, client: httpx.AsyncClient, database: Database) -> None:
    """A purged database is not found any more, and its keys are nobody else's."""
    from sqlalchemy import update

    from crm_boost.databases.models import CustomerDatabase
    from crm_boost.databases.states import DatabaseState
    from crm_boost.uploads.repository import remove_some_records
    from tests.uploads.desk import stored_counts

    gone, kept = await make_database(database, 50), await make_database(database, 5)
    async with database.write() as session:
        mine = CustomerDatabase.id == gone.id
        await session.execute(update(CustomerDatabase).where(mine).values(state=DatabaseState.DISCARDED))
    steps = 0
    while True:
        async with database.write() as session:
            steps += 1
            if not await remove_some_records(session, gone.id, 20):
                break
    assert steps == 4
    assert await stored_counts(database) == (1, 5, 5)
    rows = (await client.get(f"/api/databases/{kept.id}/records", params={"q": "customer"})).json()
    assert [row["id"] for row in rows] == kept.record_ids


@pytest.mark.pure
@pytest.mark.parametrize(
    ("q", "text", "spellings"),
    [
        ("0812-345", "0812345", ["0812345", "+62812345"]),
        ("+62 812", "+62812", ["+62812"]),
        ("00 62 812", "0062812", ["0062812", "+62812"]),
        ("812", "812", ["812"]),
        ("08", "08", ["08"]),
        ("a-b", "a-b", ["a-b"]),
        ("٠٨١٢", "٠٨١٢", ["٠٨١٢"]),
        ("-", "-", ["-"]),
    ],
)
def test_spellings(q: str, text: str, spellings: list[str]) -> None:
    term = search_term(q)
    assert term == SearchTerm(text)
    assert term.spellings("ID") == spellings
    assert all(term.common in spelling for spelling in spellings)


async def test_the_index_follows_texts_that_change_and_records_that_are_removed(
    admin: Account, client: httpx.AsyncClient, database: Database
) -> None:
    stored = await make_database(database, 3, prefix="sari")
    search = Search(client, stored.id)
    one, other, _ = stored.record_ids

    async with database.write() as session:
        await session.execute(update(Record).where(Record.id == one).values(search_text="melati"))
        await session.execute(
            delete(RecordKey).where(RecordKey.record_seq.in_(select(Record.seq).where(Record.id == other)))
        )
        await session.execute(delete(Record).where(Record.id == other))

    assert await search("sari") == ["sari2"]
    assert await search("melat") == ["sari0"]
    async with database.read() as session:
        assert await unfindable_records(session, database) == 0


async def test_a_search_is_planned_for_its_own_term(database: Database) -> None:
    """PostgreSQL would plan a prepared one for any term, and then for none."""
    if database.is_sqlite:
        return
    stored = await make_database(database, 200)
    async with database.read() as session:
        made = await session.get_one(CustomerDatabase, stored.id)
        for number in range(8):
            for q in (f"son {number}", None):
                await list_records(session, made, RecordFilter(q=q), after=None, limit=10)
        prepared = (await session.scalars(text("SELECT statement FROM pg_prepared_statements"))).all()

    assert [statement for statement in prepared if "FROM customer_records" in statement]
    assert [statement for statement in prepared if " LIKE " in statement] == []
