"""Every command on every module, and on a fourth one that only a policy object knows (spec 2)."""

from collections.abc import Iterator

import httpx
import pytest

from crm_boost.assignments.policies import all_policies, policy_of, registered
from crm_boost.assignments.policies.base import Policy, QuotaScope
from crm_boost.db.engine import Database
from tests.assignments import support
from tests.support.factories import make_database, make_user, records_of

FOURTH = Policy(
    module="fourth",
    page="fourth-desk",
    title_key="modules.fourth",
    batched=True,
    extends_batches=True,
    takes_requests=False,
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
    """A life: dealt, recalled, undone, picked, extended, judged, archived and replaced, restored, held, trashed."""
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

    invalid = list(held)[:4]
    await support.judge_invalid(database, invalid)
    archived = await support.archive_them(database, stored, invalid, replace=4)
    assert (archived.archived, archived.replaced) == (4, 4)
    records = await records_of(database, stored)
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
    assert sum((await support.count_states(database, stored)).values()) == 60


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
    unknown = await client.post("/api/pools/fifth/assign-random", json=body, headers=admin.auth)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_module")
    assert (await client.get("/api/assignments", headers=barred.auth)).json() == []
