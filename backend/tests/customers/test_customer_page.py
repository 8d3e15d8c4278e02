"""Everything about one customer that the viewer may see (spec 6.2), over all databases and modules."""

from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
from sqlalchemy import update

from crm_boost.databases.models import Record, RecordKey
from crm_boost.db.engine import Database
from tests.assignments import support as engine
from tests.customers.conftest import Desk
from tests.support.factories import Account, make_database, make_product, make_user, records_of, reserve_customer
from tests.support.statements import recorded_statements


async def page(client: httpx.AsyncClient, who: Account, key: str = "customer1") -> httpx.Response:
    return await client.get(f"/api/customers/{quote(key, safe='')}", headers=who.auth)


async def test_an_admin_sees_every_record_of_the_customer(desk: Desk, client: httpx.AsyncClient) -> None:
    found = (await page(client, desk.admin)).json()

    assert (found["customer_key"], found["display_name"]) == ("customer1", "Person 1")
    assert found["phones"] == ["+628120000001"]
    newest_first = [stored.record_ids[1] for stored in reversed(desk.stored.values())]
    assert [row["id"] for row in found["records"]] == newest_first
    first = found["records"][0]
    stored = desk.stored["bonanza"]
    assert {
        "module": "bonanza",
        "database_id": stored.id,
        "database_name": "Database bonanza",
        "product_id": stored.product_id,
        "customer_id": "customer1",
        "status": "assigned",
        "assigned_to_name": "Wati",
        "row_number": 2,
    }.items() <= first.items()
    assert first["product_name"].startswith("Product")
    assert found["reservation"] == {"state": "none"}
    free = (await page(client, desk.admin, "customer8")).json()
    assert {row["status"] for row in free["records"]} == {"available"}


async def test_staff_see_what_they_hold_and_nothing_else(
    desk: Desk, client: httpx.AsyncClient, database: Database
) -> None:
    mine = desk.stored["memberwd"].record_ids[1]
    other = (set(desk.stored) - {"memberwd"}).pop()
    await engine.take_back(database, desk.stored[other], [desk.stored[other].record_ids[1]])
    await engine.pick(database, desk.stored[other], desk.other, [desk.stored[other].record_ids[1]])

    found = (await page(client, desk.staff)).json()

    ids = {row["id"] for row in found["records"]}
    assert mine in ids
    assert desk.stored[other].record_ids[1] not in ids
    assert all(row["assigned_to"] == desk.staff.id and "row_number" not in row for row in found["records"])
    assert {entry["record_id"] for entry in found["timeline"]} == ids
    assert (await page(client, desk.staff, "customer4")).status_code == 404
    assert (await page(client, desk.staff, "customer8")).status_code == 404


async def test_the_timeline_is_merged_and_each_entry_names_its_record(desk: Desk, client: httpx.AsyncClient) -> None:
    one, two = (desk.stored[module].record_ids[1] for module in ("normal", "memberwd"))
    for record_id, mark in ((one, "ada"), (two, "tidak")):
        path = f"/api/records/{record_id}"
        await client.patch(path, json={"whatsapp_status": mark}, headers=desk.staff.auth)
        await client.post(f"{path}/notes", json={"text": f"about {mark}"}, headers=desk.staff.auth)

    entries: list[dict[str, Any]] = []
    for who in (desk.staff, desk.admin):
        entries = (await page(client, who)).json()["timeline"]
        assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
        ours = [(e["record_id"], e["kind"], e.get("to") or e.get("text")) for e in entries]
        assert [entry for entry in ours if entry[1] in ("whatsapp_status", "note")] == [
            (one, "whatsapp_status", "ada"),
            (one, "note", "about ada"),
            (two, "whatsapp_status", "tidak"),
            (two, "note", "about tidak"),
        ]
        for record_id in (one, two):
            alone = (await client.get(f"/api/records/{record_id}/timeline", headers=who.auth)).json()
            assert [e for e in entries if e["record_id"] == record_id] == alone
    assert [e["kind"] for e in entries].count("import") == 3


async def test_of_other_peoples_reservations_staff_learn_only_that_there_is_one(
    desk: Desk, client: httpx.AsyncClient, database: Database
) -> None:
    await reserve_customer(database, desk.stored["normal"], "customer1", desk.other.id)
    await reserve_customer(database, desk.stored["normal"], "customer2", desk.staff.id)
    elsewhere = await make_database(database, 3, product_id=await make_product(database))
    await reserve_customer(database, elsewhere, "customer3", desk.other.id)

    async def reservation(who: Account, key: str) -> Any:
        return (await page(client, who, key)).json()["reservation"]

    assert await reservation(desk.staff, "customer1") == {"state": "taken"}
    assert "Budi" not in (await page(client, desk.staff)).text
    assert await reservation(desk.admin, "customer1") == {"state": "taken", "staff_name": "Budi"}
    assert await reservation(desk.staff, "customer2") == {"state": "yours"}
    # For another product than any he can see it for.
    assert await reservation(desk.staff, "customer3") == {"state": "none"}


async def test_a_customer_is_found_in_any_spelling(desk: Desk, client: httpx.AsyncClient, database: Database) -> None:
    record_id = desk.stored["normal"].record_ids[1]
    record = (await records_of(database, desk.stored["normal"]))[record_id]
    odd = "ann/50% #1?"
    async with database.write() as session:
        cells = orjson.dumps([odd, "Ann", ""]).decode()
        key = "ann/50%#1?"
        statement = update(Record).where(Record.seq == record.seq)
        await session.execute(
            statement.values(customer_key=key, row_data=cells, display_name=None, phone_e164=None, phone="12")
        )
        await session.execute(update(RecordKey).where(RecordKey.record_seq == record.seq).values(customer_key=key))
    for spelling in (odd, "ANN/50%#1?", key):
        found = (await page(client, desk.staff, spelling)).json()
        assert (found["customer_key"], found["display_name"], found["phones"]) == (key, odd, ["12"])
        assert [row["id"] for row in found["records"]] == [record_id]
    for nothing in ("nobody", " ", "\u00a0"):
        assert (await page(client, desk.admin, nothing)).status_code == 404


async def test_blocked_modules_and_the_trash_are_left_out(
    desk: Desk, client: httpx.AsyncClient, database: Database
) -> None:
    blocked = await make_user(database, "admin", blocked_pages=["bonanza"])
    await client.delete(f"/api/memberwd/databases/{desk.stored['memberwd'].id}?force=true", headers=desk.admin.auth)
    for who, modules in (
        (desk.admin, {"normal", "bonanza"}),
        (blocked, {"normal"}),
        (desk.staff, {"normal", "bonanza"}),
    ):
        assert {row["module"] for row in (await page(client, who)).json()["records"]} == modules


async def test_who_may_open_it(desk: Desk, client: httpx.AsyncClient, database: Database) -> None:
    assert (await client.get("/api/customers/customer1")).status_code == 401
    for role in ("staff", "admin"):
        who = await make_user(database, role, blocked_pages=["customers"])
        refused = await page(client, who)
        assert (refused.status_code, refused.json()["page"]) == (403, "customers")
    stranger = await make_user(database)
    assert (await page(client, stranger)).status_code == 404
    assert (await page(client, desk.master)).status_code == 200


async def test_opening_is_counted(desk: Desk, client: httpx.AsyncClient) -> None:
    await client.put("/api/settings/access-limits", json={"opens_per_hour": 2}, headers=desk.admin.auth)
    statuses = [(await page(client, desk.staff)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


@pytest.mark.parametrize("role", ["admin", "staff"])
async def test_the_number_of_statements_does_not_follow_the_number_of_records(
    desk: Desk, client: httpx.AsyncClient, database: Database, role: str
) -> None:
    who = desk.admin if role == "admin" else desk.staff
    counts = []
    for more in (0, 5):
        for _ in range(more):
            stored = await make_database(database, 3, product_id=desk.stored["normal"].product_id)
            await engine.pick(database, stored, desk.staff, stored.record_ids)
        await page(client, who)
        with recorded_statements(database) as statements:
            found = (await page(client, who)).json()
        counts.append((len(statements), len(found["records"])))
    assert counts[0][1] < counts[1][1]
    assert counts[0][0] == counts[1][0] <= 8
