"""The addresses existing clients call, as a contract: method, path, who, fields, paging (spec 2.7, 7.7)."""

from typing import Any

import httpx
import pytest

from crm_boost.contacts.verdicts import Verdict
from crm_boost.db.engine import Database
from tests.assignments import support as engine
from tests.contacts import support as contacts
from tests.contacts.support import RESPOND, WHATSAPP
from tests.customers.conftest import Desk
from tests.support.factories import make_user, reserve_customer

LISTS = [
    ("/api/my-request-batches", "normal"),
    ("/api/my-assigned-records", "normal"),
    ("/api/my-invalidated-by-reservation", "normal"),
    ("/api/memberwd/staff/records", "memberwd"),
    ("/api/memberwd/staff/batches", "memberwd"),
    ("/api/memberwd/staff/invalidated-by-reservation", "memberwd"),
    ("/api/bonanza/staff/records", "bonanza"),
    ("/api/bonanza/staff/invalidated-by-reservation", "bonanza"),
]
BATCH_FIELDS = {
    "id", "database_id", "database_name", "product_id", "product_name", "custom_title", "is_pinned", "record_count",
    "ada_count", "ceklis1_count", "tidak_count", "respond_ya_count", "respond_tidak_count", "created_at",
}  # fmt: skip
RECORD_FIELDS = {"id", "row_data", "customer_id", "status", "validation_status", "database_name", "batch_id", "version"}


async def get(client: httpx.AsyncClient, path: str, who: Any) -> Any:
    answer = await client.get(path, headers=who.auth)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("path", "module"), LISTS)
async def test_the_lists_are_for_staff_and_of_their_module(
    desk: Desk, database: Database, client: httpx.AsyncClient, path: str, module: str
) -> None:
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=desk.admin.auth)).status_code == 403
    barred = await make_user(database, blocked_pages=["customers"])
    assert (await client.get(path, headers=barred.auth)).status_code == 403
    answer = await get(client, path, desk.staff)
    if isinstance(answer, dict):
        assert answer == {"count": 0, "records": []}
        return
    assert "null" not in str([row.get("database_name") for row in answer])
    rows = [record for row in answer for record in row.get("records", [])] or answer
    if "batches" not in path or "staff" in path:
        assert sorted(row["id"] for row in rows) == sorted(desk.mine(module))
        assert all(row.keys() >= RECORD_FIELDS and "row_number" not in row for row in rows)
    nobody = await make_user(database)
    assert await get(client, path, nobody) == []


async def test_request_batches(desk: Desk, database: Database, client: httpx.AsyncClient) -> None:
    contacts.act_as(desk.staff)
    first, second, *_ = desk.mine("normal")
    await contacts.mark(database, desk.staff, first, {WHATSAPP: "ada", RESPOND: "ya"})
    await contacts.mark(database, desk.staff, second, {WHATSAPP: "tidak"})
    await engine.pick(database, desk.stored["normal"], desk.staff, desk.free("normal")[:1])
    newer, older = await get(client, "/api/my-request-batches", desk.staff)

    assert newer.keys() == older.keys() == BATCH_FIELDS
    assert (newer["record_count"], older["record_count"], older["custom_title"]) == (1, 4, "")
    assert (older["ada_count"], older["tidak_count"], older["ceklis1_count"]) == (1, 1, 0)
    assert (older["respond_ya_count"], older["respond_tidak_count"]) == (1, 0)
    base = f"/api/my-request-batches/{older['id']}"
    titled = await client.patch(f"{base}/title", json={"title": "Old ones"}, headers=desk.staff.auth)
    pinned = await client.patch(f"{base}/pin", json={"is_pinned": True}, headers=desk.staff.auth)
    assert (titled.json(), pinned.json()) == ({"title": "Old ones"}, {"is_pinned": True})
    top = (await get(client, "/api/my-request-batches", desk.staff))[0]
    assert (top["id"], top["custom_title"], top["is_pinned"]) == (older["id"], "Old ones", True)

    for tail, body, field in (("title", {"title": "x" * 201}, "title"), ("pin", {}, "is_pinned")):
        path = f"{base}/{tail}"
        fine = {"title": "t", "is_pinned": True}
        assert (await client.patch(path, json=fine)).status_code == 401
        assert (await client.patch(path, json=fine, headers=desk.admin.auth)).status_code == 403
        assert (await client.patch(path, json=fine, headers=desk.other.auth)).status_code == 404
        bad = await client.patch(path, json=body, headers=desk.staff.auth)
        assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, field)


async def test_records_of_a_batch_by_its_id_or_its_request(
    desk: Desk, database: Database, client: httpx.AsyncClient
) -> None:
    stored = desk.stored["normal"]
    request_id = await engine.hold(database, stored, desk.staff, 2)
    await engine.give_held(database, stored, request_id, desk.staff)
    newest = (await get(client, "/api/my-request-batches", desk.staff))[0]
    path = "/api/my-assigned-records-by-batch"

    by_request = await get(client, f"{path}?request_id={request_id}", desk.staff)
    by_batch = await get(client, f"{path}?request_id={newest['id']}", desk.staff)

    assert by_request == by_batch and len(by_batch) == 2
    assert {row["batch_id"] for row in by_batch} == {newest["id"]}
    assert (await client.get(f"{path}?request_id={newest['id']}", headers=desk.other.auth)).status_code == 404
    assert (await client.get(f"{path}?request_id={newest['id']}")).status_code == 401
    assert (await client.get(f"{path}?request_id=x", headers=desk.admin.auth)).status_code == 403
    missing = await client.get(path, headers=desk.staff.auth)
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (422, "request_id")


@pytest.mark.parametrize(
    "path", ["/api/memberwd/staff/records", "/api/bonanza/staff/records", "/api/my-assigned-records"]
)
async def test_records_by_product_and_in_pages(desk: Desk, client: httpx.AsyncClient, path: str) -> None:
    module = path.split("/")[2] if "staff" in path else "normal"
    product_id = desk.stored[module].product_id
    assert len(await get(client, f"{path}?product_id={product_id}", desk.staff)) == 4
    assert await get(client, f"{path}?product_id=unknown", desk.staff) == []
    first = await client.get(f"{path}?limit=3", headers=desk.staff.auth)
    link = first.headers["Link"]
    rest = await get(client, link[1 : link.index(">")], desk.staff)
    assert (first.headers["X-Total-Count"], len(first.json()), len(rest)) == ("4", 3, 1)
    assert first.json()[0]["validation_status"] is None


async def test_member_wd_batches_hold_their_records(desk: Desk, database: Database, client: httpx.AsyncClient) -> None:
    contacts.act_as(desk.staff)
    await contacts.judge(database, desk.staff, desk.mine()[:1], Verdict.VALIDATED)
    await contacts.judge(database, desk.staff, desk.mine()[1:3], Verdict.INVALID, "other")
    await engine.pick(database, desk.stored["memberwd"], desk.staff, desk.free()[:2])
    path = "/api/memberwd/staff/batches"
    newer, older = await get(client, path, desk.staff)

    assert [record["id"] for record in newer["records"]] != [] and len(older["records"]) == 4
    counts = ("active_count", "validated_count", "invalid_count", "unvalidated_count")
    assert [older[name] for name in counts] == [4, 1, 2, 1]
    assert [newer[name] for name in counts] == [2, 0, 0, 2]
    assert (older["custom_name"], older["title"]) == ("", "Database memberwd")

    rename = f"{path}/{older['id']}/rename"
    body = {"custom_name": "Evening"}
    assert (await client.patch(rename, json=body)).status_code == 401
    assert (await client.patch(rename, json=body, headers=desk.admin.auth)).status_code == 403
    assert (await client.patch(rename, json=body, headers=desk.other.auth)).status_code == 404
    renamed = await client.patch(rename, json=body, headers=desk.staff.auth)
    assert renamed.json() == {"id": older["id"], "custom_name": "Evening"}
    bad = await client.patch(rename, json={"custom_name": None}, headers=desk.staff.auth)
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "custom_name")
    # A page of records: their batches, with the counts of the whole batch.
    paged = await client.get(f"{path}?limit=3", headers=desk.staff.auth)
    assert [len(batch["records"]) for batch in paged.json()] == [2, 1]
    assert [batch["active_count"] for batch in paged.json()] == [2, 4]
    assert paged.json()[1]["custom_name"] == "Evening" and 'rel="next"' in paged.headers["Link"]


async def test_what_reservations_of_others_took(desk: Desk, database: Database, client: httpx.AsyncClient) -> None:
    for module in ("normal", "memberwd", "bonanza"):
        await reserve_customer(database, desk.stored[module], "customer0", desk.other.id)
        await reserve_customer(database, desk.stored[module], "customer1", desk.staff.id)
        await reserve_customer(database, desk.stored[module], "customer2", desk.other.id, approved=False)
    for path, module in LISTS:
        if "invalidated" in path:
            answer = await get(client, path, desk.staff)
            assert answer["count"] == 1
            assert [record["id"] for record in answer["records"]] == desk.mine(module)[:1]
            assert desk.other.name not in str(answer)
