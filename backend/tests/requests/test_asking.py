"""Asking for records (spec 2.3): exactly so many are held, at random, for as long as the settings say."""

from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import update

from crm_boost.databases.models import CustomerDatabase
from crm_boost.databases.states import DatabaseState
from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen, utc_now
from tests.requests.desk import REQUESTS, ask, asked, decide, held_by, inbox
from tests.support.factories import make_database, make_user, records_of, reserve_customer

UNKNOWN = "nothing-here"


async def test_exactly_so_many_records_are_held_and_nothing_else_is_said(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff, admin = await make_user(database, name="Sari"), await make_user(database, "admin")
    stored = await make_database(database, 30, name="Spring list")

    request = await asked(client, staff, stored, 20)

    records = await records_of(database, stored)
    held = {i for i, r in records.items() if r.state == "requested"}
    assert held == await held_by(database, request["id"])
    assert len(held) == 20
    assert {records[i].held_for for i in held} == {staff.id}
    expires = datetime.fromisoformat(request.pop("expires_at"))
    assert {records[i].held_until for i in held} == {expires}
    asked_at = datetime.fromisoformat(request.pop("requested_at"))
    assert expires - asked_at == timedelta(hours=24)
    product_name = request.pop("product_name")
    assert product_name.startswith("Product")
    assert request == {
        "id": request["id"],
        "module": "normal",
        "database_id": stored.id,
        "database_name": "Spring list",
        "product_id": stored.product_id,
        "record_count": 20,
        "status": "pending",
        "requested_by": staff.id,
        "requested_by_name": "Sari",
        "auto_approved": False,
        "skipped_reserved_count": 0,
        "assigned_count": 0,
    }
    assert await inbox(client, admin) == [
        (
            "request_waiting",
            {"request_id": request["id"], "count": 20, "database_name": "Spring list", "staff_name": "Sari"},
        )
    ]
    assert await inbox(client, staff) == []


async def test_the_draw_is_random(database: Database, client: httpx.AsyncClient) -> None:
    staff = await make_user(database)
    draws = set()
    for _ in range(3):
        stored = await make_database(database, 40)
        request = await asked(client, staff, stored, 5)
        records = list((await records_of(database, stored)).values())
        held = await held_by(database, request["id"])
        draws.add(tuple(n for n, record in enumerate(records) if record.id in held))
    assert len(draws) > 1


@pytest.mark.parametrize("count", [0, -1, 100_001, "5", 2.5, None, True])
async def test_a_count_out_of_range_names_its_field(
    database: Database, client: httpx.AsyncClient, count: object
) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 10)
    response = await ask(client, staff, stored, count)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["record_count"]


async def test_too_few_eligible_says_how_many_there_are_and_changes_nothing(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff, owner = await make_user(database), await make_user(database)
    stored = await make_database(database, 10, reserved=range(4))
    for number in range(4):
        await reserve_customer(database, stored, f"customer{number}", owner.id)

    response = await ask(client, staff, stored, 7)

    assert (response.status_code, response.json()["code"]) == (409, "not_enough_eligible")
    assert response.json()["eligible_count"] == 6
    assert response.json()["requested_count"] == 7
    assert response.json()["errors"][0]["field"] == "record_count"
    assert all(r.held_for is None for r in (await records_of(database, stored)).values())
    assert (await client.get(REQUESTS, headers=staff.auth)).json() == []
    # Who owns them is not refused them.
    assert (await ask(client, owner, stored, 10)).status_code == 200


async def test_only_live_databases_of_modules_that_start_by_request_can_be_asked_of(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 10)
    others = [await make_database(database, 10, module=module) for module in ("memberwd", "bonanza")]
    importing = await make_database(database, 10)
    async with database.write() as session:
        statement = update(CustomerDatabase).where(CustomerDatabase.id == importing.id)
        await session.execute(statement.values(state=DatabaseState.IMPORTING))
    for other in (*others, importing):
        response = await ask(client, staff, other, 1)
        assert (response.status_code, response.json()["code"]) == (404, "unknown_database")
    unknown = await client.post(REQUESTS, json={"database_id": UNKNOWN, "record_count": 1}, headers=staff.auth)
    assert unknown.status_code == 404
    assert (await client.delete(f"/api/databases/{stored.id}", headers=admin.auth)).status_code == 200
    assert (await ask(client, staff, stored, 1)).status_code == 404


async def test_nobody_asks_for_more_than_he_may_hold(database: Database, client: httpx.AsyncClient) -> None:
    staff = await make_user(database, capacity=10)
    stored = await make_database(database, 30)
    await asked(client, staff, stored, 6)
    response = await ask(client, staff, stored, 5)
    assert (response.status_code, response.json()["code"], response.json()["room"]) == (409, "no_room", 4)
    await asked(client, staff, stored, 4)


async def test_a_key_asks_once(database: Database, client: httpx.AsyncClient) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 10)
    answers = [await ask(client, staff, stored, 3, **{"Idempotency-Key": "one"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await client.get(REQUESTS, headers=staff.auth)).json()) == 1
    other = await ask(client, staff, stored, 4, **{"Idempotency-Key": "one"})
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_asking_of_a_database_lets_what_has_expired_there_go_first(
    database: Database, client: httpx.AsyncClient
) -> None:
    first, second = await make_user(database), await make_user(database)
    stored, elsewhere = await make_database(database, 10, name="Spring list"), await make_database(database, 10)
    old = await asked(client, first, stored, 8)
    other = await asked(client, first, elsewhere, 1)
    with frozen(utc_now() + timedelta(hours=25)):
        new = await asked(client, second, stored, 10)

    async def status(request: dict[str, str]) -> str:
        return str((await client.get(f"{REQUESTS}/{request['id']}", headers=first.auth)).json()["status"])

    assert (await status(old), await status(other)) == ("expired", "pending")
    assert len(await held_by(database, new["id"])) == 10
    assert await inbox(client, first) == [
        (
            "request_expired",
            {"request_id": old["id"], "count": 8, "database_name": "Spring list", "by": second.name},
        )
    ]
    events = (await client.get(f"{REQUESTS}/{old['id']}", headers=first.auth)).json()["events"]
    assert [(e.get("from_status"), e["to_status"], e["actor_name"]) for e in events] == [
        (None, "pending", first.name),
        ("pending", "expired", "system"),
    ]


async def test_an_expired_hold_counts_against_nobodys_capacity(database: Database, client: httpx.AsyncClient) -> None:
    staff = await make_user(database, capacity=5)
    stored = await make_database(database, 10)
    await asked(client, staff, stored, 5)
    with frozen(utc_now() + timedelta(hours=25)):
        await asked(client, staff, stored, 5)


async def test_how_long_records_are_held_is_a_setting(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 10)
    await client.put("/api/settings/auto-approve", json={"hold_hours": 2}, headers=admin.auth)
    request = await asked(client, staff, stored, 1)
    held = datetime.fromisoformat(request["expires_at"]) - datetime.fromisoformat(request["requested_at"])
    assert held == timedelta(hours=2)


async def test_databases_are_shown_to_staff_with_name_product_and_counts_only(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    old = await make_database(database, 10, name="Old list", reserved=range(3))
    await reserve_customer(database, old, "customer0", staff.id)
    await reserve_customer(database, old, "customer1", admin.id)
    new = await make_database(database, 5, name="New list", product_id=old.product_id)
    await make_database(database, 5, module="memberwd")
    request = await asked(client, staff, new, 2)

    response = await client.get("/api/my/requestable-databases", headers=staff.auth)

    assert response.headers["X-Total-Count"] == "2"
    rows = response.json()
    product = {"product_id": old.product_id, "product_name": rows[0]["product_name"]}
    assert rows == [
        {
            "id": new.id,
            "name": "New list",
            **product,
            "available_count": 3,
            "is_auto_approved": False,
            "pending_request_id": request["id"],
        },
        # Seven free ones, and the one reserved for the caller himself.
        {"id": old.id, "name": "Old list", **product, "available_count": 8, "is_auto_approved": False},
    ]
    found = await client.get("/api/my/requestable-databases?q=old", headers=staff.auth)
    assert [row["id"] for row in found.json()] == [old.id]
    by_product = await client.get(f"/api/my/requestable-databases?q={product['product_name'][2:]}", headers=staff.auth)
    assert len(by_product.json()) == 2
    first = await client.get("/api/my/requestable-databases?limit=1", headers=staff.auth)
    second = await client.get(first.headers["Link"].split(">")[0].removeprefix("<"), headers=staff.auth)
    assert [row["id"] for row in first.json() + second.json()] == [new.id, old.id]
    assert (await decide(client, staff, request["id"], "cancel")).status_code == 200
    again = (await client.get("/api/my/requestable-databases?q=new", headers=staff.auth)).json()
    assert "pending_request_id" not in again[0]
