"""The transition table: every command from every state. What the table allows happens, everything else is refused."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from crm_boost.assignments import undo
from crm_boost.assignments.errors import AssignedNeedForce, NothingMoved
from crm_boost.assignments.repositories.moves import Move, Slot, move, start_operation
from crm_boost.assignments.transitions import TABLE, Command, Destination, Guard, Receiver
from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from tests.assignments import support
from tests.support.factories import (
    Account,
    Stored,
    make_database,
    make_user,
    records_of,
    reserve_customer,
)

ALLOWED = {
    Command.HOLD: {"available", "reserved"},
    Command.RELEASE: {"requested"},
    Command.ASSIGN: {"available", "reserved"},
    Command.ASSIGN_HELD: {"requested"},
    Command.HAND_OVER: {"assigned"},
    Command.RECALL: {"assigned"},
    Command.UNDO_ASSIGN: {"assigned"},
    Command.UNDO_HAND_OVER: {"assigned"},
    Command.UNDO_RECALL: {"available", "reserved"},
    Command.ARCHIVE: {"assigned"},
    Command.UNDO_ARCHIVE: {"invalid_archived"},
    Command.RESTORE_ARCHIVED: {"invalid_archived"},
    Command.RESERVE: {"available"},
    Command.UNRESERVE: {"reserved"},
    Command.PUT_BACK: {"available", "reserved", "assigned"},
    Command.TRASH: {"available", "reserved", "requested", "invalid_archived"},
    Command.RESTORE: {"trashed"},
}
"""Spec 2.1, written down a second time."""


@pytest.mark.pure
def test_the_table_is_the_specs() -> None:
    assert {command: {str(s) for s in row.sources} for command, row in TABLE.items()} == ALLOWED


@pytest.mark.pure
@pytest.mark.parametrize("command", Command)
def test_what_keeps_its_state_changes_its_holder(command: Command) -> None:
    row = TABLE[command]
    if row.target in row.sources:
        assert row.receiver is not Receiver.NOBODY
        assert command in (Command.HAND_OVER, Command.UNDO_HAND_OVER)


@pytest.mark.parametrize("command", Command)
async def test_a_move_happens_exactly_where_the_table_allows_it(database: Database, command: Command) -> None:
    """One record in each state; the command is tried on all of them at once."""
    staff = await make_user(database)
    stored = await make_database(database, len(RecordState))
    records = dict(zip(RecordState, stored.record_ids, strict=True))
    guards, undone = TABLE[command].guards, None
    if {Guard.UNTOUCHED, Guard.NOT_MOVED_ON} & {*guards}:
        operation_id = (await support.pick(database, stored, staff, stored.record_ids)).operation_id
        if command is Command.UNDO_RECALL:
            operation_id = (await support.take_back(database, stored, stored.record_ids))["operation_id"]
        if command is Command.UNDO_HAND_OVER:
            other = await make_user(database)
            operation_id = (await support.pass_on(database, stored, stored.record_ids, other)).operation_id
        if command is Command.UNDO_ARCHIVE:
            await support.judge_invalid(database, stored.record_ids)
            archived = (await support.archive_them(database, stored, stored.record_ids)).operation
            assert archived is not None
            operation_id = archived.id
        async with database.write() as session:
            undone = (await undo.find_operation(session, operation_id)).seq
    for i, (state, record_id) in enumerate(records.items()):
        await support.put_in_state(database, record_id, state, staff)
        if (state is RecordState.RESERVED and Guard.HAS_NO_OWNER not in guards) or Guard.HAS_OWNER in guards:
            await reserve_customer(database, stored, f"customer{i}", staff.id)
    if Guard.IS_INVALID in guards:
        await support.judge_invalid(database, stored.record_ids)

    async with database.write() as session:
        operation = await start_operation(session, command, module=stored.module)
        seqs = [stored.seq_of(record_id) for record_id in stored.record_ids]
        wanted = Move(TABLE[command], operation, seqs, [Slot(staff.id)], undone=undone, request_id="request")
        moved = await move(session, wanted)

    after = await records_of(database, stored)
    steps = [step for step in await support.history_of(database, stored) if step[0] in seqs and step[1] == command]
    expected = []
    for state, record_id in records.items():
        if state in ALLOWED[command]:
            target = _expected(command, state, owned=Guard.HAS_OWNER in guards)
            expected.append((stored.seq_of(record_id), str(command), str(state), target))
            assert after[record_id].state == target
        else:
            assert after[record_id].state == state
    assert sorted(moved) == [seq for seq, *_ in expected]
    assert steps == expected


def _expected(command: Command, state: RecordState, *, owned: bool) -> str:
    target = TABLE[command].target
    if target is Destination.FORMER:
        return str(RecordState.AVAILABLE)  # what the hand-out that is undone found
    if isinstance(target, Destination):
        return str(RecordState.RESERVED if owned or state is RecordState.RESERVED else RecordState.AVAILABLE)
    return str(target)


Verb = Callable[[Database, Stored, list[str]], Awaitable[Any]]

VERBS: dict[Command, Verb] = {
    Command.RECALL: support.take_back,
    Command.ARCHIVE: support.archive_them,
    Command.RESTORE_ARCHIVED: support.unarchive,
    Command.TRASH: support.to_trash,
    Command.RESTORE: support.from_trash,
}


async def _assign(staff: Account, database: Database, stored: Stored, record_ids: list[str]) -> Any:
    return await support.pick(database, stored, staff, record_ids)


async def _hand_over(staff: Account, database: Database, stored: Stored, record_ids: list[str]) -> Any:
    return await support.pass_on(database, stored, record_ids, staff)


@pytest.mark.parametrize("command", [*VERBS, Command.ASSIGN, Command.HAND_OVER])
async def test_a_stale_command_is_a_409_that_says_what_the_state_is(database: Database, command: Command) -> None:
    staff = await make_user(database)
    stored = await make_database(database, len(RecordState))
    for i, (state, record_id) in enumerate(zip(RecordState, stored.record_ids, strict=True)):
        if state is RecordState.RESERVED:
            await reserve_customer(database, stored, f"customer{i}", staff.id)
        await support.put_in_state(database, record_id, state, staff)
    await support.judge_invalid(database, stored.record_ids)

    for state, record_id in zip(RecordState, stored.record_ids, strict=True):
        if state in ALLOWED[command]:
            continue
        to_staff = {Command.ASSIGN: _assign, Command.HAND_OVER: _hand_over}
        tried: Verb = partial(to_staff[command], staff) if command in to_staff else VERBS[command]
        with pytest.raises((NothingMoved, AssignedNeedForce)) as refused:
            await tried(database, stored, [record_id])
        assert refused.value.status == 409
        if isinstance(refused.value, NothingMoved):
            assert refused.value.extras["states"] == {str(state): 1}
    states = [record.state for record in (await records_of(database, stored)).values()]
    assert states == [str(state) for state in RecordState]


async def test_archived_records_return_from_the_trash_archived(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 2)
    record_id = stored.record_ids[0]
    await support.pick(database, stored, staff, [record_id])
    await support.judge_invalid(database, [record_id])
    await support.archive_them(database, stored, [record_id])
    await support.to_trash(database, stored, [record_id])
    await support.from_trash(database, stored, [record_id])

    record = (await records_of(database, stored))[record_id]
    assert (record.state, record.assigned_to, record.validation_reason) == (
        "invalid_archived",
        staff.id,
        "wrong number",
    )


async def test_an_assigned_record_that_is_not_invalid_is_not_archived(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 2)
    await support.pick(database, stored, staff, stored.record_ids[:1])

    with pytest.raises(NothingMoved):
        await support.archive_them(database, stored, stored.record_ids[:1])
