"""Moves that repair what should never have happened (spec 3.5), and putting back exactly what a repair moved.

The commands are the engine's own, so history and those concerned are told as ever; only who is asked differs.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_boost.assignments.recall import announce_records, only_database, tell_taken
from crm_boost.assignments.repositories import repairing
from crm_boost.assignments.repositories import undo as repository
from crm_boost.assignments.repositories.moves import Move, move, start_operation
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.databases.states import RecordState
from crm_boost.db.session import WriteSession

REASON = "data_repair"
Hold = tuple[str, datetime | None]
"""For which request a record is held, and until when."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """One operation of a repair: its key in the history, how many records it moved, and the holds it ended."""

    operation_seq: int
    count: int
    holds: Mapping[int, Hold]


async def repair(session: WriteSession, command: Command, seqs: Sequence[int]) -> list[Repaired]:
    """Move these records by `command`, an operation for each module. What is in another state by now stays."""
    by_module: dict[str, list[Any]] = defaultdict(list)
    for row in await repairing.lock_records(session, seqs):
        if TABLE[command].allows(RecordState(row.state)):
            by_module[row.module].append(row)
    done = []
    for module, rows in sorted(by_module.items()):
        operation = await start_operation(
            session, command, module=module, database_id=only_database(rows), reason=REASON
        )
        moved = set(await move(session, Move(TABLE[command], operation, [row.seq for row in rows])))
        if command is Command.RECALL:
            await tell_taken(session, module, operation, rows, moved)
        else:
            await announce_records(session, module, rows)
        holds = {row.seq: (row.request_id, row.held_until) for row in rows if row.seq in moved and row.request_id}
        done.append(Repaired(operation.seq, len(moved), holds))
    return done


async def put_back(session: WriteSession, operation_seq: int, holds: Mapping[int, Hold]) -> tuple[int, int]:
    """Put what a repair moved back exactly as it was, whoever held it, where nobody has touched it since. Returns how
    many records went back, and how many the repair had moved."""
    rows = await repository.lock_untouched(session, operation_seq, sorted(TABLE[Command.PUT_BACK].sources))
    total = rows[0].moved_then if rows else await repository.count_in(session, operation_seq)
    undoing = await start_operation(session, Command.PUT_BACK, module=None, undoes=operation_seq)
    wanted = Move(TABLE[Command.PUT_BACK], undoing, [row.seq for row in rows], undone=operation_seq)
    moved = await move(session, wanted)
    by_hold: dict[Hold, list[int]] = defaultdict(list)
    for seq in moved:
        if seq in holds:
            by_hold[holds[seq]].append(seq)
    for (request_id, until), held in by_hold.items():
        await repairing.restore_hold(session, held, request_id, until)
    return len(moved), total
