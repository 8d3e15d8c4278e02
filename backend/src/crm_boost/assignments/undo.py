"""Undoing one operation, once (spec 2.1): what nobody has touched since goes back to what it was."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from crm_boost.assignments.errors import CannotUndo
from crm_boost.assignments.events import Given, HandedOut, RecordsAssigned, VerdictsRestored
from crm_boost.assignments.models import Operation
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.recall import SETTLES, announce_records, tell_taken
from crm_boost.assignments.repositories import conflicts, locking
from crm_boost.assignments.repositories import undo as repository
from crm_boost.assignments.repositories.moves import Move, Started, move, start_operation
from crm_boost.assignments.rules.receivers import is_receiver, rooms_of
from crm_boost.assignments.transitions import TABLE, Command, Receiver
from crm_boost.assignments.undo_archive import undo_archive
from crm_boost.db.session import WriteSession
from crm_boost.identity.permissions import Permission
from crm_boost.kit.errors import NotFound
from crm_boost.reservations.routine import claiming

UNDO: dict[str, tuple[Command, Permission]] = {
    Command.ASSIGN: (Command.UNDO_ASSIGN, Permission.RECORDS_ASSIGN),
    Command.ASSIGN_HELD: (Command.UNDO_ASSIGN, Permission.RECORDS_ASSIGN),
    Command.HAND_OVER: (Command.UNDO_HAND_OVER, Permission.RECORDS_ASSIGN),
    Command.RECALL: (Command.UNDO_RECALL, Permission.RECORDS_RECALL),
    Command.ARCHIVE: (Command.UNDO_ARCHIVE, Permission.VALIDATION_MANAGE),
    Command.TRASH: (Command.RESTORE, Permission.DATABASES_MANAGE),
}
"""By kind of operation: the command that undoes it, and what one must be allowed to."""

_COUNTED = (Command.UNDO_ASSIGN, Command.UNDO_RECALL)
"""What the rows that are undone tell of hand-outs is all that there is to tell."""


async def find_operation(session: WriteSession, operation_id: str) -> Operation:
    """Return an operation, locked, or refuse with 404."""
    operation = await locking.get_operation(session, operation_id)
    if operation is None:
        raise NotFound("There is no such operation.", id=operation_id)
    return operation


def needed_permission(operation: Operation) -> Permission:
    """Return what one must be allowed to undo this; 409 for kinds that cannot be undone."""
    found = UNDO.get(operation.kind)
    if found is None or operation.module is None:
        raise CannotUndo(f"A {operation.kind!r} cannot be undone.", kind=operation.kind)
    return found[1]


async def undo(session: WriteSession, policy: Policy, operation: Operation) -> dict[str, Any]:
    """Undo a locked operation: assign -> back to the pool, recall and hand-over -> back to the former holders, archive ->
    back to the holder and the replacement to the pool, trash -> restored.

    Returns how many went back and how many had moved on (or may not go back any more); a second time is a 409.
    """
    command = _command_of(operation)
    if command is Command.UNDO_ARCHIVE:
        undoing, rejected, returned, archived = await undo_archive(session, policy, operation)
        await _tell(session, policy.module, command, undoing, rejected, returned)
        return _answer(undoing, len(returned), archived)
    goes_back = TABLE[command].receiver is Receiver.FORMER
    databases: Mapping[str, Any] = {}
    holders: Mapping[str, Any] = {}
    if goes_back:
        # Databases and people are locked before records, as everywhere.
        databases = await locking.lock_databases_of_operation(session, operation.seq)
        holders = await locking.lock_former_holders(session, operation.seq)
    rows = await repository.lock_untouched(session, operation.seq, sorted(TABLE[command].sources))
    total = rows[0].moved_then if rows else await repository.count_in(session, operation.seq)
    chosen: Sequence[Any] = rows
    if goes_back:
        live = [row for row in rows if databases[row.database_id].deleted_at is None]
        chosen = await _within_rules(session, live, holders)
    undoing = await start_operation(
        session, command, module=policy.module, database_id=operation.database_id, undoes=operation.seq
    )
    wanted = Move(TABLE[command], undoing, [row.seq for row in chosen], undone=operation.seq)
    wanted.tells_hand_outs = command not in _COUNTED
    if command is Command.PUT_BACK:
        # The records are in conflict again: the routine writes the log and tells the holders.
        async with claiming(session, await conflicts.customer_keys_of(session, wanted.seqs)):
            moved = await move(session, wanted)
    else:
        moved = await move(session, wanted)
    if command in _COUNTED:
        await _count_hand_outs(session, command, chosen, moved)
    await _tell(session, policy.module, command, undoing, chosen, moved)
    return _answer(undoing, len(moved), total)


async def _count_hand_outs(session: WriteSession, command: Command, rows: Sequence[Any], moved: Sequence[int]) -> None:
    """Say which hand-outs ended or are there again, as far as nobody has worked on them: the rows tell it already."""
    really = set(moved)
    if command is Command.UNDO_ASSIGN:
        # What was touched is not undone, so nobody has worked on these.
        ended = Counter((row.assigned_at, row.assigned_to, row.database_id) for row in rows if row.seq in really)
        counts = {place: -count for place, count in ended.items()}
    else:
        again = (row for row in rows if row.seq in really and not row.was_worked_on)
        counts = dict(Counter((row.from_assigned_at, row.from_holder, row.database_id) for row in again))
    await session.emit(HandedOut(tuple((*place, count) for place, count in counts.items() if place[0] is not None)))


def _answer(undoing: Started, moved: int, total: int) -> dict[str, Any]:
    return {"operation_id": undoing.id, "undone_count": moved, "skipped_count": total - moved}


def _command_of(operation: Operation) -> Command:
    """Return what undoes an operation. One that settled conflicts is undone although the customers are taken."""
    return Command.PUT_BACK if operation.detail.get(SETTLES) else UNDO[operation.kind][0]


async def _within_rules(session: WriteSession, rows: Sequence[Any], holders: Mapping[str, Any]) -> list[Any]:
    """Keep what the former holders may still receive: active, receiving, and with room."""
    able = {staff_id: person for staff_id, person in holders.items() if is_receiver(person)}
    limited = [staff_id for staff_id, person in able.items() if person.capacity is not None]
    open_records = await locking.open_records(session, limited) if limited else {}
    rooms = dict(zip(able, rooms_of(list(able), able, open_records), strict=True))
    kept: list[Any] = []
    given: Counter[str] = Counter()
    for row in rows:
        if row.from_holder not in able:
            continue
        room = rooms[row.from_holder]
        if room is None or given[row.from_holder] < room:
            given[row.from_holder] += 1
            kept.append(row)
    return kept


async def _tell(
    session: WriteSession, module: str, command: Command, operation: Started, rows: Sequence[Any], moved: Sequence[int]
) -> None:
    if TABLE[command].receiver is Receiver.FORMER:
        really = set(moved)
        counts = Counter((row.from_holder, row.from_batch) for row in rows if row.seq in really)
        if counts:
            given = tuple(Given(staff_id, n, batch_id) for (staff_id, batch_id), n in counts.items())
            await session.emit(RecordsAssigned(module, operation.id, given))
        judged = {row.from_holder for row in rows if row.seq in really and row.from_validation is not None}
        if judged:
            await session.emit(VerdictsRestored(module, tuple(sorted(judged))))
    if command in (Command.UNDO_ASSIGN, Command.UNDO_HAND_OVER, Command.PUT_BACK):
        await tell_taken(session, module, operation, rows, moved)
    else:
        await announce_records(session, module, rows)
