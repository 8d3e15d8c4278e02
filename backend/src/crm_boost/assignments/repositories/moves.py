"""Moves records: history of what was, the conditional update (`move_statements.py`), and what of both changes how many
records are in which state.

The records are locked before (by the draw or by `locking.py`), so all see the same rows; what a rival still managed to
change is dropped. What was updated is what was moved, and nothing else is reported.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Executable, Table, delete, insert

from crm_boost.assignments.errors import AlreadyUndone
from crm_boost.assignments.events import HandedOut, HandOutsChanged, HoldersChanged
from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.assignments.repositories.draw import drawn_to
from crm_boost.assignments.repositories.move_statements import RANK_BITS, Statements, statements_of
from crm_boost.assignments.repositories.slots import MOST_SLOTS, numbered
from crm_boost.assignments.transitions import Receiver, Transition
from crm_boost.databases import counts_repository as counts
from crm_boost.db.dialect import has_parallel_writers, in_numbers, inserting
from crm_boost.db.lots import as_parameters, inserting_rows, is_a_lot
from crm_boost.db.session import WriteSession
from crm_boost.db.statements import look_up, rows_of, written
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import ActionContext, current_context
from crm_boost.kit.ids import new_id

_history = cast(Table, RecordHistory.__table__)
_operation = cast(Table, Operation.__table__)
_h = _history.c


@dataclass(frozen=True, slots=True)
class Slot:
    """One receiver of a hand-out: a staff and, in batched modules, the batch."""

    staff_id: str
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The operation row a command's history points to."""

    seq: int
    id: str
    at: datetime


@dataclass(slots=True)
class Move:
    """One command on chosen records: `seqs`, and for hand-outs the slot of each (index into `slots`)."""

    transition: Transition
    operation: Started
    """Of several, the first one: all begin at one instant."""
    seqs: Sequence[int]
    slots: Sequence[Slot] = ()
    slot_of: Sequence[int] | None = None
    operations: Sequence[int] = ()
    """Where these are several hand-outs: the seq of the operation of each slot."""
    undone: int | None = None
    """The operation that is being undone."""
    request_id: str | None = None
    held_until: datetime | None = None
    replacements: Sequence[str | None] = ()
    """For archiving: for each of `seqs`, the id of the record dealt in its place."""
    tells_hand_outs: bool = True
    """False: the caller knows which hand-outs begin and end, and says so."""

    def slots_of(self) -> Sequence[int]:
        """Return the slot of each record."""
        return self.slot_of if self.slot_of is not None else [0] * len(self.seqs)

    def count_by_slot(self, moved: Sequence[int]) -> Counter[int]:
        """Return how many of these records go to each slot."""
        if len(moved) == len(self.seqs):
            return Counter(self.slots_of())
        slot_of = dict(zip(self.seqs, self.slots_of(), strict=True))
        return Counter(map(slot_of.__getitem__, moved))


_NAMES = [column.name for column in _operation.columns if column.name != "seq"]
_INSERT_OPERATION = insert(_operation).returning(_operation.c.id, _operation.c.seq)
_INSERT_OPERATIONS = inserting_rows(_operation, _NAMES).returning(_operation.c.id, _operation.c.seq)


async def start_operation(
    session: WriteSession,
    kind: str,
    *,
    module: str | None,
    database_id: str | None = None,
    reason: str | None = None,
    undoes: int | None = None,
    detail: dict[str, Any] | None = None,
) -> Started:
    """Write the one row that says who does what, when and why. What it `undoes` was undone already: a 409."""
    now = utc_now()
    row = _row(kind, now, current_context(), module=module, database_id=database_id, detail=detail)
    row.update(reason=reason, undoes=undoes, drawn_to=drawn_to(session, database_id))
    statement: Executable = _INSERT_OPERATION
    if undoes is not None:
        # Two who undo the same meet in the index: the second one waits, and then there is no row for it.
        once = inserting(session, _operation).on_conflict_do_nothing(index_elements=["undoes"])
        statement = once.returning(_operation.c.id, _operation.c.seq)
    stored = await look_up(session, statement, row)
    if not stored:
        raise AlreadyUndone("This was already undone.")
    return Started(stored[0].seq, row["id"], now)


async def start_operations(
    session: WriteSession,
    kind: str,
    doers: Sequence[tuple[ActionContext, dict[str, Any]]],
    *,
    module: str,
    database_id: str | None,
) -> list[Started]:
    """Write the rows of several people who do the same at once: who, and the detail of each."""
    now = utc_now()
    rows = [_row(kind, now, who, module=module, database_id=database_id, detail=detail) for who, detail in doers]
    # One row that says it is enough.
    rows[0]["drawn_to"] = drawn_to(session, database_id)
    statement, given = (
        (_INSERT_OPERATIONS, as_parameters(rows)) if is_a_lot(session, rows) else (_INSERT_OPERATION, rows)
    )
    seqs = {row[0]: row[1] for row in await rows_of(session, statement, given)}
    return [Started(seqs[row["id"]], row["id"], now) for row in rows]


def _row(kind: str, now: datetime, who: ActionContext, **known: Any) -> dict[str, Any]:
    row = {"id": new_id(), "kind": str(kind), "at": now, "actor_id": who.actor_id, "actor_name": who.actor_name}
    row.update(known, reason=None, correlation_id=who.correlation_id, undoes=None, detail=known["detail"] or {})
    row["drawn_to"] = None
    return row


async def move(session: WriteSession, wanted: Move) -> list[int]:
    """Move the records and write their history. Returns the seqs that were really moved."""
    if not wanted.seqs:
        return []
    await written(session)
    several, operations = len(wanted.slots) > 1, bool(wanted.operations)
    statements = statements_of(session, wanted.transition.command, several=several, operations=operations)
    way = _at_once if has_parallel_writers(session) else _one_after_the_other
    moved, left = await way(session, wanted, statements)
    if left:
        # A rival was quicker: history keeps only what happened.
        ours = in_numbers(_h.operation_seq, sorted({*wanted.operations, wanted.operation.seq}))
        await session.execute(delete(_history).where(ours & in_numbers(_h.record_seq, left)))
    if moved:
        await _say(session, wanted, moved)
    return [seq for alike in moved for seq in alike.seqs]


class _Moved(NamedTuple):
    """Records that moved alike."""

    database_id: str
    before: str
    after: str
    seqs: Sequence[int]


async def _at_once(session: WriteSession, wanted: Move, statements: Statements) -> tuple[list[_Moved], list[int]]:
    """Move the records by one statement; return them, and those that have history and were not moved."""
    rows = await rows_of(session, statements.both, _parameters(wanted))
    before = {state: seqs for database_id, state, seqs in rows if database_id is None}
    after = [(database_id, state, seqs) for database_id, state, seqs in rows if database_id is not None]
    if len(before) == 1 and sum(len(seqs) for _, _, seqs in after) == sum(map(len, before.values())):
        (state_before,) = before
        return [_Moved(database_id, state_before, state, seqs) for database_id, state, seqs in after], []
    return _alike(
        {seq: state for state, seqs in before.items() for seq in seqs},
        ((seq, database_id, state) for database_id, state, seqs in after for seq in seqs),
    )


async def _one_after_the_other(
    session: WriteSession, wanted: Move, statements: Statements
) -> tuple[list[_Moved], list[int]]:
    """The same by two statements, history first."""
    parameters = _parameters(wanted)
    before = dict(map(tuple, await rows_of(session, statements.history, parameters)))
    if len(before) < len(wanted.seqs):
        # What could not move a moment ago has no history, and must not move now.
        parameters = _parameters(_narrowed(wanted, before))
    return _alike(before, map(tuple, await rows_of(session, statements.change, parameters)))


def _alike(before: dict[int, str], moved: Iterable[tuple[int, str, str]]) -> tuple[list[_Moved], list[int]]:
    """Put together what moved alike, of records whose state before is known; return also what did not move."""
    alike: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for seq, database_id, after in moved:
        alike[database_id, before.pop(seq), after].append(seq)
    return [_Moved(*how, seqs) for how, seqs in alike.items()], list(before)


def _narrowed(wanted: Move, seqs: Container[int]) -> Move:
    """Return the same move of these records alone."""
    kept = [place for place, seq in enumerate(wanted.seqs) if seq in seqs]
    slot_of, replacements = wanted.slot_of, wanted.replacements
    return replace(
        wanted,
        seqs=[wanted.seqs[place] for place in kept],
        slot_of=None if slot_of is None else [slot_of[place] for place in kept],
        replacements=[replacements[place] for place in kept] if replacements else (),
    )


async def _say(session: WriteSession, wanted: Move, moved: Sequence[_Moved]) -> None:
    """Let everything that is counted know what was moved, and tell the layers above."""
    transition, seqs = wanted.transition, tuple(seq for alike in moved for seq in alike.seqs)
    changes: Counter[tuple[str, str]] = Counter()
    for alike in moved:
        changes[alike.database_id, alike.after] += len(alike.seqs)
        changes[alike.database_id, alike.before] -= len(alike.seqs)
    await counts.add(session, changes)
    if transition.changes_holders:
        await session.emit(HoldersChanged(seqs))
    if transition.changes_hand_outs and wanted.tells_hand_outs:
        await session.emit(HandOutsChanged(wanted.operation.seq, seqs))
    if transition.hands_out:
        at, slots = wanted.operation.at, wanted.slots
        of_database: dict[str, list[int]] = defaultdict(list)
        for alike in moved:
            of_database[alike.database_id] += alike.seqs
        parts = tuple(
            (at, slots[slot].staff_id, database_id, count)
            for database_id, seqs_there in of_database.items()
            for slot, count in wanted.count_by_slot(seqs_there).items()
        )
        await session.emit(HandedOut(parts))


def rank_of(instant: datetime) -> int:
    """Return the lowest `deal_rank` of a hand-out at this instant: ranks follow the time."""
    return int(instant.timestamp() * 1000) << RANK_BITS


def _parameters(wanted: Move) -> dict[str, Any]:
    """The values of one move. One parameter carries which record goes to whom, however many there are of both."""
    if len(wanted.slots) > MOST_SLOTS:
        raise ValueError("too many receivers in one hand-out")
    numbers: Sequence[int] = wanted.seqs
    if wanted.transition.receiver is Receiver.GIVEN:
        numbers = numbered(wanted.seqs, wanted.slots_of())
    at = wanted.operation.at
    parameters: dict[str, Any] = {
        "p_operation": list(wanted.operations) or wanted.operation.seq,
        "p_numbers": list(numbers),
        "p_at": at,
        "p_rank": rank_of(at),
        "p_undone": wanted.undone,
        "p_request": wanted.request_id,
        "p_held_until": wanted.held_until,
        "p_replacements": list(wanted.replacements) or [None] * len(wanted.seqs),
    }
    if len(wanted.slots) == 1:
        (only,) = wanted.slots
        parameters.update(p_staff=only.staff_id, p_batch=only.batch_id)
    else:
        parameters.update(p_staff=[s.staff_id for s in wanted.slots], p_batch=[s.batch_id for s in wanted.slots])
    return parameters
