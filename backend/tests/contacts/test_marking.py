"""Marks: first times, no-ops, merging, conflicts, and two windows at the same instant (spec 2.4)."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_boost.contacts.repositories.contacts import put_contacts
from crm_boost.contacts.stints import Outcome, Stint
from crm_boost.contacts.verdicts import COLUMNS, Field
from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from tests.assignments import support as engine
from tests.contacts import support
from tests.contacts.support import RESPOND, WHATSAPP
from tests.support.factories import Account, make_database, make_user

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def new_stint() -> Stint:
    record = SimpleNamespace(seq=1, deal_rank=7, assigned_to="staff", assigned_at=NOW, validation_status=None)
    return Stint.of(record, None)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("before", "seen", "wanted", "outcome", "version"),
    [
        # (marks set before, each a version), what the caller saw, what the caller wants
        ([], None, "ada", Outcome.CHANGED, 1),
        ([], 0, "ada", Outcome.CHANGED, 1),
        ([], None, None, Outcome.SAME, 0),
        (["ada"], None, "tidak", Outcome.CHANGED, 2),
        (["ada"], 0, "ada", Outcome.SAME, 1),
        (["ada"], 0, "tidak", Outcome.CONFLICT, 1),
        (["ada"], 1, "tidak", Outcome.CHANGED, 2),
        (["ada"], 0, None, Outcome.CONFLICT, 1),
        (["ada", None], 1, "tidak", Outcome.CONFLICT, 2),
        (["ada", None], 1, None, Outcome.SAME, 2),
        # a version of an earlier hand-out: nothing of this one was seen
        (["ada"], 9, "tidak", Outcome.CONFLICT, 1),
        ([], 9, "tidak", Outcome.CHANGED, 1),
    ],
)
def test_what_a_mark_does(
    before: list[str | None], seen: int | None, wanted: str | None, outcome: Outcome, version: int
) -> None:
    stint = new_stint()
    for value in before:
        assert stint.mark(WHATSAPP, value, None, NOW) is Outcome.CHANGED
    opened = Stint.of(stint.record, stint.contact)
    former = opened.value(WHATSAPP)

    assert opened.mark(WHATSAPP, wanted, seen, NOW + HOUR) is outcome
    assert (opened.version, opened.is_changed) == (version, outcome is Outcome.CHANGED)
    assert opened.value(WHATSAPP) == (former if outcome is Outcome.CONFLICT else wanted)


STEPS = st.lists(
    st.tuples(
        st.sampled_from([WHATSAPP, RESPOND]),
        st.sampled_from([None, "ada", "tidak", "ya"]),
        st.one_of(st.none(), st.integers(0, 3)),
    ),
    max_size=30,
)


@pytest.mark.pure
@given(STEPS)
def test_merging_never_loses_a_change_and_first_times_never_move(
    steps: list[tuple[Field, str | None, int | None]],
) -> None:
    """Callers that saw something up to three versions ago: whatever they did not see is not overwritten unseen."""
    contact = None
    record = new_stint().record
    firsts: dict[str, Any] = {}
    log: list[tuple[int, Field, str | None]] = []
    for step, (what, wanted, behind) in enumerate(steps):
        stint = Stint.of(record, contact)
        seen = None if behind is None else max(stint.version - behind, 0)
        before, version = dict(stint.contact), stint.version
        unseen = [value for at, field, value in log if seen is not None and field is what and at > seen]
        outcome = stint.mark(what, wanted, seen, NOW + step * HOUR)
        if outcome is Outcome.CHANGED:
            assert not unseen and stint.version == version + 1
            log.append((stint.version, what, wanted))
        else:
            assert stint.contact == before
            assert outcome is Outcome.SAME or unseen
        for columns in COLUMNS.values():
            first = stint.contact[columns.first]
            assert firsts.setdefault(columns.first, first) in (None, first)
            firsts[columns.first] = first
        contact = stint.contact
    for what in (WHATSAPP, RESPOND):
        mine = [value for _, field, value in log if field is what]
        assert Stint.of(record, contact).value(what) == (mine[-1] if mine else None)


@pytest.fixture
async def held(database: Database) -> tuple[Account, list[str]]:
    """A staff with three records."""
    staff = await make_user(database)
    stored = await make_database(database, 3)
    await engine.pick(database, stored, staff, stored.record_ids)
    return staff, stored.record_ids


async def test_first_times_are_kept_for_ever(database: Database, held: tuple[Account, list[str]]) -> None:
    staff, (record_id, *_) = held
    support.act_as(staff)
    steps: list[dict[Field, str | None]] = [
        {WHATSAPP: "ceklis1"},
        {WHATSAPP: "ada", RESPOND: "ya"},
        {WHATSAPP: None},
        {WHATSAPP: "ada"},
        {RESPOND: "ya"},
    ]
    for hour, values in enumerate(steps):
        with frozen(NOW + hour * HOUR):
            await support.mark(database, staff, record_id, values)

    (contact,) = await support.contacts_of(database, record_id)
    assert (contact.first_wa_at, contact.wa_at, contact.wa_status) == (NOW, NOW + 3 * HOUR, "ada")
    assert (contact.first_respond_at, contact.respond_at) == (NOW + HOUR, NOW + HOUR)
    assert (contact.version, contact.wa_version, contact.respond_version) == (5, 5, 3)
    assert await support.events_of(database, record_id) == [
        ("whatsapp_status", None, "ceklis1"),
        ("whatsapp_status", "ceklis1", "ada"),
        ("respond_status", None, "ya"),
        ("whatsapp_status", "ada", None),
        ("whatsapp_status", None, "ada"),
    ]


async def test_the_database_itself_keeps_the_first_times(database: Database, held: tuple[Account, list[str]]) -> None:
    """A writer that read before somebody else's first mark does not move it."""
    staff, (record_id, *_) = held
    with frozen(NOW):
        done = await support.mark(database, staff, record_id, {WHATSAPP: "ada"})
    stint = done.stints[record_id]
    stint.contact["first_wa_at"] = NOW + HOUR
    async with database.write() as session:
        await put_contacts(session, [stint.contact])

    assert (await support.contacts_of(database, record_id))[0].first_wa_at == NOW


async def test_only_what_is_held_can_be_marked(database: Database, held: tuple[Account, list[str]]) -> None:
    staff, ids = held
    other = await make_user(database)
    for holder, record_id in ((other, ids[0]), (staff, "unknown"), (None, "unknown")):
        done = await support.mark(database, holder, record_id, {WHATSAPP: "ada"})
        assert (done.missing, done.changed_count) == ([record_id], 0)
    assert await support.contacts_of(database, ids[0]) == []
    anybody = await support.mark(database, None, ids[0], {WHATSAPP: "ada"})
    assert anybody.changed_count == 1
    assert (await support.contacts_of(database, ids[0]))[0].staff_id == staff.id


async def test_two_windows_at_the_same_instant(database: Database, held: tuple[Account, list[str]]) -> None:
    """Real transactions: of one field one wins and the other is told; changes of different fields both stay."""
    staff, ids = held
    support.act_as(staff)
    for record_id in ids:
        alike = await asyncio.gather(
            *(support.mark(database, staff, record_id, {WHATSAPP: v}, 0) for v in ("ada", "ceklis1", "tidak")),
            support.mark(database, staff, record_id, {RESPOND: "ya"}, 0),
        )
        conflicts = [conflict for done in alike for conflict in done.conflicts]
        (contact,) = await support.contacts_of(database, record_id)

        assert sum(done.changed_count for done in alike) == 2 and len(conflicts) == 2
        assert {conflict["theirs"] for conflict in conflicts} == {contact.wa_status}
        assert {conflict["yours"] for conflict in conflicts} | {contact.wa_status} == {"ada", "ceklis1", "tidak"}
        assert (contact.respond_status, contact.version) == ("ya", 2)
        assert len(await support.events_of(database, record_id)) == 2


async def test_a_mark_and_a_recall_at_the_same_instant(database: Database) -> None:
    """Either the mark is of the holder's time, or it is refused: never a mark on a record that nobody holds."""
    staff = await make_user(database)
    for _ in range(5):
        stored = await make_database(database, 1)
        dealt = await engine.pick(database, stored, staff, stored.record_ids)
        (record_id,) = stored.record_ids
        done, undone = await asyncio.gather(
            support.mark(database, staff, record_id, {WHATSAPP: "ada"}),
            engine.undo_it(database, stored, dealt.operation_id),
        )
        marked = len(await support.contacts_of(database, record_id))
        assert (marked, undone["undone_count"]) in ((1, 0), (0, 1))
        assert done.missing == ([] if marked else [record_id])
