"""The palette's search: every kind it may show, nothing it may not, in a fixed number of statements."""

from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import Table, update

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.engine import Database
from crm_boost.kit.clock import utc_now
from tests.support.factories import Account, Stored, make_database, make_product, make_user
from tests.support.statements import recorded_statements


async def find(client: httpx.AsyncClient, who: Account, q: str) -> list[dict[str, Any]]:
    response = await client.get("/api/search", headers=who.auth, params={"q": q})
    assert response.status_code == 200
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def kinds(items: list[dict[str, Any]]) -> list[str]:
    return sorted({item["kind"] for item in items})


async def change(database: Database, stored: Stored, **values: Any) -> None:
    async with database.write() as session:
        await session.execute(update(CustomerDatabase).where(CustomerDatabase.id == stored.id).values(**values))


async def change_records(database: Database, record_ids: list[str], **values: Any) -> None:
    table = cast(Table, Record.__table__)
    async with database.write() as session:
        await session.execute(update(table).where(table.c.id.in_(record_ids)).values(**values))


async def give(database: Database, record_ids: list[str], staff: Account) -> None:
    values = {"state": RecordState.ASSIGNED, "assigned_to": staff.id, "assigned_at": utc_now(), "deal_rank": 1}
    await change_records(database, record_ids, **values)


@pytest.fixture
async def orchard(database: Database) -> Stored:
    """Everything here is called something with `orchard`."""
    product = await make_product(database, "Orchard product")
    await make_user(database, name="Olive Orchard", email="olive@example.test")
    return await make_database(database, 3, product_id=product, name="Orchard customers", prefix="orchard")


async def test_an_admin_finds_every_kind(client: httpx.AsyncClient, database: Database, orchard: Stored) -> None:
    admin = await make_user(database, "admin")
    items = await find(client, admin, "ORCHARD")

    assert kinds(items) == ["customer", "database", "product", "user"]
    assert [item["title"] for item in items if item["kind"] == "database"] == ["Orchard customers"]
    assert sorted(item["title"] for item in items if item["kind"] == "customer") == ["orchard0", "orchard1", "orchard2"]
    assert [item["subtitle"] for item in items if item["kind"] == "user"] == ["olive@example.test"]
    assert [item["title"] for item in items if item["kind"] == "product"] == ["Orchard product"]


async def test_an_address_opens_the_object_itself(
    client: httpx.AsyncClient, database: Database, orchard: Stored
) -> None:
    admin = await make_user(database, "admin")
    items = await find(client, admin, "orchard")
    for item in items:
        address = urlsplit(item["url"])
        asked = parse_qs(address.query)
        if item["kind"] == "database":
            assert address.path == f"/databases/{item['id']}"
            continue
        if item["kind"] == "customer":
            assert (address.path, address.query) == (f"/customers/{item['title']}", "")
            continue
        assert asked == {"q": [item["title"]], "open": [item["id"]]}
        expected = {
            "user": "/admin/users",
            "product": "/admin/products",
        }
        assert address.path == expected[item["kind"]]


async def test_a_customer_with_several_records_is_found_once(
    client: httpx.AsyncClient, database: Database, orchard: Stored
) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    for module in ("normal", "memberwd", "bonanza"):
        again = await make_database(database, 3, module=module, prefix="orchard")
        await give(database, again.record_ids, staff)
    for who in (admin, staff):
        items = [item for item in await find(client, who, "orchard") if item["kind"] == "customer"]
        assert sorted(item["url"] for item in items) == [f"/customers/orchard{n}" for n in range(3)]
        for item in items:
            page = await client.get(f"/api{item['url']}", headers=who.auth)
            assert item["id"] in [row["id"] for row in page.json()["records"]]


async def test_who_may_not_open_the_page_of_customers_is_led_to_the_list(
    client: httpx.AsyncClient, database: Database, orchard: Stored
) -> None:
    admin = await make_user(database, "admin", blocked_pages=["customers"])
    for item in await find(client, admin, "orchard"):
        if item["kind"] == "customer":
            address = urlsplit(item["url"])
            assert address.path == f"/databases/{orchard.id}"
            assert parse_qs(address.query) == {"q": [item["title"]], "open": [item["id"]]}


async def test_a_key_with_odd_characters_is_one_part_of_the_address(
    client: httpx.AsyncClient, database: Database
) -> None:
    admin = await make_user(database, "admin")
    await make_database(database, 1, prefix="a/b?&#%")
    (item,) = await find(client, admin, "a/b?&")
    assert item["url"] == "/customers/a%2Fb%3F%26%23%250"
    assert (await client.get(f"/api{item['url']}", headers=admin.auth)).json()["customer_key"] == "a/b?&#%0"


async def test_a_title_with_odd_characters_stays_one_parameter(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    product = await make_product(database, "A&B = 100% #1 ?")
    item = next(item for item in await find(client, admin, "a&b") if item["kind"] == "product")

    assert parse_qs(urlsplit(item["url"]).query) == {"q": ["A&B = 100% #1 ?"], "open": [product]}


@pytest.mark.parametrize(
    ("q", "found"), [("orchard1", 1), ("Person 2", 1), ("0812", 3), ("0812 0000-001", 1), ("nobody", 0)]
)
async def test_customers_are_found_by_identity_name_and_phone(
    client: httpx.AsyncClient, database: Database, orchard: Stored, q: str, found: int
) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    await give(database, orchard.record_ids, staff)
    for who in (admin, staff):
        customers = [item for item in await find(client, who, q) if item["kind"] == "customer"]
        assert len(customers) == found


async def test_the_search_finds_what_the_lists_find(
    client: httpx.AsyncClient, database: Database, orchard: Stored
) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    await give(database, orchard.record_ids[:2], staff)
    for q in ("orchard", "orchard1", "person", "0812", "chard2", "%", "_rch", "nothing"):
        path = f"/api/pools/normal/databases/{orchard.id}/records"
        listed = (await client.get(path, headers=admin.auth, params={"q": q})).json()
        own = (await client.get("/api/my/records", headers=staff.auth, params={"q": q})).json()
        assert {item["id"] for item in await find(client, staff, q)} == {row["id"] for row in own}
        if len(q) >= 3:
            found = {item["id"] for item in await find(client, admin, q) if item["kind"] == "customer"}
            assert found == {row["id"] for row in listed}


async def test_staff_find_only_their_own_customers(
    client: httpx.AsyncClient, database: Database, orchard: Stored
) -> None:
    staff, other = await make_user(database), await make_user(database)
    own, others, dealt_to_nobody = orchard.record_ids
    await give(database, [own], staff)
    await give(database, [others], other)
    items = await find(client, staff, "orchard")

    assert [(item["kind"], item["id"]) for item in items] == [("customer", own)]
    assert items[0]["url"] == "/customers/orchard0"
    assert dealt_to_nobody not in str(items)


async def test_a_recalled_or_archived_customer_is_no_longer_found(
    client: httpx.AsyncClient, database: Database, orchard: Stored
) -> None:
    staff = await make_user(database)
    await give(database, orchard.record_ids, staff)
    await change_records(database, orchard.record_ids[:1], state=RecordState.AVAILABLE, assigned_to=None)
    await change_records(database, orchard.record_ids[1:2], state=RecordState.ARCHIVED)

    assert [item["id"] for item in await find(client, staff, "orchard")] == orchard.record_ids[2:]


@pytest.mark.parametrize(
    "values", [{"state": DatabaseState.IMPORTING}, {"state": DatabaseState.DISCARDED}, {"deleted_at": utc_now()}]
)
async def test_what_no_list_shows_is_not_found(
    client: httpx.AsyncClient, database: Database, orchard: Stored, values: dict[str, Any]
) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    await give(database, orchard.record_ids, staff)
    await change(database, orchard, **values)

    assert kinds(await find(client, admin, "orchard")) == ["product", "user"]
    assert await find(client, staff, "orchard") == []


async def test_trash_removed_people_and_retired_products_are_not_found(
    client: httpx.AsyncClient, database: Database, orchard: Stored
) -> None:
    admin = await make_user(database, "admin")
    await change_records(database, orchard.record_ids, state=RecordState.TRASHED)
    await make_user(database, name="Gone Orchard", is_active=False, deleted_at=utc_now())
    await make_product(database, "Old orchard", is_active=False)
    items = await find(client, admin, "orchard")

    assert sorted(item["title"] for item in items) == ["Olive Orchard", "Orchard customers", "Orchard product"]


@pytest.mark.parametrize(
    ("blocked", "left"),
    [
        ("users", ["customer", "database", "product"]),
        ("products", ["customer", "database", "user"]),
        ("databases", ["product", "user"]),
        ("bonanza", ["customer", "database", "product", "user"]),
    ],
)
async def test_what_is_on_a_blocked_page_is_not_found(
    client: httpx.AsyncClient, database: Database, orchard: Stored, blocked: str, left: list[str]
) -> None:
    admin = await make_user(database, "admin", blocked_pages=[blocked])

    assert kinds(await find(client, admin, "orchard")) == left


async def test_a_common_term_is_found_behind_many_matches_of_a_blocked_page(
    client: httpx.AsyncClient, database: Database
) -> None:
    await make_database(database, 600, prefix="meadow")
    seen = await make_database(database, 3, module="bonanza", prefix="meadow")
    admin = await make_user(database, "admin", blocked_pages=["databases"])
    customers = [item["id"] for item in await find(client, admin, "meadow") if item["kind"] == "customer"]

    assert sorted(customers) == sorted(seen.record_ids)


async def test_a_staff_without_the_customers_page_finds_none(
    client: httpx.AsyncClient, database: Database, orchard: Stored
) -> None:
    staff = await make_user(database, blocked_pages=["customers"])
    await give(database, orchard.record_ids, staff)

    assert await find(client, staff, "orchard") == []


async def test_each_module_leads_to_its_page(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    for module in ("normal", "memberwd", "bonanza"):
        await make_database(database, 1, module=module, name=f"Meadow {module}")
    paths = {item["title"]: item["url"].split("/")[1] for item in await find(client, admin, "meadow")}

    assert paths == {"Meadow normal": "databases", "Meadow memberwd": "member-wd", "Meadow bonanza": "bonanza"}


@pytest.mark.parametrize("q", ["", "   ", "%", "_", "\\", "'", '"', "a" * 200, "李", "\u202e"])
async def test_any_text_is_a_term(client: httpx.AsyncClient, database: Database, orchard: Stored, q: str) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    for who in (admin, staff):
        assert [item for item in await find(client, who, q) if "rchard" in item["title"]] == []


async def test_an_endless_term_is_refused(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")

    assert (await client.get("/api/search", headers=admin.auth, params={"q": "x" * 201})).status_code == 422
    assert (await client.get("/api/search", params={"q": "x"})).status_code == 401


async def test_at_most_five_of_a_kind_in_a_fixed_number_of_statements(
    client: httpx.AsyncClient, database: Database
) -> None:
    admin = await make_user(database, "admin")

    async def budget() -> int:
        with recorded_statements(database) as statements:
            await find(client, admin, "meadow")
        return len(statements)

    await budget()  # reads what somebody looked at today
    before = await budget()
    for number in range(7):
        await make_database(database, 7, name=f"Meadow {number}", prefix=f"meadow-{number}-")
        await make_user(database, name=f"Meadow {number}")
        await make_product(database, f"Meadow {number}")
    items = await find(client, admin, "meadow")

    assert [sum(item["kind"] == kind for item in items) for kind in ("database", "customer", "user", "product")] == [
        5
    ] * 4
    assert await budget() == before <= 8
