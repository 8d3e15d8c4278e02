"""Products: create, rename, retire while unused, bring back (spec 1.1, 7.1)."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import func, select

from crm_boost.db.audit import AuditEntry
from crm_boost.db.engine import Database
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import InvalidInput, NotFound
from crm_boost.kit.text import name_key
from crm_boost.products import service
from crm_boost.products.errors import ProductInUse
from crm_boost.products.events import ProductUsageAsked
from crm_boost.products.models import Product
from crm_boost.products.schemas import ProductCreate, ProductUpdate
from tests.support.factories import Account, make_database, make_product, make_user
from tests.support.statements import recorded_statements


@pytest.fixture
async def admin(database: Database) -> Account:
    return await make_user(database, "admin")


async def names(client: httpx.AsyncClient, who: Account, **params: Any) -> list[str]:
    response = await client.get("/api/products", headers=who.auth, params=params)
    assert response.status_code == 200
    return [row["name"] for row in response.json()]


async def test_a_created_product_is_listed(client: httpx.AsyncClient, admin: Account) -> None:
    body = {"name": "  Product A ", "description": "First\r\nline"}
    made = await client.post("/api/products", json=body, headers=admin.auth)
    listed = await client.get("/api/products", headers=admin.auth)

    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "name": "Product A",
        "description": "First\nline",
        "is_active": True,
        "database_count": 0,
    }
    assert listed.json() == [made.json()]
    assert listed.headers["x-total-count"] == "1"


async def test_a_description_is_not_needed(client: httpx.AsyncClient, admin: Account) -> None:
    made = await client.post("/api/products", json={"name": "Product A"}, headers=admin.auth)

    assert (made.status_code, made.json()["description"]) == (201, "")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "  \t "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": 7}, "name"),
        ({"name": "A", "description": "a\0b"}, "description"),
        ({"name": "A", "description": "x" * 2001}, "description"),
        ({"name": "A", "id": "mine"}, "id"),
        ({"name": "A", "is_active": False}, "is_active"),
    ],
)
async def test_a_wrong_or_unknown_field_is_refused(
    client: httpx.AsyncClient, admin: Account, body: dict[str, Any], field: str
) -> None:
    refused = await client.post("/api/products", json=body, headers=admin.auth)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert await names(client, admin) == []


@pytest.mark.parametrize("name", ["Product A", "product a", "PRODUCT  A", "Ｐroduct A", " Product\u00a0A"])
async def test_a_name_belongs_to_one_product(
    client: httpx.AsyncClient, admin: Account, database: Database, name: str
) -> None:
    await make_product(database, "Product A")
    other = await make_product(database, "Product B")
    made = await client.post("/api/products", json={"name": name}, headers=admin.auth)
    renamed = await client.patch(f"/api/products/{other}", json={"name": name}, headers=admin.auth)

    for refused in (made, renamed):
        assert (refused.status_code, refused.json()["code"]) == (409, "product_name_taken")
        assert refused.json()["field"] == "name"
    assert await names(client, admin) == ["Product A", "Product B"]


async def test_a_retired_product_keeps_its_name(client: httpx.AsyncClient, admin: Account, database: Database) -> None:
    await make_product(database, "Product A", is_active=False)

    assert (await client.post("/api/products", json={"name": "product a"}, headers=admin.auth)).status_code == 409


async def test_of_several_who_take_a_name_at_once_one_gets_it(client: httpx.AsyncClient, admin: Account) -> None:
    spellings = ["Race", "race", "RACE", "rAcE"]
    answers = await asyncio.gather(
        *(client.post("/api/products", json={"name": name}, headers=admin.auth) for name in spellings)
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_of_several_who_rename_to_a_name_at_once_one_gets_it(
    client: httpx.AsyncClient, admin: Account, database: Database
) -> None:
    ids = [await make_product(database) for _ in range(4)]
    answers = await asyncio.gather(
        *(client.patch(f"/api/products/{one}", json={"name": "Race"}, headers=admin.auth) for one in ids)
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_a_product_may_change_the_case_of_its_own_name(
    client: httpx.AsyncClient, admin: Account, database: Database
) -> None:
    product = await make_product(database, "Product A")
    renamed = await client.patch(f"/api/products/{product}", json={"name": "PRODUCT A"}, headers=admin.auth)

    assert (renamed.status_code, renamed.json()["name"]) == (200, "PRODUCT A")


@pytest.mark.parametrize("field", ["name", "description", "is_active"])
async def test_a_field_is_changed_or_left_out_and_never_emptied(
    client: httpx.AsyncClient, admin: Account, database: Database, field: str
) -> None:
    product = await make_product(database)
    refused = await client.patch(f"/api/products/{product}", json={field: None}, headers=admin.auth)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]


async def test_changing_one_field_leaves_the_others(
    client: httpx.AsyncClient, admin: Account, database: Database
) -> None:
    product = await make_product(database, "Product A")
    await client.patch(f"/api/products/{product}", json={"description": "New"}, headers=admin.auth)
    await client.patch(f"/api/products/{product}", json={"name": "Product B"}, headers=admin.auth)
    row = (await client.get("/api/products", headers=admin.auth)).json()[0]

    assert (row["name"], row["description"], row["is_active"]) == ("Product B", "New", True)


# --- retiring --------------------------------------------------------------------------------------------------------


async def test_a_retired_product_leaves_the_list_and_can_come_back(
    client: httpx.AsyncClient, admin: Account, database: Database
) -> None:
    product = await make_product(database, "Product A")
    await make_product(database, "Product B")

    assert (await client.delete(f"/api/products/{product}", headers=admin.auth)).status_code == 204
    assert await names(client, admin) == ["Product B"]
    assert await names(client, admin, include_retired=True) == ["Product A", "Product B"]
    assert (await client.delete(f"/api/products/{product}", headers=admin.auth)).status_code == 204
    back = await client.patch(f"/api/products/{product}", json={"is_active": True}, headers=admin.auth)
    assert back.status_code == 200
    assert await names(client, admin) == ["Product A", "Product B"]


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
async def test_a_product_in_use_is_not_retired(
    client: httpx.AsyncClient, app: FastAPI, admin: Account, database: Database, method: str
) -> None:
    used, unused = await make_product(database, "Product A"), await make_product(database, "Product B")

    async def use(_session: Any, asked: ProductUsageAsked) -> None:
        if used in asked.product_ids:
            asked.databases[used] = asked.databases.get(used, 0) + 2

    app.state.database.bus.on(ProductUsageAsked, use)
    refused = await client.request(
        method, f"/api/products/{used}", headers=admin.auth, json={"is_active": False} if method == "PATCH" else None
    )

    assert (refused.status_code, refused.json()["code"]) == (409, "product_in_use")
    assert refused.json()["database_count"] == 2
    rows = (await client.get("/api/products", headers=admin.auth)).json()
    assert [(row["name"], row["is_active"], row["database_count"]) for row in rows] == [
        ("Product A", True, 2),
        ("Product B", True, 0),
    ]
    assert (await client.delete(f"/api/products/{unused}", headers=admin.auth)).status_code == 204


async def test_a_refused_retirement_takes_its_other_changes_with_it(
    client: httpx.AsyncClient, app: FastAPI, admin: Account, database: Database
) -> None:
    product = await make_product(database, "Product A")

    async def use(_session: Any, asked: ProductUsageAsked) -> None:
        asked.databases[product] = 1

    app.state.database.bus.on(ProductUsageAsked, use)
    change = {"name": "Product Z", "is_active": False}

    assert (await client.patch(f"/api/products/{product}", json=change, headers=admin.auth)).status_code == 409
    assert await names(client, admin) == ["Product A"]


async def test_databases_count_as_use(client: httpx.AsyncClient, admin: Account, database: Database) -> None:
    stored = await make_database(database, 2)
    row = (await client.get("/api/products", headers=admin.auth)).json()[0]

    assert (row["id"], row["database_count"]) == (stored.product_id, 1)
    assert (await client.delete(f"/api/products/{stored.product_id}", headers=admin.auth)).status_code == 409


async def test_nothing_new_refers_to_a_retired_product(database: Database) -> None:
    retired = await make_product(database, is_active=False)
    active = await make_product(database)
    for open_session in (database.read, database.write):
        async with open_session() as session:
            assert (await service.require_active_product(session, active)).id == active
            with pytest.raises(InvalidInput) as refused:
                await service.require_active_product(session, retired)
            assert refused.value.errors[0].field == "product_id"
            with pytest.raises(NotFound):
                await service.require_active_product(session, "nothing")


async def test_retiring_waits_for_who_is_just_using_the_product(app: FastAPI, database: Database) -> None:
    """A new database and the retirement of its product at the same moment: one of them sees the other."""
    product = await make_product(database)
    checked, go_on = asyncio.Event(), asyncio.Event()
    in_use: list[str] = []

    async def count(_session: Any, asked: ProductUsageAsked) -> None:
        asked.databases[product] = len(in_use)

    app.state.database.bus.on(ProductUsageAsked, count)

    async def use_it() -> None:
        async with database.write() as session:
            await service.require_active_product(session, product)
            checked.set()
            await go_on.wait()
            in_use.append("a database")

    async def retire() -> str:
        try:
            async with database.write() as session:
                await service.retire_product(session, product)
        except ProductInUse:
            return "refused"
        return "retired"

    user = asyncio.create_task(use_it())
    await checked.wait()
    retirement = asyncio.create_task(retire())
    await asyncio.sleep(0.2)
    go_on.set()
    await user

    assert await retirement == "refused"


# --- lists, rights, traces -------------------------------------------------------------------------------------------


async def test_products_are_sorted_by_name_whatever_the_case(
    client: httpx.AsyncClient, admin: Account, database: Database
) -> None:
    for name in ("beta", "Alpha", "gamma", "alpha 2", "BETA 1", "Ärmel", "1st"):
        await make_product(database, name)

    expected = ["1st", "Alpha", "alpha 2", "beta", "BETA 1", "gamma", "Ärmel"]
    assert await names(client, admin) == expected
    paged: list[str] = []
    path: str | None = "/api/products?limit=3"
    while path:
        response = await client.get(path, headers=admin.auth)
        paged += [row["name"] for row in response.json()]
        path = response.links["next"]["url"] if "next" in response.links else None
    assert paged == expected


@pytest.mark.parametrize(
    ("q", "found"), [("ALPHA", ["Alpha", "alpha 2"]), ("ä", ["Ärmel"]), ("%", []), ("2", ["alpha 2"]), ("", 3)]
)
async def test_search_ignores_case(
    client: httpx.AsyncClient, admin: Account, database: Database, q: str, found: list[str] | int
) -> None:
    for name in ("Alpha", "alpha 2", "Ärmel"):
        await make_product(database, name)
    listed = await names(client, admin, q=q)

    assert (listed if isinstance(found, list) else len(listed)) == found


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_an_unknown_product_is_404(client: httpx.AsyncClient, admin: Account, method: str) -> None:
    response = await client.request(method, "/api/products/nothing", json={"name": "X"}, headers=admin.auth)

    assert (response.status_code, response.json()["id"]) == (404, "nothing")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/products"), ("PATCH", "/api/products/{id}"), ("DELETE", "/api/products/{id}")]
)
async def test_staff_read_products_and_change_none(
    client: httpx.AsyncClient, database: Database, method: str, path: str
) -> None:
    staff, product = await make_user(database), await make_product(database, "Product A")
    refused = await client.request(method, path.format(id=product), json={"name": "X"}, headers=staff.auth)
    unknown = await client.request(method, path.format(id="nothing"), json={"name": "X"}, headers=staff.auth)

    assert (refused.status_code, unknown.status_code) == (403, 403)
    assert await names(client, staff) == ["Product A"]


async def test_every_change_is_in_the_audit_log(client: httpx.AsyncClient, admin: Account, database: Database) -> None:
    made = (await client.post("/api/products", json={"name": "A"}, headers=admin.auth)).json()
    await client.patch(f"/api/products/{made['id']}", json={"description": "B"}, headers=admin.auth)
    await client.patch("/api/products/nothing", json={"name": "C"}, headers=admin.auth)
    async with database.read() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.seq))).all()

    assert [(entry.action, entry.actor_id, entry.object_id, entry.detail) for entry in entries] == [
        ("product.created", admin.id, made["id"], {}),
        ("product.updated", admin.id, made["id"], {"fields": ["description"]}),
    ]


async def test_the_number_of_statements_does_not_grow(
    client: httpx.AsyncClient, admin: Account, database: Database
) -> None:
    async def budget() -> int:
        with recorded_statements(database) as statements:
            await client.get("/api/products", headers=admin.auth)
        return len(statements)

    await make_product(database)
    before = await budget()
    for _ in range(10):
        await make_database(database, 1)

    assert await budget() == before <= 4


async def test_the_service_needs_no_request(database: Database) -> None:
    current_context().actor_id = None
    async with database.write() as session:
        made = await service.create_product(session, ProductCreate(name="Product A"))
        await service.update_product(session, made["id"], ProductUpdate(name="Product B"))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Product)) == 1
        assert (await service.require_product(session, made["id"])).name == "Product B"


@pytest.mark.pure
@given(st.text(max_size=130))
def test_a_name_that_is_accepted_has_a_key_and_one_line(name: str) -> None:
    try:
        accepted = ProductCreate(name=name).name
    except ValidationError:
        return
    assert name_key(accepted)
    assert accepted == accepted.strip()
    assert len(accepted.splitlines()) == 1
