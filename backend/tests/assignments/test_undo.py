"""Recall and undo: what goes back where, once, and only what nobody has touched since (spec 2.1)."""

import pytest
from sqlalchemy import update

from crm_boost.assignments.errors import AlreadyUndone, CannotUndo, UnknownRecords
from crm_boost.db.engine import Database
from crm_boost.identity.models import User
from crm_boost.kit.errors import NotFound
from tests.assignments import support
from tests.support.factories import make_database, make_user, records_of, reserve_customer

FIELDS = (
    "state",
    "assigned_to",
    "assigned_at",
    "batch_id",
    "deal_rank",
    "validation_status",
    "validation_reason",
)


async def test_recall_clears_the_holder_and_keeps_the_history(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 10, module="memberwd")
    await support.deal(database, stored, staff, 10)
    await support.judge_invalid(database, stored.record_ids[:2])
    await reserve_customer(database, stored, "customer5", staff.id)

    done = await support.take_back(database, stored, [*stored.record_ids[:6], "unknown"])

    assert done["recalled_count"] == 6
    records = list((await records_of(database, stored)).values())
    assert [r.state for r in records] == ["available"] * 5 + ["reserved"] + ["assigned"] * 4
    assert all(getattr(r, field) is None for r in records[:6] for field in FIELDS if field != "state")
    kinds = [kind for _, kind, _, _ in await support.history_of(database, stored)]
    assert kinds == ["assign"] * 10 + ["recall"] * 6


async def test_recall_of_nothing_known_is_a_404(database: Database) -> None:
    stored = await make_database(database, 1)
    with pytest.raises(UnknownRecords):
        await support.take_back(database, stored, ["unknown"])


async def test_undoing_a_hand_out_returns_what_was_not_touched(database: Database) -> None:
    staff, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 6)
    dealt = await support.pick(database, stored, staff, stored.record_ids)
    # One was recalled and dealt again, to the same person even; one was judged.
    await support.take_back(database, stored, stored.record_ids[:2])
    await support.pick(database, stored, staff, stored.record_ids[:1])
    await support.pick(database, stored, other, stored.record_ids[1:2])
    await reserve_customer(database, stored, "customer4", other.id)

    undone = await support.undo_it(database, stored, dealt.operation_id)

    assert (undone["undone_count"], undone["skipped_count"]) == (4, 2)
    records = list((await records_of(database, stored)).values())
    assert [r.assigned_to for r in records] == [staff.id, other.id, None, None, None, None]
    assert [r.state for r in records[2:]] == ["available", "available", "reserved", "available"]


async def test_an_operation_is_undone_once(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 2)
    dealt = await support.deal(database, stored, staff, 2)
    undone = await support.undo_it(database, stored, dealt.operation_id)

    with pytest.raises(AlreadyUndone) as refused:
        await support.undo_it(database, stored, dealt.operation_id)
    assert refused.value.status == 409
    with pytest.raises(CannotUndo):
        await support.undo_it(database, stored, undone["operation_id"])
    with pytest.raises(NotFound):
        await support.undo_it(database, stored, "unknown")


async def test_undoing_a_recall_restores_everything_exactly(database: Database) -> None:
    people = [await make_user(database) for _ in range(3)]
    stored = await make_database(database, 12, module="memberwd")
    await support.deal(database, stored, people, 12)
    await support.judge_invalid(database, stored.record_ids[:3], "wrong person")
    before = {i: {f: getattr(r, f) for f in FIELDS} for i, r in (await records_of(database, stored)).items()}
    recalled = await support.take_back(database, stored, stored.record_ids)

    undone = await support.undo_it(database, stored, recalled["operation_id"])

    assert (undone["undone_count"], undone["skipped_count"]) == (12, 0)
    after = {i: {f: getattr(r, f) for f in FIELDS} for i, r in (await records_of(database, stored)).items()}
    assert after == before


async def test_undoing_a_recall_obeys_the_rules_of_a_hand_out(database: Database) -> None:
    gone, full, taken, fine = [await make_user(database) for _ in range(4)]
    stored = await make_database(database, 40)
    for i, person in enumerate((gone, full, taken, fine)):
        await support.pick(database, stored, person, stored.record_ids[i * 10 : i * 10 + 10])
    recalled = await support.take_back(database, stored, stored.record_ids)
    async with database.write() as session:
        await session.execute(update(User).where(User.id == gone.id).values(is_active=False))
        await session.execute(update(User).where(User.id == full.id).values(capacity=4))
    await reserve_customer(database, stored, "customer25", gone.id)
    await support.pick(database, stored, fine, stored.record_ids[26:27])

    undone = await support.undo_it(database, stored, recalled["operation_id"])

    assert (undone["undone_count"], undone["skipped_count"]) == (0 + 4 + 8 + 10, 10 + 6 + 2)
    held = [r.assigned_to for r in (await records_of(database, stored)).values()]
    assert [held.count(p.id) for p in (gone, full, taken, fine)] == [0, 4, 8, 11]


async def test_undoing_a_deletion_restores_and_looks_at_reservations_again(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 4)
    done = await support.to_trash(database, stored, stored.record_ids[:3])
    await reserve_customer(database, stored, "customer1", staff.id)
    await support.from_trash(database, stored, stored.record_ids[2:3])

    undone = await support.undo_it(database, stored, done["operation_id"])

    assert (undone["undone_count"], undone["skipped_count"]) == (2, 1)
    assert await support.count_states(database, stored) == {"available": 3, "reserved": 1}
