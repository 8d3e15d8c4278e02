"""Undoing an archiving (spec 2.5): rejected records go back to their holders, what was dealt in their place to the pool.

Pair by pair, so that no work is lost: where the holder has begun to work on the new record, both stay as they are and
are told as skipped. A record nobody replaced needs room with its holder like any hand-out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from crm_boost.assignments.errors import CannotUndo
from crm_boost.assignments.models import Operation
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.recall import only_database, tell_taken
from crm_boost.assignments.repositories import locking
from crm_boost.assignments.repositories import undo as repository
from crm_boost.assignments.repositories import undo_archive as pairs
from crm_boost.assignments.repositories.moves import Move, Started, move, start_operation
from crm_boost.assignments.rules.receivers import is_receiver, rooms_of
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.databases.states import RecordState
from crm_boost.db.session import WriteSession


async def undo_archive(
    session: WriteSession, policy: Policy, operation: Operation
) -> tuple[Started, list[Any], list[int], int]:
    """Undo a locked archiving. Returns the undoing operation, the records chosen (as they were then), which of them
    went back, and how many the archiving had moved."""
    databases = await locking.lock_databases_of_operation(session, operation.seq)
    holders = await locking.lock_former_holders(session, operation.seq)
    dealt = {row.seq: row for row in await pairs.pairs_of(session, operation.seq)}
    involved = {*dealt, *(row.dealt_seq for row in dealt.values() if row.dealt_seq is not None)}
    locked = await pairs.lock_by_seq(session, sorted(involved))
    rows = await repository.lock_untouched(session, operation.seq, sorted(TABLE[Command.UNDO_ARCHIVE].sources))
    total = rows[0].moved_then if rows else await repository.count_in(session, operation.seq)
    live = [row for row in rows if databases[row.database_id].deleted_at is None]
    free = await pairs.free_for_former(session, operation.seq, [row.seq for row in live])
    able = [row for row in live if row.seq in free and is_receiver(holders.get(row.from_holder))]
    replaced = {row.seq: dealt[row.seq].dealt_seq for row in able if dealt[row.seq].dealt_seq is not None}
    back = await _take_back(session, policy, dealt, replaced, locked)
    chosen = await _with_room(session, able, replaced, back, holders)
    undoing = await start_operation(
        session,
        Command.UNDO_ARCHIVE,
        module=policy.module,
        database_id=operation.database_id,
        undoes=operation.seq,
    )
    wanted = Move(TABLE[Command.UNDO_ARCHIVE], undoing, [row.seq for row in chosen], undone=operation.seq)
    moved = await move(session, wanted)
    if len(moved) != len(chosen):
        # Their replacements are in the pool already: with the refusal they stay where they are.
        message = "One of these customers has just been reserved. Try again."
        raise CannotUndo(message, kind=operation.kind)
    return undoing, chosen, moved, total


async def _take_back(
    session: WriteSession,
    policy: Policy,
    dealt: Mapping[int, Any],
    replaced: Mapping[int, int],
    locked: Mapping[int, Any],
) -> set[int]:
    """Return what was dealt in place of records to the pool, as far as nobody has touched it; returns the seqs."""
    back: set[int] = set()
    hand_outs = sorted({dealt[seq].dealt_by for seq in replaced})
    for hand_out in hand_outs:
        seqs = sorted(new for seq, new in replaced.items() if dealt[seq].dealt_by == hand_out)
        held = [locked[seq] for seq in seqs if locked[seq].state == RecordState.ASSIGNED]
        if not held or await locking.is_undone(session, hand_out):
            continue
        undoing = await start_operation(
            session, Command.UNDO_ASSIGN, module=policy.module, database_id=only_database(held), undoes=hand_out
        )
        wanted = Move(TABLE[Command.UNDO_ASSIGN], undoing, [row.seq for row in held], undone=hand_out)
        moved = await move(session, wanted)
        await tell_taken(session, policy.module, undoing, held, moved)
        back.update(moved)
    return back


async def _with_room(
    session: WriteSession,
    rows: Sequence[Any],
    replaced: Mapping[int, int],
    back: set[int],
    holders: Mapping[str, Any],
) -> list[Any]:
    """Keep records whose replacement went back, one for one, and, as far as their holders have room, those that were
    never replaced."""
    exchanged = [row for row in rows if replaced.get(row.seq) in back]
    others = [row for row in rows if row.seq not in replaced]
    limited = sorted({row.from_holder for row in others if holders[row.from_holder].capacity is not None})
    open_records = await locking.open_records(session, limited) if limited else {}
    rooms = dict(zip(limited, rooms_of(limited, holders, open_records), strict=True))
    taken = Counter(row.from_holder for row in exchanged)
    kept = []
    for row in others:
        room = rooms.get(row.from_holder)
        if room is None or taken[row.from_holder] < room:
            taken[row.from_holder] += 1
            kept.append(row)
    return sorted([*exchanged, *kept], key=lambda row: row.seq)
