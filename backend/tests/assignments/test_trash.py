"""Trash of records and of databases, and what a removed person leaves behind (spec 1.5, 2.1)."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from crm_boost.assignments import handlers, trash
from crm_boost.assignments.errors import AssignedNeedForce, UnknownDatabase
from crm_boost.assignments.policies import policy_of
from crm_boost.databases.models import CustomerDatabase
from crm_boost.db.engine import Database
from crm_boost.identity.events import UserRemoved
from crm_boost.kit.errors import Conflict
from crm_boost.notifications.models import Notification
from tests.assignments import support
from tests.support.factories import Stored, make_database, make_user, records_of, reserve_customer


async def trash_it(database: Database, stored: Stored, *, force: bool = False) -> dict[str, object]:
    async with database.write() as session:
        return await trash.trash_database(session, policy_of(stored.module), stored.id, force=force)


async def restore_it(database: Database, stored: Stored) -> dict[str, object]:
    async with database.write() as session:
        return await trash.restore_database(session, policy_of(stored.module), stored.id)


async def told(database: Database, user_id: str) -> list[tuple[str, int]]:
    async with database.read() as session:
        rows = await session.scalars(select(Notification).where(Notification.user_id == user_id))
        return [(row.type, row.data["count"]) for row in rows]


async def test_assigned_records_are_trashed_only_with_force_and_the_holder_is_told(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 5)
    await support.pick(database, stored, staff, stored.record_ids[:2])

    with pytest.raises(AssignedNeedForce) as refused:
        await support.to_trash(database, stored, stored.record_ids[:3])
    assert refused.value.extras["assigned_count"] == 2
    done = await support.to_trash(database, stored, stored.record_ids[:3], force=True)

    assert done["deleted_count"] == 3
    assert await support.count_states(database, stored) == {"available": 2, "trashed": 3}
    assert await told(database, staff.id) == [("records_assigned", 2), ("records_recalled", 2)]
    steps = [step[1:] for step in await support.history_of(database, stored) if step[0] == stored.first_seq]
    assert steps == [
        ("assign", "available", "assigned"),
        ("recall", "assigned", "available"),
        ("trash", "available", "trashed"),
    ]


async def test_a_held_record_in_the_trash_is_no_longer_held(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 1)
    request_id = await support.hold(database, stored, staff, 1)
    await support.to_trash(database, stored, stored.record_ids)

    record = (await records_of(database, stored))[stored.record_ids[0]]
    assert (record.state, record.held_for, record.request_id, record.held_until) == ("trashed", None, None, None)
    assert await support.release(database, request_id) == 0


async def test_a_database_goes_to_the_trash_and_back(database: Database) -> None:
    staff, owner = await make_user(database), await make_user(database)
    stored = await make_database(database, 20, module="bonanza", reserved=range(10, 12))
    await reserve_customer(database, stored, "customer10", owner.id)
    await support.pick(database, stored, staff, stored.record_ids[:4])
    await support.hold(database, stored, staff, 3)

    with pytest.raises(AssignedNeedForce) as refused:
        await trash_it(database, stored)
    assert refused.value.extras["assigned_count"] == 4
    done = await trash_it(database, stored, force=True)
    assert done == {"deleted_id": stored.id, "recalled_count": 4, "released_count": 3}
    assert ("records_recalled", 4) in await told(database, staff.id)
    with pytest.raises(Conflict):
        await trash_it(database, stored)
    with pytest.raises(Conflict):
        await support.deal(database, stored, staff, 1)

    # While it lay in the trash, one reservation began, and customer11's (there was none) is not there any more.
    await reserve_customer(database, stored, "customer15", owner.id)
    restored = await restore_it(database, stored)

    assert restored == {"id": stored.id, "rematched_count": 2}
    states = [record.state for record in (await records_of(database, stored)).values()]
    assert [i for i, state in enumerate(states) if state == "reserved"] == [10, 15]
    assert await support.count_states(database, stored) == {"available": 18, "reserved": 2}
    with pytest.raises(Conflict):
        await restore_it(database, stored)


async def test_a_database_of_another_module_is_not_found(database: Database) -> None:
    stored = await make_database(database, 1, module="bonanza")
    elsewhere = replace(stored, module="normal")

    with pytest.raises(UnknownDatabase):
        await trash_it(database, elsewhere)
    async with database.read() as session:
        assert await session.scalar(select(CustomerDatabase.deleted_at)) is None


async def test_what_a_removed_person_held_goes_back(database: Database) -> None:
    gone, stays = await make_user(database), await make_user(database)
    one = await make_database(database, 10, module="memberwd")
    two = await make_database(database, 10, module="bonanza", prefix="other")
    await support.deal(database, one, [gone, stays], 10)
    await support.deal(database, two, gone, 3)
    await support.hold(database, two, gone, 2)

    async with database.write() as session:
        event = UserRemoved(gone.id)
        await handlers.take_back_from_removed_user(session, event)

    assert event.effects == {"recalled": 8, "released": 2}
    assert await support.count_states(database, one) == {"available": 5, "assigned": 5}
    assert await support.count_states(database, two) == {"available": 10}
