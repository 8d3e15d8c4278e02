"""Undoing what an admin did with rejected records: pair by pair, and no work is lost (spec 2.5)."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from crm_boost.assignments.errors import AlreadyUndone
from crm_boost.contacts.service import Mark, Reach, mark
from crm_boost.contacts.verdicts import Field
from crm_boost.db.engine import Database
from crm_boost.identity.models import User
from crm_boost.kit.errors import Problem
from tests.assignments import support as desk
from tests.assignments.test_undo import FIELDS
from tests.replacement import support
from tests.support.factories import Account, Stored, make_database, make_user, records_of, reserve_customer
from tests.support.statements import recorded_statements

Before = dict[str, dict[str, Any]]


async def facts(database: Database, stored: Stored) -> Before:
    return {i: {f: getattr(r, f) for f in (*FIELDS, "archived_at", "replaced_by")} for i, r in
            (await records_of(database, stored)).items()}  # fmt: skip


async def rejected(database: Database, module: str = "memberwd", count: int = 4) -> tuple[Stored, Account]:
    """A staff with six records, of which the first `count` are rejected."""
    staff = await make_user(database)
    stored = await make_database(database, 20, module=module)
    await desk.pick(database, stored, staff, stored.record_ids[:6])
    await support.judge(database, staff, stored.record_ids[:count], note="rang twice")
    return stored, staff


async def work_on(database: Database, staff: Account, record_id: str) -> None:
    async with database.write() as session:
        await mark(session, [Mark(record_id, {Field.WHATSAPP: "ada"})], Reach(staff.id))


@pytest.mark.parametrize("module", ["normal", "memberwd", "bonanza"])
async def test_everything_is_as_it_was(database: Database, module: str) -> None:
    stored, staff = await rejected(database, module)
    before = await facts(database, stored)
    done = await support.work_off(database, stored, staff, 3)
    assert (done["archived_count"], done["new_assigned_count"]) == (4, 3)
    alerts = await support.alert_states(database)
    assert alerts == [(staff.id, "resolved")]

    undone = await desk.undo_it(database, stored, done["operation_id"])

    assert (undone["undone_count"], undone["skipped_count"]) == (4, 0)
    assert await facts(database, stored) == before
    assert await support.alert_states(database) == [*alerts, (staff.id, "open")]
    kinds = [kind for _, kind, _, _ in await desk.history_of(database, stored)][6:]
    assert kinds == ["assign"] * 3 + ["archive"] * 4 + ["undo_assign"] * 3 + ["undo_archive"] * 4
    with pytest.raises(AlreadyUndone):
        await desk.undo_it(database, stored, done["operation_id"])
    again = await support.work_off(database, stored, staff, 4)
    assert (again["archived_count"], again["new_assigned_count"]) == (4, 4)


async def test_a_replacement_that_is_worked_on_stays_and_so_does_the_record_it_replaced(database: Database) -> None:
    stored, staff = await rejected(database)
    done = await support.work_off(database, stored, staff, 4)
    links = {i: r.replaced_by for i, r in (await records_of(database, stored)).items() if r.replaced_by}
    marked, moved_on, *others = stored.record_ids[:4]
    await work_on(database, staff, links[marked])
    await desk.take_back(database, stored, [links[moved_on]])

    undone = await desk.undo_it(database, stored, done["operation_id"])

    assert (undone["undone_count"], undone["skipped_count"]) == (2, 2)
    records = await records_of(database, stored)
    for record_id in (marked, moved_on):
        assert (records[record_id].state, records[record_id].replaced_by) == ("invalid_archived", links[record_id])
    assert records[links[marked]].assigned_to == staff.id
    for record_id in others:
        assert (records[record_id].state, records[record_id].assigned_to) == ("assigned", staff.id)
        assert records[links[record_id]].state == "available"


async def test_what_the_holder_may_not_have_any_more_stays_with_its_replacement(database: Database) -> None:
    stored, staff = await rejected(database)
    rival = await make_user(database)
    done = await support.work_off(database, stored, staff, 2)
    await reserve_customer(database, stored, "customer0", rival.id)
    async with database.write() as session:
        # Holds four: two never replaced and one of the pairs would make seven.
        await session.execute(update(User).where(User.id == staff.id).values(capacity=5))

    undone = await desk.undo_it(database, stored, done["operation_id"])

    assert (undone["undone_count"], undone["skipped_count"]) == (2, 2)
    records = list((await records_of(database, stored)).values())
    assert [record.state for record in records[:4]] == ["invalid_archived", "assigned", "assigned", "invalid_archived"]
    assert sum(r.state == "assigned" and r.assigned_to == staff.id for r in records) == 5
    assert records[0].replaced_by is not None

    elsewhere, gone = await rejected(database)
    done = await support.work_off(database, elsewhere, gone, 4)
    async with database.write() as session:
        await session.execute(update(User).where(User.id == gone.id).values(is_active=False))
    undone = await desk.undo_it(database, elsewhere, done["operation_id"])
    assert (undone["undone_count"], undone["skipped_count"]) == (0, 4)
    assert await desk.count_states(database, elsewhere) == {"available": 10, "assigned": 6, "invalid_archived": 4}


async def test_undoing_while_the_holder_begins_to_work_loses_nothing(database: Database) -> None:
    stored, staff = await rejected(database)
    done = await support.work_off(database, stored, staff, 4)
    links = {i: r.replaced_by for i, r in (await records_of(database, stored)).items() if r.replaced_by}

    async def answered(work: Any) -> Any:
        try:
            return await work
        except Problem as error:
            return error

    await asyncio.gather(
        *(answered(work_on(database, staff, new)) for new in links.values()),
        answered(desk.undo_it(database, stored, done["operation_id"])),
    )

    records = await records_of(database, stored)
    for old, new in links.items():
        pair = records[old].state, records[new].state
        assert pair in {("assigned", "available"), ("invalid_archived", "assigned")}


async def test_who_may_undo_it(database: Database, client: httpx.AsyncClient) -> None:
    _, staff = await rejected(database)
    admin = await make_user(database, "admin")
    barred = await make_user(database, "admin", blocked_pages=["member-wd"])
    body = {"module": "memberwd", "staff_id": staff.id, "replace_count": 1}
    done = (await client.post("/api/validation/process", json=body, headers=admin.auth)).json()
    address = f"/api/operations/{done['operation_id']}/undo"

    assert (await client.post(address)).status_code == 401
    for account in (staff, barred):
        assert (await client.post(address, headers=account.auth)).status_code == 403
    undone = await client.post(address, headers=admin.auth)
    assert (undone.status_code, undone.json()["undone_count"]) == (200, 4)
    assert (await client.post(address, headers=admin.auth)).status_code == 409


async def test_the_statements_do_not_follow_the_number_of_records(database: Database) -> None:
    counts = []
    for count in (2, 60):
        staff = await make_user(database, capacity=1000)
        stored = await make_database(database, 200)
        await desk.pick(database, stored, staff, stored.record_ids[:count])
        await support.judge(database, staff, stored.record_ids[:count])
        done = await support.work_off(database, stored, staff, count)
        with recorded_statements(database) as statements:
            undone = await desk.undo_it(database, stored, done["operation_id"])
        assert undone["undone_count"] == count
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 40, counts
