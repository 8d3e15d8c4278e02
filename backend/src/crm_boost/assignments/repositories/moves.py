"""Turns a row of the transition table into its two statements: history of what was, then the conditional update.

The records are locked before (by the draw or by `locking.py`), so both statements see the same rows; what a rival
still managed to change is dropped from both. What the update returns is what was moved, and nothing else is reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Table,
    and_,
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

from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.assignments.transitions import Destination, Fields, Guard, Receiver, Transition
from crm_boost.databases.models import Record
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import in_numbers, number_rows, random_bits, text_at
from crm_boost.db.session import WriteSession
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
    """Write the one row that says who does what, when and why."""
    context = current_context()
    operation_id, now = new_id(), utc_now()
    statement = (
        insert(_operation)
        .values(
            id=operation_id,
            kind=kind,
            module=module,
            database_id=database_id,
            at=now,
            actor_id=context.actor_id,
            actor_name=context.actor_name,
            reason=reason,
            correlation_id=context.correlation_id,
            undoes=undoes,
            detail=detail or {},
        )
        .returning(_operation.c.seq)
    )
    seq: int = (await session.execute(statement)).scalar_one()
    return Started(seq, operation_id, now)


async def move(session: WriteSession, wanted: Move) -> list[int]:
    """Move the records and write their history. Returns the seqs that were really moved."""
    if not wanted.seqs:
        return []
    plan = _Plan(session, wanted)
    written = await session.execute(plan.history())
    moved = list((await session.scalars(plan.update())).all())
    if written.rowcount != len(moved):  # type: ignore[attr-defined]
        # A rival got between the two statements: history keeps only what happened.
        gone = (_h.operation_seq == wanted.operation.seq) & ~in_numbers(_h.record_seq, moved)
        await session.execute(delete(_history).where(gone))
    return moved


class _Plan:
    """The expressions both statements share."""

    def __init__(self, session: WriteSession, wanted: Move) -> None:
        self.session = session
        self.wanted = wanted
        self.transition = wanted.transition
        self.dealt: FromClause | None = None
        self.former: FromClause | None = None
        match self.transition.receiver:
            case Receiver.GIVEN:
                self._plan_given()
            case Receiver.FORMER:
                self.former = _history.alias("former")
                self.staff: ColumnElement[Any] = self.former.c.from_holder
                self.batch: ColumnElement[Any] = self.former.c.from_batch
            case Receiver.NOBODY:
                if self.transition.target is RecordState.ARCHIVED:
                    self.dealt = number_rows(wanted.seqs, "chosen")
                self.staff = null() if Fields.HOLDER in self.transition.clears else _r.assigned_to
                self.batch = null() if Fields.HOLDER in self.transition.clears else _r.batch_id

    def _plan_given(self) -> None:
        wanted = self.wanted
        # One parameter carries which record goes to whom, however many there are of both.
        if len(wanted.slots) > MAX_SLOTS:
            raise ValueError("too many receivers in one hand-out")
        slot_of = wanted.slot_of if wanted.slot_of is not None else [0] * len(wanted.seqs)
        packed = [seq << _SLOT_BITS | slot for seq, slot in zip(wanted.seqs, slot_of, strict=True)]
        self.dealt = number_rows(packed, "dealt")
        slot = self.dealt.c.value.bitwise_and(MAX_SLOTS - 1)
        if len(wanted.slots) == 1:
            (only,) = wanted.slots
            self.staff, self.batch = literal(only.staff_id), literal(only.batch_id)
        else:
            self.staff = text_at([s.staff_id for s in wanted.slots], slot)
            self.batch = text_at([s.batch_id for s in wanted.slots], slot)

    def _chosen(self) -> ColumnElement[bool]:
        if self.dealt is not None:
            packed = self.transition.receiver is Receiver.GIVEN
            return _r.seq == (
                self.dealt.c.value.bitwise_rshift(literal(_SLOT_BITS, Integer)) if packed else self.dealt.c.value
            )
        chosen = in_numbers(_r.seq, list(self.wanted.seqs))
        if self.former is not None:
            return and_(chosen, self.former.c.operation_seq == self.wanted.undone, self.former.c.record_seq == _r.seq)
        return chosen

    def _conditions(self) -> list[ColumnElement[bool]]:
        return [
            self._chosen(),
            _r.state.in_(sorted(self.transition.sources)),
            *(self._guard(guard) for guard in self.transition.guards),
        ]

    def _guard(self, guard: Guard) -> ColumnElement[bool]:
        match guard:
            case Guard.NOT_TAKEN:
                return not_taken(self.session, self.staff)
            case Guard.OF_REQUEST:
                return _r.request_id == self.wanted.request_id
            case Guard.IS_INVALID:
                return _r.validation_status == "invalid"
            case Guard.UNTOUCHED:
                # The history of this very move is written first; it does not count.
                later = _history.alias("later")
                return ~exists().where(
                    later.c.record_seq == _r.seq,
                    later.c.operation_seq > self.wanted.undone,
                    later.c.operation_seq < self.wanted.operation.seq,
                )
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
        return case((_r.archived_at.is_not(None), str(RecordState.ARCHIVED)), else_=pool)

    def history(self) -> Any:
        """INSERT … SELECT of what the records were and become."""
        columns = {
            "operation_seq": literal(self.wanted.operation.seq),
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
        return insert(_history).from_select(list(columns), rows, include_defaults=False)

    def update(self) -> Any:
        """The conditional UPDATE … RETURNING."""
        values: dict[str, Any] = {"state": self._target()}
        for group in self.transition.clears:
            values.update(dict.fromkeys(_CLEARED[group]))
        at = self.wanted.operation.at
        if self.transition.target is RecordState.REQUESTED:
            values.update(held_for=self.staff, request_id=self.wanted.request_id, held_until=self.wanted.held_until)
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
        elif self.transition.receiver is Receiver.GIVEN:
            # Newest hand-out first; within one, an order that tells nothing about the file.
            rank = literal(int(at.timestamp() * 1000) << _RANK_BITS).op("+")(random_bits(_RANK_BITS))
            values.update(assigned_to=self.staff, batch_id=self.batch, assigned_at=at, deal_rank=rank)
        elif self.transition.target is RecordState.ARCHIVED:
            values.update(archived_at=at, replaced_by=self._replacement())
        return update(_record).values(values).where(*self._conditions()).returning(_r.seq)

    def _replacement(self) -> ColumnElement[Any]:
        if not self.wanted.replacements or self.dealt is None:
            return null()
        return text_at(self.wanted.replacements, self.dealt.c.position)


def not_taken(session: WriteSession, staff: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition: the record may go to `staff` as far as reservations go (spec 2.1).

    A reserved record is the receiver's own when somebody owns its customer and nobody else does.
    """
    free = ~is_taken_by_other(session, _r, staff)
    return and_(free, or_(_r.state != RecordState.RESERVED, is_reserved(session, _r)))
