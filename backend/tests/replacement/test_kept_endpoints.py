"""The addresses existing clients call about rejected records: paths, fields, status codes (spec 2.7, 7.1, 7.7)."""

from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from tests.assignments import support as desk
from tests.replacement import support
from tests.support.factories import Account, Stored, make_database, make_user, records_of

MODULES = ["memberwd", "bonanza"]
PAGES = {"memberwd": "member-wd", "bonanza": "bonanza"}


class Kept:
    """A staff with four records of a module."""

    def __init__(self, client: httpx.AsyncClient, module: str) -> None:
        self.client, self.module = client, module
        self.admin: Account
        self.staff: Account
        self.stored: Stored
        self.held: list[str] = []

    async def call(self, method: str, path: str, account: Account | None = None, **options: Any) -> httpx.Response:
        headers = (account or self.admin).auth
        return await self.client.request(method, f"/api/{self.module}/{path}", headers=headers, **options)

    async def reject(self, record_ids: list[str], reason: str | None = "Wrong number") -> httpx.Response:
        body = {"record_ids": record_ids, "is_valid": False, **({"reason": reason} if reason is not None else {})}
        return await self.call("POST", "staff/validate", self.staff, json=body)


@pytest.fixture(params=MODULES)
async def kept(request: pytest.FixtureRequest, database: Database, client: httpx.AsyncClient) -> Kept:
    made = Kept(client, request.param)
    made.admin, made.staff = await make_user(database, "admin"), await make_user(database, name="Sari")
    made.stored = await make_database(database, 12, module=made.module, name="West")
    made.held = made.stored.record_ids[:4]
    await desk.pick(database, made.stored, made.staff, made.held)
    return made


async def test_who_may(database: Database, kept: Kept) -> None:
    barred = await make_user(database, "admin", blocked_pages=[PAGES[kept.module]])
    paths = [
        ("GET", "admin/settings"),
        ("PUT", "admin/settings"),
        ("GET", "admin/invalid-records"),
        ("POST", "admin/process-invalid/x"),
        ("POST", "admin/reassign-invalid/x"),
        ("POST", "admin/dismiss-invalid-alerts"),
        ("GET", "admin/archived-invalid"),
        ("POST", "admin/archived-invalid/x/restore"),
        ("DELETE", "admin/archived-invalid/x"),
    ]
    for method, path in paths:
        anonymous = await kept.client.request(method, f"/api/{kept.module}/{path}", json={})
        assert anonymous.status_code == 401, path
        for account in (kept.staff, barred):
            assert (await kept.call(method, path, account, json={})).status_code == 403, path
    body = {"record_ids": kept.held, "is_valid": True}
    assert (await kept.client.post(f"/api/{kept.module}/staff/validate", json=body)).status_code == 401
    assert (await kept.call("POST", "staff/validate", kept.admin, json=body)).status_code == 403


async def test_settings(kept: Kept) -> None:
    first = (await kept.call("GET", "admin/settings")).json()
    assert (first["auto_replace_invalid"], first["max_replacements_per_batch"]) == (False, 10)
    done = await kept.call("PUT", "admin/settings", json={"auto_replace_invalid": True, "more": 1})
    assert {"auto_replace_invalid": True, "max_replacements_per_batch": 10}.items() <= done.json().items()
    native = await kept.client.get(f"/api/pools/{kept.module}/settings", headers=kept.admin.auth)
    assert native.json() == done.json() == (await kept.call("GET", "admin/settings")).json()
    bad = await kept.call("PUT", "admin/settings", json={"max_replacements_per_batch": 1001})
    assert bad.status_code == 422


async def test_validate(database: Database, kept: Kept) -> None:
    body = {"record_ids": kept.held[:1], "is_valid": True, "extra": 1}
    done = await kept.call("POST", "staff/validate", kept.staff, json=body)
    assert done.status_code == 200
    assert {"success": True, "validation_status": "validated", "auto_replaced": 0}.items() <= done.json().items()
    # A reason of their own words, none at all, and one of ours.
    assert (await kept.reject(kept.held[1:2], "no answer for weeks")).json()["validation_status"] == "invalid"
    assert (await kept.reject(kept.held[2:3], None)).status_code == 200
    assert (await kept.reject(kept.held[3:])).status_code == 200
    reasons = [r.validation_reason for r in (await records_of(database, kept.stored)).values()][:4]
    assert reasons == [None, "other", "other", "wrong_number"]
    elsewhere = await make_database(database, 2, module="normal")
    await desk.pick(database, elsewhere, kept.staff, elsewhere.record_ids)
    assert (await kept.reject(elsewhere.record_ids)).status_code == 404


async def test_validate_replaces_where_the_rule_is_on(database: Database, kept: Kept) -> None:
    await support.rule(database, kept.module, quota=1)

    done = (await kept.reject(kept.held[:2])).json()

    assert {"success": True, "validation_status": "invalid", "auto_replaced": 1, "replacement_failed": 1}.items() <= (
        done.items()
    )
    assert "quota" in done["replacement_message"]
    assert [d.get("failed") for d in done["replacement_details"]] == [None, "quota"]
    assert "records" not in done


async def test_own_records_after_a_verdict(kept: Kept) -> None:
    await kept.reject(kept.held[:1])
    rows = {row["id"]: row for row in (await kept.call("GET", "staff/records", kept.staff)).json()}
    assert set(rows) == set(kept.held)
    assert rows[kept.held[0]]["validation_status"] == "invalid"
    assert rows[kept.held[1]].get("validation_status") is None


async def test_invalid_records(database: Database, kept: Kept) -> None:
    assert (await kept.call("GET", "admin/invalid-records")).json() == {"total_invalid": 0, "by_staff": []}
    other = await make_user(database, name="Budi")
    await desk.pick(database, kept.stored, other, kept.stored.record_ids[5:6])
    await kept.reject(kept.held[:3])
    await support.judge(database, other, kept.stored.record_ids[5:6])

    found = await kept.call("GET", "admin/invalid-records")

    assert (found.status_code, found.headers["X-Total-Count"]) == (200, "4")
    body = found.json()
    assert body["total_invalid"] == 4
    assert [(s["_id"], s["staff_name"], s["count"], len(s["records"])) for s in body["by_staff"]] == [
        (kept.staff.id, "Sari", 3, 3),
        (other.id, "Budi", 1, 1),
    ]
    row = body["by_staff"][1]["records"][0]
    assert (row["id"], row["database_name"]) == (kept.stored.record_ids[5], "West")
    assert row["row_data"]["username"] == "customer5"
    part = await kept.call("GET", "admin/invalid-records", params={"limit": 1})
    assert 'rel="next"' in part.headers["Link"] and len(part.json()["by_staff"]) == 1


async def test_process_invalid(kept: Kept, database: Database) -> None:
    await kept.reject(kept.held[:3])
    path = f"admin/process-invalid/{kept.staff.id}"

    done = await kept.call("POST", path, json={"auto_assign_quantity": 2})

    assert done.status_code == 200, done.text
    answer = done.json()
    assert {"archived_count": 3, "new_assigned_count": 2, "skipped_reserved": 0}.items() <= answer.items()
    assert answer["message"]
    assert (
        answer["assignment_details"]
        == answer["details"]
        == [{"database_id": kept.stored.id, "database_name": "West", "assigned_count": 2, "missing": 0}]
    )
    assert (await kept.call("POST", path, json={"auto_assign_quantity": 2})).status_code == 404
    unknown = await kept.call("POST", "admin/process-invalid/unknown", json={"auto_assign_quantity": 0})
    assert unknown.status_code == 404
    bad = await kept.call("POST", path, json={"auto_assign_quantity": -1})
    assert bad.status_code == 422
    assert await desk.count_states(database, kept.stored) == {"available": 6, "assigned": 3, "invalid_archived": 3}


async def test_process_without_a_quantity_only_archives(kept: Kept, database: Database) -> None:
    await kept.reject(kept.held[:1])
    done = await kept.call("POST", f"admin/process-invalid/{kept.staff.id}")
    assert (done.json()["archived_count"], done.json()["new_assigned_count"]) == (1, 0)


async def test_reassign_invalid(kept: Kept, database: Database) -> None:
    path = f"admin/reassign-invalid/{kept.staff.id}"
    assert (await kept.call("POST", path)).status_code == 404
    assert (await kept.call("POST", "admin/reassign-invalid/unknown")).status_code == 404
    await kept.reject(kept.held[:2])

    done = await kept.call("POST", path)

    assert {"success": True, "count": 2, "archived_count": 2, "new_assigned_count": 2}.items() <= done.json().items()
    assert (await kept.call("POST", path)).status_code == 404
    assert await desk.count_states(database, kept.stored) == {"available": 6, "assigned": 4, "invalid_archived": 2}


async def test_archived_invalid(kept: Kept, database: Database) -> None:
    assert (await kept.call("GET", "admin/archived-invalid")).json() == {"total": 0, "by_database": []}
    await kept.reject(kept.held[:3])
    await kept.call("POST", f"admin/reassign-invalid/{kept.staff.id}")

    found = (await kept.call("GET", "admin/archived-invalid")).json()

    assert found["total"] == 3
    (of_database,) = found["by_database"]
    assert (of_database["database_id"], of_database["database_name"], of_database["count"]) == (
        kept.stored.id,
        "West",
        3,
    )
    assert {row["id"] for row in of_database["records"]} == set(kept.held[:3])
    assert all(row["replaced_by_customer"].startswith("customer") for row in of_database["records"])
    restored = await kept.call("POST", f"admin/archived-invalid/{kept.held[0]}/restore")
    assert (restored.status_code, restored.json()["restored_count"]) == (200, 1)
    deleted = await kept.call("DELETE", f"admin/archived-invalid/{kept.held[1]}")
    assert (deleted.status_code, deleted.json()["deleted_count"]) == (200, 1)
    for gone in (kept.held[0], kept.held[1], kept.held[3], "unknown"):
        assert (await kept.call("POST", f"admin/archived-invalid/{gone}/restore")).status_code == 404
        assert (await kept.call("DELETE", f"admin/archived-invalid/{gone}")).status_code == 404
    states = [r.state for r in (await records_of(database, kept.stored)).values()][:4]
    assert states == ["available", "trashed", "invalid_archived", "assigned"]


async def test_dismiss_and_the_notices_of_admins(kept: Kept, database: Database, client: httpx.AsyncClient) -> None:
    address = "/api/notifications/admin/invalid-database"
    other = "bonanza" if kept.module == "memberwd" else "memberwd"
    normal = await make_database(database, 3)
    await desk.pick(database, normal, kept.staff, normal.record_ids)
    await support.judge(database, kept.staff, normal.record_ids[:1])
    await kept.reject(kept.held[:2])

    found = (await client.get(address, headers=kept.admin.auth)).json()

    (notice,) = found["notifications"]
    assert {
        "staff_id": kept.staff.id,
        "staff_name": "Sari",
        "record_count": 2,
        "reason": "wrong_number",
        "type": kept.module,
    }.items() <= notice.items()
    assert found["summary"] == {
        f"{kept.module}_notifications": 1,
        f"{kept.module}_invalid_records": 2,
        f"{other}_notifications": 0,
        f"{other}_invalid_records": 0,
        "total_unresolved": 1,
    }
    assert (await client.get(address)).status_code == 401
    assert (await client.get(address, headers=kept.staff.auth)).status_code == 403
    dismissed = await kept.call("POST", "admin/dismiss-invalid-alerts")
    assert (dismissed.status_code, dismissed.json()) == (200, {"cleared_count": 1})
    after = (await client.get(address, headers=kept.admin.auth)).json()
    assert (after["notifications"], after["summary"]["total_unresolved"]) == ([], 0)
    assert after["summary"][f"{kept.module}_invalid_records"] == 2
