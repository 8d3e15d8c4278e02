"""Turns a row of the transition table into its statements: history of what was, the conditional update, and what of both
changes how many records are in which state.

The records are locked before (by the draw or by `locking.py`), so all see the same rows; what a rival still managed to
change is dropped. What the update returns is what was moved, and nothing else is reported.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    FromClause,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from crm_boost.assignments.errors import AlreadyUndone
from crm_boost.assignments.events import HandedOut, HandOutsChanged, HoldersChanged
from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.assignments.transitions import TABLE, Command, Destination, Fields, Guard, Receiver, Transition
from crm_boost.contacts.models import Contact, RecordNote
from crm_boost.databases import counts_repository as counts
from crm_boost.databases.models import Record
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import (
    in_numbers,
    inserting,
    number_rows,
    numbers_parameter,
    random_bits,
    text_at,
    texts_parameter,
)
from crm_boost.db.session import WriteSession
from crm_boost.db.statements import look_up, rows_of_each, written
from crm_boost.db.types import UtcDateTime
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.ids import new_id
from crm_boost.reservations.matching import is_reserved, is_taken_by_other

_record = cast(Table, Record.__table__)
_history = cast(Table, RecordHistory.__table__)
_operation = cast(Table, Operation.__table__)
_r = _record.c
_h = _history.c

_SLOT_BITS = 16
MAX_SLOTS = 1 << _SLOT_BITS
_RANK_BITS = 20
_OPERATION = bindparam("p_operation", type_=BigInteger)
_UNDONE = bindparam("p_undone", type_=BigInteger)

_CLEARED: dict[Fields, tuple[str, ...]] = {
    Fields.HOLD: ("request_id", "held_for", "held_until"),
    Fields.HOLDER: ("assigned_to", "assigned_at", "batch_id", "deal_rank"),
    Fields.VALIDATION: ("validation_status", "validation_reason"),
    Fields.ARCHIVE: ("archived_at", "replaced_by"),
}


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
    seqs: Sequence[int]
    slots: Sequence[Slot] = ()
    slot_of: Sequence[int] | None = None
    undone: int | None = None
    """The operation that is being undone."""
    request_id: str | None = None
    held_until: datetime | None = None
    replacements: Sequence[str | None] = ()
    """For archiving: for each of `seqs`, the id of the record dealt in its place."""


_INSERT_OPERATION = insert(_operation).returning(_operation.c.seq)


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
    context = current_context()
    operation_id, now = new_id(), utc_now()
    row = {
        "id": operation_id,
        "kind": str(kind),
        "module": module,
        "database_id": database_id,
        "at": now,
        "actor_id": context.actor_id,
        "actor_name": context.actor_name,
        "reason": reason,
        "correlation_id": context.correlation_id,
        "undoes": undoes,
        "detail": detail or {},
    }
    statement: Executable = _INSERT_OPERATION
    if undoes is not None:
        # Two who undo the same meet in the index: the second one waits, and then there is no row for it.
        once = inserting(session, _operation).on_conflict_do_nothing(index_elements=["undoes"])
        statement = once.returning(_operation.c.seq)
    written_row = await look_up(session, statement, row)
    if not written_row:
        raise AlreadyUndone("This was already undone.")
    return Started(written_row[0].seq, operation_id, now)


async def move(session: WriteSession, wanted: Move) -> list[int]:
    """Move the records and write their history. Returns the seqs that were really moved."""
    if not wanted.seqs:
        return []
    await written(session)
    statements = _statements(session, wanted.transition.command, several=len(wanted.slots) > 1)
    before, moved = await rows_of_each(session, statements, _parameters(wanted))
    seqs = [seq for seq, _, _ in moved]
    if len(before) != len(moved):
        # A rival got between the two statements: history keeps only what happened.
        gone = (_h.operation_seq == wanted.operation.seq) & ~in_numbers(_h.record_seq, seqs)
        await session.execute(delete(_history).where(gone))
    if seqs:
        await _say(session, wanted, dict(tuple(row) for row in before), moved)
    return seqs


async def _say(session: WriteSession, wanted: Move, state_before: Mapping[int, str], moved: Sequence[Any]) -> None:
    """Let everything that is counted know what was moved, and tell the layers above."""
    transition, seqs = wanted.transition, tuple(seq for seq, _, _ in moved)
    changes = Counter((database_id, state) for _, database_id, state in moved)
    changes.subtract(Counter((database_id, state_before[seq]) for seq, database_id, _ in moved))
    await counts.add(session, changes)
    if transition.changes_holders:
        await session.emit(HoldersChanged(seqs))
    if transition.changes_hand_outs:
        await session.emit(HandOutsChanged(wanted.operation.seq, seqs))
    if transition.hands_out:
        slot_of = dict(zip(wanted.seqs, wanted.slot_of or [0] * len(wanted.seqs), strict=True))
        given = Counter((slot_of[seq], database_id) for seq, database_id, _ in moved)
        parts = tuple((wanted.slots[slot].staff_id, database_id, count) for (slot, database_id), count in given.items())
        await session.emit(HandedOut(wanted.operation.at, parts))


def rank_of(instant: datetime) -> int:
    """Return the lowest `deal_rank` of a hand-out at this instant: ranks follow the time."""
    return int(instant.timestamp() * 1000) << _RANK_BITS


def _parameters(wanted: Move) -> dict[str, Any]:
    """The values of one move. One parameter carries which record goes to whom, however many there are of both."""
    if len(wanted.slots) > MAX_SLOTS:
        raise ValueError("too many receivers in one hand-out")
    numbers: Sequence[int] = wanted.seqs
    if wanted.transition.receiver is Receiver.GIVEN:
        slot_of = wanted.slot_of if wanted.slot_of is not None else [0] * len(wanted.seqs)
        numbers = [seq << _SLOT_BITS | slot for seq, slot in zip(wanted.seqs, slot_of, strict=True)]
    at = wanted.operation.at
    parameters: dict[str, Any] = {
        "p_operation": wanted.operation.seq,
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


_built: dict[tuple[str, Command, bool], tuple[Executable, Executable]] = {}


def _statements(session: WriteSession, command: Command, *, several: bool) -> tuple[Executable, Executable]:
    """Return the two statements of a command, built once: building costs more than running them for 50 records."""
    key = (session.business.reservation_scope, command, several)
    if key not in _built:
        plan = _Plan(session, TABLE[command], several=several)
        _built[key] = (plan.history(), plan.update())
    return _built[key]


class _Plan:
    """The expressions both statements share."""

    def __init__(self, session: WriteSession, transition: Transition, *, several: bool) -> None:
        self.session = session
        self.transition = transition
        # Rows instead of an array to look into: the planner then starts from the records chosen.
        self.chosen = number_rows(numbers_parameter("p_numbers"), "chosen")
        self.former: FromClause | None = None
        match transition.receiver:
            case Receiver.GIVEN:
                slot = self.chosen.c.value.bitwise_and(MAX_SLOTS - 1)
                self.staff: ColumnElement[Any] = bindparam("p_staff", type_=Text)
                self.batch: ColumnElement[Any] = bindparam("p_batch", type_=Text)
                if several:
                    self.staff = text_at(texts_parameter("p_staff"), slot)
                    self.batch = text_at(texts_parameter("p_batch"), slot)
            case Receiver.FORMER:
                self.former = _history.alias("former")
                self.staff = self.former.c.from_holder
                self.batch = self.former.c.from_batch
            case Receiver.NOBODY:
                self.staff = null() if Fields.HOLDER in transition.clears else _r.assigned_to
                self.batch = null() if Fields.HOLDER in transition.clears else _r.batch_id

    def _is_chosen(self) -> ColumnElement[bool]:
        value = self.chosen.c.value
        if self.transition.receiver is Receiver.GIVEN:
            return _r.seq == value.bitwise_rshift(literal(_SLOT_BITS, Integer))
        if self.former is not None:
            former = self.former.c
            return and_(_r.seq == value, former.operation_seq == _UNDONE, former.record_seq == value)
        return _r.seq == value

    def _conditions(self) -> list[ColumnElement[bool]]:
        return [
            self._is_chosen(),
            or_(*(_r.state == state for state in sorted(self.transition.sources))),
            *(self._guard(guard) for guard in self.transition.guards),
        ]

    def _guard(self, guard: Guard) -> ColumnElement[bool]:
        match guard:
            case Guard.NOT_TAKEN:
                return not_taken(self.session, self.staff)
            case Guard.OF_REQUEST:
                return _r.request_id == bindparam("p_request", type_=Text)
            case Guard.IS_INVALID:
                return _r.validation_status == "invalid"
            case Guard.NOT_MOVED_ON:
                return ~_moved_on()
            case Guard.UNTOUCHED:
                marked = exists().where(Contact.record_seq == _r.seq, Contact.deal_rank == _r.deal_rank)
                noted = exists().where(RecordNote.record_seq == _r.seq, RecordNote.at >= _r.assigned_at)
                return ~_moved_on() & ~marked & ~noted
            case Guard.HAS_OWNER:
                return is_reserved(self.session, _r)
            case Guard.HAS_NO_OWNER:
                return ~is_reserved(self.session, _r)

    def _target(self) -> ColumnElement[str]:
        target = self.transition.target
        if isinstance(target, RecordState):
            return literal(str(target))
        pool = case((is_reserved(self.session, _r), str(RecordState.RESERVED)), else_=str(RecordState.AVAILABLE))
        if target is Destination.POOL:
            return pool
        if target is Destination.FORMER:
            assert self.former is not None
            return self.former.c.from_state
        return case((_r.archived_at.is_not(None), str(RecordState.ARCHIVED)), else_=pool)

    def history(self) -> Executable:
        """INSERT … SELECT of what the records were and become; RETURNING what they were."""
        columns = {
            "operation_seq": _OPERATION,
            "record_seq": _r.seq,
            "from_state": _r.state,
            "to_state": self._target(),
            "from_holder": func.coalesce(_r.assigned_to, _r.held_for),
            "to_holder": self.staff,
            "from_batch": _r.batch_id,
            "to_batch": self.batch,
            "from_validation": _r.validation_status,
            "from_reason": _r.validation_reason,
            "from_assigned_at": _r.assigned_at,
            "from_deal_rank": _r.deal_rank,
        }
        rows = select(*(value.label(name) for name, value in columns.items())).where(*self._conditions())
        statement = insert(_history).from_select(list(columns), rows, include_defaults=False)
        return statement.returning(_h.record_seq, _h.from_state)

    def update(self) -> Executable:
        """The conditional UPDATE … RETURNING."""
        values: dict[str, Any] = {"state": self._target()}
        for group in self.transition.clears:
            values.update(dict.fromkeys(_CLEARED[group], null()))
        at = bindparam("p_at", type_=UtcDateTime)
        if self.transition.target is RecordState.REQUESTED:
            request, until = bindparam("p_request", type_=Text), bindparam("p_held_until", type_=UtcDateTime)
            values.update(held_for=self.staff, request_id=request, held_until=until)
        elif self.former is not None:
            former = self.former.c
            values.update(
                assigned_to=former.from_holder,
                batch_id=former.from_batch,
                validation_status=former.from_validation,
                validation_reason=former.from_reason,
                assigned_at=former.from_assigned_at,
                deal_rank=former.from_deal_rank,
            )
            if self.transition.target is Destination.FORMER:
                held = former.from_state == RecordState.REQUESTED
                values["held_for"] = case((held, former.from_holder))
                values["assigned_to"] = case((~held, former.from_holder))
        elif self.transition.receiver is Receiver.GIVEN:
            # Newest hand-out first; within one, an order that tells nothing about the file.
            rank = bindparam("p_rank", type_=BigInteger).op("+")(random_bits(_RANK_BITS))
            values.update(assigned_to=self.staff, batch_id=self.batch, assigned_at=at, deal_rank=rank)
        elif self.transition.target is RecordState.ARCHIVED:
            replacement = text_at(texts_parameter("p_replacements"), self.chosen.c.position)
            values.update(archived_at=at, replaced_by=replacement)
        return update(_record).values(values).where(*self._conditions()).returning(_r.seq, _r.database_id, _r.state)


def _moved_on() -> ColumnElement[bool]:
    """Whether something has happened to the record since the operation that is being undone."""
    # The history of this very move is written first; it does not count.
    later = _history.alias("later")
    return exists().where(
        later.c.record_seq == _r.seq, later.c.operation_seq > _UNDONE, later.c.operation_seq < _OPERATION
    )


def not_taken(session: WriteSession, staff: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition: the record may go to `staff` as far as reservations go (spec 2.1).

    A reserved record is the receiver's own when somebody owns its customer and nobody else does.
    """
    free = ~is_taken_by_other(session, _r, staff)
    return and_(free, or_(_r.state != RecordState.RESERVED, is_reserved(session, _r)))
