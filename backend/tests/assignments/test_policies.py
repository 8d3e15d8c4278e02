"""Every command on every module, and on a fourth one that only a policy object knows (spec 2)."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import delete

from crm_boost.assignments import conflicts, reserve
from crm_boost.assignments.policies import all_policies, policy_of, registered
from crm_boost.assignments.policies.base import Policy, QuotaScope
from crm_boost.assignments.transitions import Command
from crm_boost.db.engine import Database
from crm_boost.reservations.models import ReservationKey
from tests.assignments import support
from tests.replacement import support as replacing
from tests.support.factories import make_database, make_user, records_of, reserve_customer

FOURTH = Policy(
    module="fourth",
    page="fourth-desk",
    title_key="modules.fourth",
    batched=True,
    extends_batches=True,
    takes_requests=True,
    replacement_quota=QuotaScope.BATCH,
    has_kept_paths=False,
)
MODULES = ["normal", "memberwd", "bonanza", "fourth"]


@pytest.fixture(autouse=True)
def fourth() -> Iterator[Policy]:
    with registered(FOURTH) as policy:
        yield policy


@pytest.mark.pure
def test_the_table_of_the_spec() -> None:
    assert [(p.module, p.page, p.batched, p.extends_batches, p.replacement_quota) for p in all_policies()] == [
        ("normal", "databases", True, False, "batch"),
        ("memberwd", "member-wd", True, True, "batch"),
        ("bonanza", "bonanza", False, False, "staff_and_database"),
        ("fourth", "fourth-desk", True, True, "batch"),
    ]


@pytest.mark.pure
def test_a_module_has_one_policy() -> None:
    with pytest.raises(ValueError, match="already"), registered(FOURTH):
        pass


@pytest.mark.parametrize("module", MODULES)
async def test_every_command_works_the_same_on_every_module(database: Database, module: str) -> None:
    """A life in which every command of the table happens, on whichever database the run is for."""
    policy = policy_of(module)
    staff, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 60, module=module)
    ids = stored.record_ids

    dealt = await support.deal(database, stored, [staff, other], 20)
    held = {i: r for i, r in (await records_of(database, stored)).items() if r.assigned_to}
    assert [row["assigned_count"] for row in dealt.per_staff] == [10, 10]
    assert {r.batch_id is not None for r in held.values()} == {policy.batched}
    assert all(("batch_id" in row) == policy.batched for row in dealt.per_staff)

    recalled = await support.take_back(database, stored, list(held))
    assert recalled["recalled_count"] == 20
    assert (await support.undo_it(database, stored, recalled["operation_id"]))["undone_count"] == 20
    assert await support.count_states(database, stored) == {"available": 40, "assigned": 20}

    free = [i for i in ids if i not in held]
    first = await support.pick(database, stored, staff, free[:5])
    if policy.extends_batches:
        batch_id = first.per_staff[0]["batch_id"]
        more = await support.pick(database, stored, staff, free[5:8], batch_id=batch_id)
        assert more.per_staff[0]["batch_id"] == batch_id
    assert (await support.undo_it(database, stored, first.operation_id))["undone_count"] == 5

    passed = await support.pass_on(database, stored, list(held), other)
    assert passed.moved == 10
    assert (await support.undo_it(database, stored, passed.operation_id))["undone_count"] == 10
    now = await records_of(database, stored)
    assert {i: (now[i].assigned_to, now[i].batch_id) for i in held} == {
        i: (r.assigned_to, r.batch_id) for i, r in held.items()
    }

    # Two staff reject two records each; the rule replaces one of each, the admin the other two.
    await replacing.rule(database, module, quota=1)
    rejected = {person.id: [i for i in held if held[i].assigned_to == person.id][:2] for person in (staff, other)}
    for person in (staff, other):
        done = await replacing.judge(database, person, rejected[person.id])
        assert (done["auto_replaced"], done["replacement_failed"]) == (1, 1)
        processed = await replacing.work_off(database, stored, person, 5)
        assert (await support.undo_it(database, stored, processed["operation_id"]))["undone_count"] == 1
        assert (await replacing.work_off(database, stored, person, 5))["new_assigned_count"] == 1
    assert [status for _, status in await replacing.alert_states(database)] == ["resolved"] * 4
    records = await records_of(database, stored)
    invalid = [i for pair in rejected.values() for i in pair]
    for record_id in invalid:
        replacement = records[records[record_id].replaced_by or ""]
        assert (replacement.assigned_to, replacement.batch_id) == (
            held[record_id].assigned_to,
            held[record_id].batch_id,
        )
    assert await support.unarchive(database, stored, invalid) == 4

    request_id = await support.hold(database, stored, staff, 6)
    assert (await support.give_held(database, stored, request_id, staff)).assigned == 6
    request_id = await support.hold(database, stored, staff, 2)
    assert await support.release(database, request_id) == 2

    trashed = await support.to_trash(database, stored, ids[:10], force=True)
    assert trashed["deleted_count"] == 10
    assert (await support.undo_it(database, stored, trashed["operation_id"]))["undone_count"] == 10

    # A reservation begins on a free record, and ends.
    await reserve_customer(database, stored, "customer0", other.id)
    async with database.write() as session:
        assert sum((await reserve.match_customers(session, ["customer0"])).values()) == 1
        await session.execute(delete(ReservationKey))
        assert sum((await reserve.match_customers(session, ["customer0"])).values()) == 1

    # A conflict is settled by taking the record back, and that is put back.
    taken = next(i for i, record in (await records_of(database, stored)).items() if record.assigned_to == staff.id)
    await reserve_customer(database, stored, f"customer{ids.index(taken)}", other.id)
    async with database.write() as session:
        settled = await conflicts.recall_conflicts(session, [policy], [taken])
    assert (await support.undo_it(database, stored, settled.operation_ids[0]))["undone_count"] == 1
    assert sum((await support.count_states(database, stored)).values()) == 60
    assert {kind for _, kind, _, _ in await support.history_of(database, stored)} == {str(c) for c in Command}


@pytest.mark.parametrize("module", MODULES)
async def test_the_quota_belongs_to_what_the_policy_says(database: Database, module: str) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 30, module=module)
    for start in (0, 3):
        await support.pick(database, stored, staff, stored.record_ids[start : start + 3])
    await replacing.rule(database, module, quota=2)

    done = await replacing.judge(database, staff, stored.record_ids[:6])

    per_batch = policy_of(module).replacement_quota is QuotaScope.BATCH
    assert (done["auto_replaced"], done["replacement_failed"]) == ((4, 2) if per_batch else (2, 4))


async def test_the_endpoints_take_the_fourth_module_and_enforce_its_page(
    database: Database, client: httpx.AsyncClient
) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    barred = await make_user(database, "admin", blocked_pages=["fourth-desk"])
    stored = await make_database(database, 10, module="fourth")
    body = {"database_id": stored.id, "staff_ids": [staff.id], "quantity": 3}

    listed = await client.get("/api/pools", headers=admin.auth)
    assert {"module": "fourth", "title_key": "modules.fourth", "batched": True}.items() <= listed.json()[-1].items()
    done = await client.post("/api/pools/fourth/assign-random", json=body, headers=admin.auth)
    assert (done.status_code, done.json()["assigned_count"]) == (200, 3)
    groups = await client.get("/api/my/groups", headers=staff.auth)
    assert [(g["module"], g["kind"], g["record_count"]) for g in groups.json()] == [("fourth", "batch", 3)]
    seen = await client.get("/api/assignments", params={"module": "fourth"}, headers=admin.auth)
    assert len(seen.json()) == 3
    refused = await client.post("/api/pools/fourth/assign-random", json=body, headers=barred.auth)
    assert (refused.status_code, refused.json()["code"]) == (403, "page_blocked")
    held = [row["id"] for row in seen.json()]
    rule = {"auto_replace_invalid": True, "max_replacements_per_batch": 1}
    saved = await client.put("/api/pools/fourth/settings", json=rule, headers=admin.auth)
    assert (saved.status_code, saved.json()["auto_replace_invalid"]) == (200, True)
    judged = await client.post(
        "/api/my/validate",
        json={"record_ids": held[:2], "is_valid": False, "reason": "duplicate"},
        headers=staff.auth,
    )
    assert (judged.status_code, judged.json()["auto_replaced"], judged.json()["replacement_failed"]) == (200, 1, 1)
    summary = await client.get("/api/validation/summary", headers=admin.auth)
    assert [(s["module"], s["count"]) for s in summary.json()["staff"]] == [("fourth", 1)]
    processed = await client.post(
        "/api/validation/process",
        json={"module": "fourth", "staff_id": staff.id, "replace_count": 1},
        headers=admin.auth,
    )
    assert (processed.status_code, processed.json()["new_assigned_count"]) == (200, 1)
    receiver = await make_user(database)
    passed = await client.post(
        "/api/pools/fourth/hand-over",
        json={"record_ids": held[2:], "staff_id": receiver.id},
        headers=admin.auth,
    )
    assert (passed.status_code, passed.json()["moved_count"]) == (200, 1)
    undone = await client.post(f"/api/operations/{passed.json()['operation_id']}/undo", headers=admin.auth)
    assert (undone.status_code, undone.json()["undone_count"]) == (200, 1)
    asked = await client.post(
        "/api/download-requests", json={"database_id": stored.id, "record_count": 2}, headers=staff.auth
    )
    assert (asked.status_code, asked.json()["status"]) == (200, "pending"), asked.text
    approved = await client.patch(f"/api/download-requests/{asked.json()['id']}/approve", headers=admin.auth)
    assert (approved.status_code, approved.json()["status"]) == (200, "approved"), approved.text
    unknown = await client.post("/api/pools/fifth/assign-random", json=body, headers=admin.auth)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_module")
    assert (await client.get("/api/assignments", headers=barred.auth)).json() == []
