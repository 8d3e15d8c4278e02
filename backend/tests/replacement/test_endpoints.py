"""The routes of judging and of the Validation page: who may, what is refused, and the shapes of the answers."""

from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from tests.assignments import support as desk
from tests.replacement import support
from tests.support.factories import Account, Stored, make_database, make_user, records_of
from tests.support.statements import recorded_statements


class World:
    admin: Account
    staff: Account
    other: Account
    stored: Stored
    held: list[str]


@pytest.fixture
async def world(database: Database) -> World:
    """A staff with four records of Member WD, of which two are rejected; another one with two."""
    made = World()
    made.admin = await make_user(database, "admin")
    made.staff = await make_user(database, name="Sari")
    made.other = await make_user(database, name="Budi")
    made.stored = await make_database(database, 12, module="memberwd", name="West")
    made.held = made.stored.record_ids[:4]
    await desk.pick(database, made.stored, made.staff, made.held)
    await desk.pick(database, made.stored, made.other, made.stored.record_ids[4:6])
    await support.judge(database, made.staff, made.held[:2])
    return made


JUDGE = {"record_ids": ["x"], "is_valid": True}
ADMIN_ONLY: list[tuple[str, str, Any]] = [
    ("POST", "/api/records/validate", JUDGE),
    ("GET", "/api/validation/summary", None),
    ("GET", "/api/validation/records", None),
    ("GET", "/api/validation/archived", None),
    ("POST", "/api/validation/process", {"module": "memberwd", "staff_id": "x", "replace_count": 0}),
    ("POST", "/api/validation/return", {"record_ids": ["x"]}),
    ("POST", "/api/validation/restore", {"record_ids": ["x"]}),
    ("POST", "/api/validation/dismiss", {"module": "memberwd"}),
    ("GET", "/api/pools/memberwd/settings", None),
    ("PUT", "/api/pools/memberwd/settings", {}),
]


@pytest.mark.parametrize(("method", "address", "body"), ADMIN_ONLY)
async def test_admins_only_and_only_with_their_pages(
    database: Database, client: httpx.AsyncClient, method: str, address: str, body: Any
) -> None:
    staff = await make_user(database)
    page = "member-wd" if "settings" in address else "validation"
    barred = await make_user(database, "admin", blocked_pages=[page])

    assert (await client.request(method, address, json=body)).status_code == 401
    for account in (staff, barred):
        assert (await client.request(method, address, json=body, headers=account.auth)).status_code == 403


async def test_staff_judge_their_own_and_nobody_elses(
    database: Database, world: World, client: httpx.AsyncClient
) -> None:
    await support.rule(database, "memberwd")
    address = "/api/my/validate"
    body = {"record_ids": world.held[2:], "is_valid": False, "reason": "not_interested", "note": "moved away"}

    assert (await client.post(address, json=body)).status_code == 401
    assert (await client.post(address, json=body, headers=world.admin.auth)).status_code == 403
    foreign = await client.post(address, json=body, headers=world.other.auth)
    assert (foreign.status_code, foreign.json()["record_ids"]) == (404, world.held[2:])
    headers = {**world.staff.auth, "Idempotency-Key": "one"}
    done = await client.post(address, json=body, headers=headers)
    again = await client.post(address, json=body, headers=headers)

    assert done.status_code == 200, done.text
    answer = done.json()
    assert {
        "success": True,
        "validation_status": "invalid",
        "updated_count": 2,
        "auto_replaced": 2,
        "replacement_failed": 0,
    }.items() <= answer.items()
    assert [sorted(d) for d in answer["replacement_details"]] == [["record_id", "replaced_by"]] * 2
    rows = {row["id"]: row for row in answer["records"]}
    assert [rows[i]["status"] for i in world.held[2:]] == ["invalid_archived"] * 2
    assert {rows[i]["validation_note"] for i in world.held[2:]} == {"moved away"}
    assert {rows[d["replaced_by"]]["status"] for d in answer["replacement_details"]} == {"assigned"}
    assert all("row_number" not in row for row in answer["records"])
    assert again.json() == answer
    assert len(await support.replacements(database)) == 2
    # The answer has told them already: the only message is of the hand-out before.
    assert [who for who, _ in await support.told(database, "records_assigned")] == [world.staff.id, world.other.id]


async def test_an_edit_meanwhile_is_a_409_with_both_values(
    database: Database, world: World, client: httpx.AsyncClient
) -> None:
    record = world.held[3]
    await support.judge(database, None, [record])
    body = {"record_ids": [record], "is_valid": True, "version": 0}

    refused = await client.post("/api/my/validate", json=body, headers=world.staff.auth)

    assert (refused.status_code, refused.json()["code"]) == (409, "edited_meanwhile")
    (conflict,) = refused.json()["conflicts"]
    assert {"record_id": record, "yours": "validated", "theirs": "invalid"}.items() <= conflict.items()


async def test_admins_judge_in_the_modules_open_to_them(
    database: Database, world: World, client: httpx.AsyncClient
) -> None:
    barred = await make_user(database, "admin", blocked_pages=["member-wd"])
    body = {"record_ids": world.held[:3], "is_valid": True}

    assert (await client.post("/api/records/validate", json=body, headers=barred.auth)).status_code == 404
    done = await client.post("/api/records/validate", json=body, headers=world.admin.auth)
    assert (done.status_code, done.json()["updated_count"]) == (200, 3)
    assert done.json()["records"][0]["row_number"] == 1
    cleared = await client.post("/api/records/validate", json={**body, "is_valid": None}, headers=world.admin.auth)
    assert (cleared.json()["validation_status"], cleared.json()["updated_count"]) == (None, 3)


BAD_JUDGEMENTS = [
    ({"record_ids": []}, "record_ids"),
    ({"record_ids": ["x"] * 501}, "record_ids"),
    ({"is_valid": "yes please"}, "is_valid"),
    ({"reason": None}, "reason"),
    ({"reason": "no such reason"}, "reason"),
    ({"note": "x" * 2001}, "note"),
    ({"note": "a\x00b"}, "note"),
    ({"version": -1}, "version"),
    ({"surprise": 1}, "surprise"),
]


@pytest.mark.parametrize(("change", "field"), BAD_JUDGEMENTS)
async def test_bad_judgements_name_their_field(
    world: World, client: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    body = {"record_ids": world.held[2:], "is_valid": False, "reason": "duplicate", **change}
    answer = await client.post("/api/my/validate", json=body, headers=world.staff.auth)
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_the_summary_is_by_staff_and_reason(database: Database, world: World, client: httpx.AsyncClient) -> None:
    await support.judge(database, world.staff, world.held[2:3], reason="duplicate")
    await support.judge(database, world.other, world.stored.record_ids[4:5])
    await support.dismiss(database, "memberwd", world.other)

    async def read(account: Account, **query: str) -> Any:
        answer = await client.get("/api/validation/summary", params=query, headers=account.auth)
        assert answer.status_code == 200
        return answer.json()

    found = await read(world.admin)
    assert found["total"] == 4
    assert found["staff"][0].pop("alert_opened_at").endswith("+00:00")
    assert found["staff"] == [
        {
            "staff_id": world.staff.id,
            "staff_name": "Sari",
            "module": "memberwd",
            "count": 3,
            "by_reason": [{"reason": "wrong_number", "count": 2}, {"reason": "duplicate", "count": 1}],
        },
        {
            "staff_id": world.other.id,
            "staff_name": "Budi",
            "module": "memberwd",
            "count": 1,
            "by_reason": [{"reason": "wrong_number", "count": 1}],
        },
    ]
    assert (await read(world.admin, module="memberwd"))["total"] == 4
    for nothing in ("bonanza", "unknown"):
        assert await read(world.admin, module=nothing) == {"total": 0, "staff": []}
    barred = await make_user(database, "admin", blocked_pages=["member-wd"])
    assert (await read(barred))["total"] == 0


async def test_rejected_and_archived_records_are_listed_page_by_page(
    database: Database, world: World, client: httpx.AsyncClient
) -> None:
    await support.judge(database, world.staff, world.held[2:3], reason="duplicate")
    await support.judge(database, world.other, world.stored.record_ids[4:6])

    async def pages(address: str, **query: Any) -> list[dict[str, Any]]:
        answer = await client.get(address, params={"limit": 2, **query}, headers=world.admin.auth)
        assert answer.status_code == 200, answer.text
        rows, total = answer.json(), int(answer.headers["X-Total-Count"])
        while "Link" in answer.headers:
            target = answer.headers["Link"].split(">")[0].removeprefix("<")
            answer = await client.get(target, headers=world.admin.auth)
            assert "X-Total-Count" not in answer.headers
            rows += answer.json()
        assert len(rows) == total == len({row["id"] for row in rows})
        return list(rows)

    address = "/api/validation/records"
    rows = await pages(address)
    assert len(rows) == 5
    assert {"module": "memberwd", "database_name": "West", "validation_status": "invalid"}.items() <= rows[0].items()
    assert {row["id"] for row in await pages(address, staff_id=world.staff.id)} == set(world.held[:3])
    assert {row["id"] for row in await pages(address, reason="duplicate")} == set(world.held[2:3])
    assert {row["id"] for row in await pages(address, q="customer1")} == {world.held[1]}
    assert len(await pages(address, database_id=world.stored.id)) == 5
    for nothing in ({"module": "bonanza"}, {"database_id": "unknown"}, {"staff_id": "unknown"}, {"q": "nobody"}):
        assert await pages(address, **nothing) == []

    await support.work_off(database, world.stored, world.staff, 2)
    await support.work_off(database, world.stored, world.other, 0)
    archived = await pages("/api/validation/archived")
    assert len(archived) == 5
    times = [row["archived_at"] for row in archived]
    assert times == sorted(times, reverse=True)
    records = await records_of(database, world.stored)
    for row in archived:
        assert (row["status"], row["reason"]) == ("invalid_archived", records[row["id"]].validation_reason)
        replacement = records[row["id"]].replaced_by
        assert row.get("replaced_by") == replacement
        assert row.get("replaced_by_customer") == (records[replacement].customer_key if replacement else None)
    assert len(await pages("/api/validation/archived", staff_id=world.other.id)) == 2
    assert len(await pages("/api/validation/archived", q="customer5")) == 1
    for path in (address, "/api/validation/archived"):
        bad = await client.get(path, params={"cursor": "bm8"}, headers=world.admin.auth)
        assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "cursor")


async def test_processing_over_http(database: Database, world: World, client: httpx.AsyncClient) -> None:
    address = "/api/validation/process"
    body = {"module": "memberwd", "staff_id": world.staff.id, "replace_count": 1}
    headers = {**world.admin.auth, "Idempotency-Key": "p"}

    done = await client.post(address, json=body, headers=headers)
    assert (await client.post(address, json=body, headers=headers)).json() == done.json()

    assert done.status_code == 200, done.text
    answer = done.json()
    assert answer.pop("operation_id")
    assert answer == {"archived_count": 2, "new_assigned_count": 1, "skipped_reserved": 0, "shortage": []}
    barred = await make_user(database, "admin", blocked_pages=["member-wd"])
    assert (await client.post(address, json=body, headers=barred.auth)).status_code == 403
    for change, status, field in (
        ({"module": "unknown"}, 404, None),
        ({"staff_id": "unknown"}, 404, "staff_id"),
        ({}, 404, "record_ids"),
        ({"replace_count": -1}, 422, "replace_count"),
        ({"replace_count": None}, 422, "replace_count"),
        ({"record_ids": []}, 422, "record_ids"),
        ({"surprise": 1}, 422, "surprise"),
    ):
        answer = await client.post(address, json={**body, **change}, headers=world.admin.auth)
        assert answer.status_code == status, answer.text
        assert field is None or field in [e["field"] for e in answer.json()["errors"]]


async def test_return_restore_and_dismiss_over_http(
    database: Database, world: World, client: httpx.AsyncClient
) -> None:
    async def post(verb: str, body: Any) -> httpx.Response:
        return await client.post(f"/api/validation/{verb}", json=body, headers=world.admin.auth)

    assert (await post("dismiss", {"module": "memberwd", "staff_id": "unknown"})).json() == {"cleared_count": 0}
    assert (await post("dismiss", {"module": "memberwd"})).json() == {"cleared_count": 1}
    assert (await post("dismiss", {"module": "unknown"})).status_code == 404
    returned = await post("return", {"record_ids": world.held, "note": "again"})
    assert (returned.status_code, returned.json()) == (
        200,
        {"returned_count": 2, "skipped": [{"reason": "not_rejected", "count": 2}]},
    )
    assert (await post("return", {"record_ids": world.held})).status_code == 409
    assert (await post("return", {"record_ids": []})).status_code == 422
    await support.judge(database, world.staff, world.held[:2])
    await support.work_off(database, world.stored, world.staff, 0)
    restored = await post("restore", {"record_ids": world.held[:2]})
    assert (restored.status_code, restored.json()["restored_count"]) == (200, 2)
    assert (await post("restore", {"record_ids": world.held[:2]})).status_code == 409
    assert (await post("restore", {"record_ids": ["unknown"]})).status_code == 404


async def test_the_rule_of_a_module_over_http(world: World, client: httpx.AsyncClient) -> None:
    for module in ("normal", "memberwd", "bonanza"):
        address = f"/api/pools/{module}/settings"
        first = await client.get(address, headers=world.admin.auth)
        assert first.json() == {
            "auto_replace_invalid": False,
            "max_replacements_per_batch": 10,
            "updated_at": None,
            "updated_by": None,
        }
        body = {"auto_replace_invalid": True, "max_replacements_per_batch": 0}
        done = await client.put(address, json=body, headers=world.admin.auth)
        assert body.items() <= done.json().items()
        assert done.json()["updated_by"] == world.admin.name and done.json()["updated_at"]
        part = await client.put(address, json={"max_replacements_per_batch": 1000}, headers=world.admin.auth)
        assert {"auto_replace_invalid": True, "max_replacements_per_batch": 1000}.items() <= part.json().items()
        assert (await client.get(address, headers=world.admin.auth)).json() == part.json()
        for field, bad in (
            ("max_replacements_per_batch", 1001),
            ("max_replacements_per_batch", -1),
            ("max_replacements_per_batch", 1.5),
            ("auto_replace_invalid", "yes"),
            ("surprise", 1),
        ):
            refused = await client.put(address, json={field: bad}, headers=world.admin.auth)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert (await client.get("/api/pools/unknown/settings", headers=world.admin.auth)).status_code == 404


async def test_lists_and_verbs_have_a_budget_that_does_not_grow(database: Database, client: httpx.AsyncClient) -> None:
    """The same statements for two rejected records and for forty."""
    admin = await make_user(database, "admin")
    for module in ("memberwd", "bonanza"):
        await support.rule(database, module, quota=1000)
    counts = [await _statements(database, client, admin, n) for n in (2, 40)]

    few, many = counts
    # By chance a draw needs a second round of keys, and then chooses from the index and from all.
    assert {name: n for name, n in many.items() if n > few[name] + 3} == {}
    # Judging with the rule marks, archives, deals and tells; follow-ups and figures of work follow at the end.
    assert max(few.values()) <= 36, few
    assert max(n for name, n in few.items() if name.startswith("/api")) <= 5, few


async def _statements(database: Database, client: httpx.AsyncClient, admin: Account, n: int) -> dict[str, int]:
    staff = await make_user(database)
    stored = await make_database(database, 400, module="bonanza")
    await desk.pick(database, stored, staff, stored.record_ids[: 3 * n])
    await support.rule(database, "bonanza", quota=1000)
    counts: dict[str, int] = {}
    with recorded_statements(database) as statements:
        await support.judge(database, staff, stored.record_ids[:n])
    counts["judge with the rule"] = len(statements)
    await support.rule(database, "bonanza", on=False)
    with recorded_statements(database) as statements:
        await support.judge(database, staff, stored.record_ids[n : 2 * n])
    counts["judge"] = len(statements)
    addresses = ("/api/validation/summary", "/api/validation/records", "/api/validation/archived")
    for address in addresses:
        with recorded_statements(database) as statements:
            await client.get(address, headers=admin.auth)
        counts[address] = len([s for s in statements if "FROM outbox" not in s and not s.startswith("UPDATE users")])
    with recorded_statements(database) as statements:
        await support.work_off(database, stored, staff, n)
    counts["process"] = len(statements)
    return counts
