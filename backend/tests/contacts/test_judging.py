"""Verdicts: who may give them to what, when nothing changes, and what is kept (spec 2.4)."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_boost.contacts.errors import AlreadyArchived, EditedMeanwhile, UnknownContacts, UnknownReason
from crm_boost.contacts.repositories.notes import add_note
from crm_boost.contacts.verdicts import Verdict
from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen, utc_now
from tests.assignments import support as engine
from tests.contacts import support
from tests.support.factories import Account, Stored, make_database, make_user, records_of

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
INVALID, VALIDATED = Verdict.INVALID, Verdict.VALIDATED


@pytest.fixture
async def staff(database: Database) -> Account:
    return await make_user(database)


@pytest.fixture
async def stored(database: Database, staff: Account) -> Stored:
    """Ten records of Member WD, the first five with the staff."""
    stored = await make_database(database, 10, module="memberwd")
    await engine.pick(database, stored, staff, stored.record_ids[:5])
    return stored


async def test_a_verdict_is_stored_with_its_event_and_its_times(
    database: Database, staff: Account, stored: Stored
) -> None:
    support.act_as(staff)
    ids = stored.record_ids[:2]
    with frozen(NOW):
        judged = await support.judge(database, staff, ids, INVALID, "wrong_number", note="rings elsewhere")
    with frozen(NOW + timedelta(hours=1)):
        again = await support.judge(database, staff, ids[:1], VALIDATED)

    assert [(row.id, row.module, row.assigned_to) for row in judged.changed] == [
        (record_id, "memberwd", staff.id) for record_id in ids
    ]
    assert judged.changed[0].seq == stored.seq_of(ids[0]) and judged.changed[0].batch_id is not None
    assert [row.id for row in again.changed] == ids[:1]
    records = await records_of(database, stored)
    assert [(records[i].validation_status, records[i].validation_reason) for i in ids] == [
        ("validated", None),
        ("invalid", "wrong_number"),
    ]
    (first,), (second,) = [await support.contacts_of(database, record_id) for record_id in ids]
    assert (first.version, first.verdict_version, first.verdict_note) == (2, 2, None)
    assert (first.first_verdict_at, first.verdict_at) == (NOW, NOW + timedelta(hours=1))
    assert (second.version, second.verdict_note, second.staff_id) == (1, "rings elsewhere", staff.id)
    assert await support.events_of(database, ids[0]) == [
        ("validation", None, "invalid"),
        ("validation", "invalid", "validated"),
    ]


async def test_the_same_verdict_again_changes_nothing(database: Database, staff: Account, stored: Stored) -> None:
    ids = stored.record_ids[:3]
    await support.judge(database, staff, ids, INVALID, "duplicate", note="twice")
    for options in ({}, {"note": "twice"}, {"version": 0}):
        again = await support.judge(database, staff, ids, INVALID, "duplicate", **options)
        assert (again.changed, again.unchanged) == ([], ids)
    assert len(await support.events_of(database, ids[0])) == 1

    other_reason = await support.judge(database, staff, ids[:1], INVALID, "other")
    cleared = await support.judge(database, staff, ids, None)
    nothing = await support.judge(database, staff, stored.record_ids[3:4], None)

    assert len(other_reason.changed) == 1 and len(cleared.changed) == 3 and not nothing.changed
    assert await support.contacts_of(database, stored.record_ids[3]) == []
    assert (await support.events_of(database, ids[0]))[-1] == ("validation", "invalid", None)


@pytest.mark.parametrize("reason", [None, "", "bad luck", "WRONG_NUMBER"])
async def test_invalid_needs_a_reason_in_use(
    database: Database, staff: Account, stored: Stored, reason: str | None
) -> None:
    with pytest.raises(UnknownReason) as refused:
        await support.judge(database, staff, stored.record_ids[:1], INVALID, reason)
    assert refused.value.errors[0].field == "reason" and refused.value.status == 422


async def test_one_record_that_is_not_theirs_stops_all(database: Database, staff: Account, stored: Stored) -> None:
    other = await make_user(database)
    await engine.pick(database, stored, other, stored.record_ids[5:6])
    mine, theirs, free = stored.record_ids[0], stored.record_ids[5], stored.record_ids[6]
    for wrong in (theirs, free, "unknown"):
        with pytest.raises(UnknownContacts) as refused:
            await support.judge(database, staff, [mine, wrong], VALIDATED)
        assert refused.value.extras["record_ids"] == [wrong] and refused.value.status == 404
    with pytest.raises(UnknownContacts):
        await support.judge(database, None, [mine], VALIDATED, modules=["normal"])

    anybody = await support.judge(database, None, [mine, theirs], VALIDATED, modules=["memberwd"])

    assert len(anybody.changed) == 2
    assert [c.staff_id for c in await support.contacts_of(database, theirs)] == [other.id]


async def test_an_archived_record_keeps_its_verdict(database: Database, staff: Account, stored: Stored) -> None:
    ids = stored.record_ids[:1]
    await support.judge(database, staff, ids, INVALID, "duplicate")
    await engine.archive_them(database, stored, ids)

    again = await support.judge(database, staff, ids, INVALID, "other")
    assert (again.changed, again.unchanged) == ([], ids)
    with pytest.raises(AlreadyArchived) as refused:
        await support.judge(database, staff, ids, VALIDATED)
    assert refused.value.extras["state"] == "invalid_archived"


async def test_a_verdict_changed_meanwhile_is_a_conflict_with_both_values(
    database: Database, staff: Account, stored: Stored
) -> None:
    admin = await make_user(database, "admin")
    first, second = stored.record_ids[:2]
    support.act_as(admin)
    with frozen(NOW):
        await support.judge(database, None, [first], VALIDATED)
    support.act_as(staff)

    with pytest.raises(EditedMeanwhile) as refused:
        await support.judge(database, staff, [second, first], INVALID, "other", version=0)
    (conflict,) = refused.value.extras["conflicts"]
    assert conflict == {
        "record_id": first,
        "field": "validation",
        "yours": "invalid",
        "theirs": "validated",
        "by_name": admin.name,
        "at": NOW,
        "version": 1,
    }
    assert (await records_of(database, stored))[second].validation_status is None
    judged = await support.judge(database, staff, [second, first], INVALID, "other", version=1)
    assert len(judged.changed) == 2


async def test_the_next_holder_starts_anew_and_undoing_a_recall_finds_the_work_again(
    database: Database, staff: Account, stored: Stored
) -> None:
    other = await make_user(database)
    worked = stored.record_ids[:1]
    await support.judge(database, staff, worked, INVALID, "duplicate")
    recalled = await engine.take_back(database, stored, worked)
    await engine.pick(database, stored, other, worked)
    await support.judge(database, other, worked, VALIDATED)

    assert [(c.staff_id, c.version) for c in await support.contacts_of(database, worked[0])] == [
        (staff.id, 1),
        (other.id, 1),
    ]
    recalled = await engine.take_back(database, stored, worked)
    await engine.undo_it(database, stored, recalled["operation_id"])
    await support.judge(database, other, worked, None)
    assert [c.version for c in await support.contacts_of(database, worked[0])] == [1, 2]


async def test_undoing_a_hand_out_leaves_alone_what_was_worked_on(database: Database, staff: Account) -> None:
    stored = await make_database(database, 5)
    dealt = await engine.pick(database, stored, staff, stored.record_ids)
    await support.mark(database, staff, stored.record_ids[0], {support.WHATSAPP: "ada"})
    await support.judge(database, staff, stored.record_ids[1:2], VALIDATED)
    await note_on(database, stored, stored.record_ids[2])

    undone = await engine.undo_it(database, stored, dealt.operation_id)

    assert (undone["undone_count"], undone["skipped_count"]) == (2, 3)
    held = [record.assigned_to for record in (await records_of(database, stored)).values()]
    assert held == [staff.id, staff.id, staff.id, None, None]


async def test_what_an_earlier_holder_did_does_not_keep_a_record(database: Database, staff: Account) -> None:
    stored = await make_database(database, 2)
    with frozen(NOW):
        await engine.pick(database, stored, staff, stored.record_ids)
        await support.mark(database, staff, stored.record_ids[0], {support.WHATSAPP: "ada"})
        await note_on(database, stored, stored.record_ids[1])
    await engine.take_back(database, stored, stored.record_ids)
    again = await engine.pick(database, stored, staff, stored.record_ids)

    undone = await engine.undo_it(database, stored, again.operation_id)

    assert (undone["undone_count"], undone["skipped_count"]) == (2, 0)


async def note_on(database: Database, stored: Stored, record_id: str) -> None:
    async with database.write() as session:
        row = {"id": record_id, "record_seq": stored.seq_of(record_id), "at": utc_now(), "author_name": "", "text": "x"}
        await add_note(session, row)
