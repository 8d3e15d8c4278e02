"""The addresses existing clients call: paths, fields and status codes as they always were (spec 2.7, 7.7)."""

import httpx
import pytest

from crm_boost.db.engine import Database
from tests.assignments import support
from tests.support.factories import make_database, make_user, records_of, reserve_customer

MODULES = ["memberwd", "bonanza"]


@pytest.mark.parametrize("module", MODULES)
async def test_assign_random(database: Database, client: httpx.AsyncClient, module: str) -> None:
    admin, staff, owner = await make_user(database, "admin"), await make_user(database), await make_user(database)
    stored = await make_database(database, 20, module=module, reserved=range(2))
    for i in range(2):
        await reserve_customer(database, stored, f"customer{i}", owner.id)
    body = {"database_id": stored.id, "staff_id": staff.id, "quantity": 8, "username_field": "user", "extra": 1}

    done = await client.post(f"/api/{module}/assign-random", json=body, headers=admin.auth)

    assert done.status_code == 200
    answer = done.json()
    assert {"assigned_count": 8, "total_reserved_in_db": 2, "remaining_eligible": 10}.items() <= answer.items()
    batches = {r.batch_id for r in (await records_of(database, stored)).values() if r.assigned_to}
    assert batches == {answer.get("batch_id")}
    assert ("batch_id" in answer) == (module == "memberwd")
    too_many = await client.post(f"/api/{module}/assign-random", json={**body, "quantity": 11}, headers=admin.auth)
    assert (too_many.status_code, too_many.json()["eligible_count"]) == (400, 10)
    refused = await client.post(f"/api/{module}/assign-random", json={**body, "staff_id": admin.id}, headers=admin.auth)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "staff_id")


@pytest.mark.parametrize("module", MODULES)
async def test_assign_and_recall(database: Database, client: httpx.AsyncClient, module: str) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    owner = await make_user(database, name="Owner")
    stored = await make_database(database, 6, module=module, reserved=range(1))
    await reserve_customer(database, stored, "customer0", owner.id)
    body = {"record_ids": stored.record_ids[:4], "staff_id": staff.id}

    done = await client.post(f"/api/{module}/assign", json=body, headers=admin.auth)
    assert done.status_code == 200
    assert done.json()["assigned_count"] == 3
    assert done.json()["blocked_records"] == [
        {"record_id": stored.record_ids[0], "customer": "customer0", "reserved_by": "Owner"}
    ]
    again = await client.post(f"/api/{module}/assign", json=body, headers=admin.auth)
    assert again.status_code == 400

    address = f"/api/{module}/admin/recall-records"
    recalled = await client.post(address, json={"record_ids": stored.record_ids}, headers=admin.auth)
    assert (recalled.status_code, recalled.json()["recalled_count"]) == (200, 3)
    assert (await client.post(address, json={"record_ids": []}, headers=admin.auth)).status_code == 400
    for none in (["unknown"], stored.record_ids):
        missing = await client.post(address, json={"record_ids": none}, headers=admin.auth)
        assert missing.status_code == 404


async def test_a_batch_is_extended(database: Database, client: httpx.AsyncClient) -> None:
    admin, staff, other = await make_user(database, "admin"), await make_user(database), await make_user(database)
    stored = await make_database(database, 30, module="memberwd")
    body = {"database_id": stored.id, "staff_id": staff.id, "quantity": 3}
    first = (await client.post("/api/memberwd/assign-random", json=body, headers=admin.auth)).json()
    body["batch_id"] = first["batch_id"]

    more = await client.post("/api/memberwd/assign-random", json=body, headers=admin.auth)
    foreign = await client.post("/api/memberwd/assign-random", json={**body, "staff_id": other.id}, headers=admin.auth)

    assert more.json()["batch_id"] == first["batch_id"]
    assert (foreign.status_code, foreign.json()["errors"][0]["field"]) == (422, "batch_id")


@pytest.mark.parametrize("module", MODULES)
async def test_staff_list(database: Database, client: httpx.AsyncClient, module: str) -> None:
    admin = await make_user(database, "admin")
    people = [await make_user(database, name=name) for name in ("Berta", "Anton")]
    await make_user(database, name="Gone", is_active=False)

    listed = await client.get(f"/api/{module}/staff", headers=admin.auth)

    assert listed.json() == [{"id": p.id, "name": p.name, "email": p.email} for p in reversed(people)]
    assert (await client.get(f"/api/{module}/staff", headers=people[0].auth)).status_code == 403
    assert (await client.get(f"/api/{module}/staff")).status_code == 401


@pytest.mark.parametrize("module", ["normal", *MODULES])
async def test_bulk_delete_and_database_trash(database: Database, client: httpx.AsyncClient, module: str) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    stored = await make_database(database, 6, module=module)
    await support.pick(database, stored, staff, stored.record_ids[:1])
    prefix = "/api/databases" if module == "normal" else f"/api/{module}/databases"

    async def bulk(record_ids: list[str]) -> httpx.Response:
        return await client.request(
            "DELETE", f"/api/bulk/{module}-records", json={"record_ids": record_ids}, headers=admin.auth
        )

    assert (await bulk(stored.record_ids[1:3])).json()["deleted_count"] == 2
    assert (await bulk(stored.record_ids[:1])).status_code == 409
    assert (await bulk([])).status_code == 400
    assert (await client.delete(f"{prefix}/{stored.id}", headers=admin.auth)).status_code == 409
    assert (await client.delete(f"{prefix}/{stored.id}?force=true", headers=admin.auth)).status_code == 200
    assert (await client.post(f"{prefix}/{stored.id}/restore", headers=admin.auth)).status_code == 200
    assert await support.count_states(database, stored) == {"available": 4, "trashed": 2}


async def test_kept_paths_are_for_those_who_may_and_whose_page_is_not_blocked(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff = await make_user(database)
    barred = await make_user(database, "admin", blocked_pages=["bonanza"])
    for path in ("assign", "assign-random", "admin/recall-records"):
        assert (await client.post(f"/api/bonanza/{path}", json={})).status_code == 401
        assert (await client.post(f"/api/bonanza/{path}", json={}, headers=staff.auth)).status_code in (403, 422)
        body = {"record_ids": ["x"], "staff_id": "x", "database_id": "x", "quantity": 1}
        for account in (staff, barred):
            refused = await client.post(f"/api/bonanza/{path}", json=body, headers=account.auth)
            assert refused.status_code == 403
