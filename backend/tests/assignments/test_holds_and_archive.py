"""Verbs whose endpoints come later: holding for a request, archiving with replacements, reservations in step."""

import pytest

from crm_boost.assignments import reserve
from crm_boost.assignments.errors import NoRoom, NotEnoughEligible, NothingMoved
from crm_boost.db.engine import Database
from tests.assignments import support
from tests.support.factories import make_database, make_user, records_of, reserve_customer


async def test_what_was_held_is_exactly_what_is_assigned(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 30)
    request_id = await support.hold(database, stored, staff, 10)
    held = {i for i, r in (await records_of(database, stored)).items() if r.state == "requested"}

    done = await support.give_held(database, stored, request_id, staff)

    assert (len(held), done.assigned) == (10, 10)
    records = await records_of(database, stored)
    assert {i for i, r in records.items() if r.assigned_to == staff.id} == held
    assert all(r.request_id is None and r.held_for is None for r in records.values())
    assert len({records[i].batch_id for i in held}) == 1


async def test_held_records_are_dealt_to_nobody_else(database: Database) -> None:
    staff, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 10)
    await support.hold(database, stored, staff, 8)

    with pytest.raises(NotEnoughEligible):
        await support.deal(database, stored, other, 3)
    with pytest.raises(NotEnoughEligible):
        await support.hold(database, stored, other, 3)
    assert (await support.deal(database, stored, other, 2)).assigned == 2


async def test_a_hold_ends_by_release_and_reservations_are_looked_at(database: Database) -> None:
    staff, owner = await make_user(database), await make_user(database)
    stored = await make_database(database, 3)
    first = await support.hold(database, stored, staff, 3)
    await reserve_customer(database, stored, "customer1", owner.id)

    assert await support.release(database, first) == 3
    assert await support.count_states(database, stored) == {"available": 2, "reserved": 1}
    assert await support.release(database, first) == 0


async def test_what_is_held_already_counts_against_the_capacity(database: Database) -> None:
    staff = await make_user(database, capacity=10)
    stored = await make_database(database, 30)
    await support.pick(database, stored, staff, stored.record_ids[:3])
    request_id = await support.hold(database, stored, staff, 5)

    with pytest.raises(NoRoom) as refused:
        await support.hold(database, stored, staff, 3)
    assert refused.value.extras["room"] == 2
    await support.release(database, request_id)
    await support.hold(database, stored, staff, 7)


async def test_the_customer_reserved_after_the_hold_is_not_given(database: Database) -> None:
    staff, owner = await make_user(database), await make_user(database)
    stored = await make_database(database, 3)
    request_id = await support.hold(database, stored, staff, 3)
    await reserve_customer(database, stored, "customer1", owner.id)

    done = await support.give_held(database, stored, request_id, staff)

    assert done.assigned == 2
    assert done.excluded == {"reserved": 1}


async def test_invalid_records_are_archived_and_replaced_one_to_one(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 12, module="memberwd")
    await support.pick(database, stored, staff, stored.record_ids[:10])
    await support.judge_invalid(database, stored.record_ids[:4])

    done = await support.archive_them(database, stored, stored.record_ids[:5], replace=3)

    assert (done.archived, done.replaced, done.shortage) == (4, 2, {stored.id: 1})
    records = await records_of(database, stored)
    archived = [records[i] for i in stored.record_ids[:4]]
    assert {(r.state, r.assigned_to, r.validation_reason) for r in archived} == {
        ("invalid_archived", staff.id, "wrong number")
    }
    links = [r.replaced_by for r in archived if r.replaced_by]
    assert sorted(links) == sorted(stored.record_ids[10:])
    assert {records[i].batch_id for i in links} == {archived[0].batch_id}
    assert records[stored.record_ids[4]].state == "assigned"
    # Repeating changes nothing.
    with pytest.raises(NothingMoved):
        await support.archive_them(database, stored, stored.record_ids[:4], replace=3)


async def test_nobody_who_is_gone_gets_a_replacement(database: Database) -> None:
    from sqlalchemy import update

    from crm_boost.identity.models import User

    staff = await make_user(database)
    stored = await make_database(database, 5)
    await support.pick(database, stored, staff, stored.record_ids[:1])
    await support.judge_invalid(database, stored.record_ids[:1])
    async with database.write() as session:
        await session.execute(update(User).where(User.id == staff.id).values(is_active=False))

    done = await support.archive_them(database, stored, stored.record_ids[:1], replace=1)

    assert (done.archived, done.replaced) == (1, 0)


async def test_an_archived_record_comes_back_as_its_reservation_says(database: Database) -> None:
    staff, owner = await make_user(database), await make_user(database)
    stored = await make_database(database, 2)
    await support.pick(database, stored, staff, stored.record_ids)
    await support.judge_invalid(database, stored.record_ids)
    await support.archive_them(database, stored, stored.record_ids)
    await reserve_customer(database, stored, "customer1", owner.id)

    assert await support.unarchive(database, stored, stored.record_ids) == 2
    records = list((await records_of(database, stored)).values())
    assert [r.state for r in records] == ["available", "reserved"]
    assert {(r.assigned_to, r.validation_status, r.archived_at) for r in records} == {(None, None, None)}


async def test_reservations_are_kept_in_step_by_customer_in_every_database(database: Database) -> None:
    owner, staff = await make_user(database), await make_user(database)
    one = await make_database(database, 4)
    two = await make_database(database, 4, module="bonanza", product_id=one.product_id)
    other_product = await make_database(database, 4)
    await support.pick(database, two, staff, two.record_ids[:1])
    await reserve_customer(database, one, "customer0", owner.id)
    await reserve_customer(database, one, "customer2", owner.id)

    async with database.write() as session:
        assert sum((await reserve.match_customers(session, ["customer0", "customer2", "unknown"])).values()) == 3

    assert [r.state for r in (await records_of(database, one)).values()] == [
        "reserved",
        "available",
        "reserved",
        "available",
    ]
    assert [r.state for r in (await records_of(database, two)).values()][:3] == ["assigned", "available", "reserved"]
    assert await support.count_states(database, other_product) == {"available": 4}
    async with database.write() as session:
        assert sum((await reserve.match_customers(session, ["customer0"])).values()) == 0
