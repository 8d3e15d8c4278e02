"""What admins do with rejected records: process, return, restore (spec 2.5)."""

import asyncio
from typing import Any

import pytest

from crm_boost.assignments.errors import NothingMoved
from crm_boost.assignments.policies import policy_of
from crm_boost.contacts.errors import TakenByReservation
from crm_boost.db.engine import Database
from crm_boost.kit.errors import Problem
from crm_boost.replacement import process
from crm_boost.replacement.errors import NoInvalidRecords, NotInvalid, UnknownArchived, UnknownStaff
from tests.assignments import support as desk
from tests.replacement import support
from tests.support.factories import make_database, make_user, records_of, reserve_customer

MODULES = ["normal", "memberwd", "bonanza"]


@pytest.mark.parametrize("module", MODULES)
async def test_all_that_a_staff_has_rejected_is_archived_and_some_replaced(database: Database, module: str) -> None:
    staff, other, owner = [await make_user(database) for _ in range(3)]
    one = await make_database(database, 8, module=module, name="One", reserved=range(7, 8))
    two = await make_database(database, 20, module=module, name="Two", product_id=one.product_id)
    await reserve_customer(database, one, "customer7", owner.id)
    await desk.pick(database, one, staff, one.record_ids[:6])
    await desk.pick(database, two, staff, two.record_ids[:4])
    await desk.pick(database, two, other, two.record_ids[10:12])
    await support.judge(database, staff, [*one.record_ids[:3], *two.record_ids[:2]])
    await support.judge(database, other, two.record_ids[10:12])

    done = await support.work_off(database, one, staff, 4)

    # The first four in the order of the databases: three of One, of which one finds a record left, and one of Two.
    assert (done["archived_count"], done["new_assigned_count"], done["skipped_reserved"]) == (5, 2, 1)
    assert done["shortage"] == [{"database_id": one.id, "database_name": "One", "missing": 2}]
    for stored in (one, two):
        records = await records_of(database, stored)
        for record in records.values():
            if record.replaced_by is not None:
                new = records[record.replaced_by]
                assert (new.assigned_to, new.batch_id, new.state) == (staff.id, record.batch_id, "assigned")
    records = await records_of(database, two)
    assert all(records[i].state == "assigned" for i in two.record_ids[10:12])
    rows = await support.replacements(database)
    assert (len(rows), {row.by_rule for row in rows}) == (done["new_assigned_count"], {False})


async def test_only_those_named_and_only_of_that_staff(database: Database) -> None:
    staff, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 12)
    await desk.pick(database, stored, staff, stored.record_ids[:4])
    await desk.pick(database, stored, other, stored.record_ids[4:6])
    await support.judge(database, staff, stored.record_ids[:3])
    await support.judge(database, other, stored.record_ids[4:5])

    done = await support.work_off(database, stored, staff, 0, [stored.record_ids[i] for i in (0, 3, 4)])

    assert (done["archived_count"], done["new_assigned_count"], done["shortage"]) == (1, 0, [])
    states = [r.state for r in (await records_of(database, stored)).values()][:6]
    assert states == ["invalid_archived"] + ["assigned"] * 5
    with pytest.raises(NoInvalidRecords):
        await support.work_off(database, stored, staff, 1, stored.record_ids[3:5])
    with pytest.raises(UnknownStaff):
        await support.work_off(database, stored, type(staff)("nobody", "", "", staff.role, ""), 1)


async def test_a_capacity_is_obeyed_beyond_what_is_freed(database: Database) -> None:
    from sqlalchemy import update

    from crm_boost.identity.models import User

    staff = await make_user(database)
    stored = await make_database(database, 30)
    await desk.pick(database, stored, staff, stored.record_ids[:6])
    await support.judge(database, staff, stored.record_ids[:4])
    async with database.write() as session:
        await session.execute(update(User).where(User.id == staff.id).values(capacity=4))

    done = await support.work_off(database, stored, staff, 4)

    assert (done["archived_count"], done["new_assigned_count"]) == (4, 2)
    assert done["shortage"] == [{"database_id": stored.id, "database_name": "Customers", "missing": 2}]
    held = [r for r in (await records_of(database, stored)).values() if r.state == "assigned"]
    assert len(held) == 4


async def test_two_admins_at_once_archive_and_replace_once(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 30, module="memberwd")
    await desk.pick(database, stored, staff, stored.record_ids[:6])
    await support.judge(database, staff, stored.record_ids[:6])

    async def one() -> Any:
        try:
            return await support.work_off(database, stored, staff, 6)
        except Problem as error:
            return error

    answers = await asyncio.gather(*(one() for _ in range(5)))

    done = [answer for answer in answers if isinstance(answer, dict)]
    assert [(a["archived_count"], a["new_assigned_count"]) for a in done] == [(6, 6)]
    assert {a.status for a in answers if isinstance(a, Problem)} <= {404, 409}
    assert await desk.count_states(database, stored) == {"available": 18, "assigned": 6, "invalid_archived": 6}


async def test_returned_records_are_worked_on_again_and_their_holder_is_told(database: Database) -> None:
    staff, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 8, module="memberwd")
    batch = (await desk.pick(database, stored, staff, stored.record_ids[:4])).per_staff[0]["batch_id"]
    await desk.pick(database, stored, other, stored.record_ids[4:6])
    await support.judge(database, staff, stored.record_ids[:3])
    await support.judge(database, other, stored.record_ids[4:5])
    await support.judge(database, other, stored.record_ids[5:6], True)

    done = await support.give_back(database, stored, [*stored.record_ids[1:6], "unknown"], "Please look again")

    assert done == {"returned_count": 3, "skipped": [{"reason": "not_rejected", "count": 3}]}
    verdicts = [r.validation_status for r in (await records_of(database, stored)).values()][:6]
    assert verdicts == ["invalid", None, None, None, None, "validated"]
    told = dict(await support.told(database, "records_returned"))
    assert told[staff.id] == {
        "count": 2,
        "module": "memberwd",
        "by": "system",
        "note": "Please look again",
        "batch_id": batch,
    }
    assert told[other.id]["count"] == 1
    with pytest.raises(NotInvalid):
        await support.give_back(database, stored, stored.record_ids[1:6])


async def test_one_that_somebody_else_has_reserved_does_not_keep_the_others_back(database: Database) -> None:
    staff, rival = await make_user(database), await make_user(database)
    stored = await make_database(database, 5)
    await desk.pick(database, stored, staff, stored.record_ids[:4])
    await support.judge(database, staff, stored.record_ids[:3])
    await reserve_customer(database, stored, "customer1", rival.id)

    done = await support.give_back(database, stored, stored.record_ids[:4])

    reasons = {entry["reason"]: entry["count"] for entry in done["skipped"]}
    assert (done["returned_count"], reasons) == (2, {"reserved_for_others": 1, "not_rejected": 1})
    verdicts = [r.validation_status for r in (await records_of(database, stored)).values()][:4]
    assert verdicts == [None, "invalid", None, None]
    with pytest.raises(TakenByReservation) as refused:
        await support.give_back(database, stored, stored.record_ids[:2])
    assert refused.value.extras["record_ids"] == [stored.record_ids[1]]


async def test_archived_records_of_several_modules_come_back(database: Database) -> None:
    staff, owner = await make_user(database), await make_user(database)
    one = await make_database(database, 5, module="memberwd")
    two = await make_database(database, 5, module="bonanza", product_id=one.product_id)
    for stored in (one, two):
        await desk.pick(database, stored, staff, stored.record_ids[:2])
        await support.judge(database, staff, stored.record_ids[:2])
        await support.work_off(database, stored, staff, 0)
    await reserve_customer(database, one, "customer1", owner.id)

    async def restore(record_ids: list[str], modules: list[str]) -> dict[str, Any]:
        async with database.write() as session:
            return await process.restore(session, record_ids, modules)

    with pytest.raises(UnknownArchived):
        await restore(two.record_ids[:2], ["memberwd"])
    done = await restore([*one.record_ids[:3], *two.record_ids[:2]], ["memberwd", "bonanza"])

    assert done["restored_count"] == 4 and done["operation_id"]
    assert done["skipped"] == [{"reason": "available", "count": 1}]
    assert await desk.count_states(database, one) == {"available": 4, "reserved": 1}
    assert await desk.count_states(database, two) == {"available": 4, "reserved": 1}
    with pytest.raises(NothingMoved) as refused:
        await restore(one.record_ids[:2], ["memberwd", "bonanza"])
    assert refused.value.extras["states"] == {"available": 1, "reserved": 1}
    async with database.write() as session:
        with pytest.raises(UnknownArchived):
            await process.discard(session, policy_of("memberwd"), one.record_ids[0])
