"""The statements of each command, from its row of the transition table: history of what was, and the conditional update.

PostgreSQL does both by one statement, which tells what it moved (ADR 72)."""

from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    FromClause,
    Table,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from crm_boost.assignments.models import RecordHistory
from crm_boost.assignments.repositories.slots import seq_of, slot_of
from crm_boost.assignments.transitions import TABLE, Command, Destination, Fields, Guard, Receiver, Transition
from crm_boost.contacts.models import Contact, RecordNote
from crm_boost.databases.models import Record
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import number_at, number_rows, numbers_parameter, random_bits, text_at, texts_parameter
from crm_boost.db.session import WriteSession
from crm_boost.db.types import UtcDateTime
from crm_boost.reservations.matching import is_reserved, is_taken_by_other

_record = cast(Table, Record.__table__)
_history = cast(Table, RecordHistory.__table__)
_r = _record.c
_h = _history.c

RANK_BITS = 20
_OPERATION = bindparam("p_operation", type_=BigInteger)
_UNDONE = bindparam("p_undone", type_=BigInteger)

_CLEARED: dict[Fields, tuple[str, ...]] = {
    Fields.HOLD: ("request_id", "held_for", "held_until"),
    Fields.HOLDER: ("assigned_to", "assigned_at", "batch_id", "deal_rank"),
    Fields.VALIDATION: ("validation_status", "validation_reason"),
    Fields.ARCHIVE: ("archived_at", "replaced_by"),
}


_POOL = (RecordState.AVAILABLE, RecordState.RESERVED)


class Statements(NamedTuple):
    """How a command moves records."""

    history: Executable
    """INSERT of what the records were and become; returns the key of each and the state it was in."""
    change: Executable
    """The conditional UPDATE; returns key, database and new state of what it moved."""
    both: Executable
    """The two as one (PostgreSQL only): see `_both`."""


_built: dict[tuple[str, Command, bool, bool], Statements] = {}


def statements_of(session: WriteSession, command: Command, *, several: bool, operations: bool) -> Statements:
    """Return the statements of a command, built once: building costs more than running them for 50 records.

    `several`: there is more than one receiver; `operations`: each of them has an operation of its own.
    """
    key = (session.business.reservation_scope, command, several, operations)
    if key not in _built:
        plan = _Plan(session, TABLE[command], several=several, operations=operations)
        history, change = plan.history(), plan.update()
        _built[key] = Statements(history, change, _both(history, change))
    return _built[key]


class _Plan:
    """The expressions both statements share."""

    def __init__(self, session: WriteSession, transition: Transition, *, several: bool, operations: bool) -> None:
        self.session = session
        self.transition = transition
        # Rows instead of an array to look into: the planner then starts from the records chosen.
        self.chosen = number_rows(numbers_parameter("p_numbers"), "chosen")
        self.former: FromClause | None = None
        self.operation: ColumnElement[int] = _OPERATION
        if operations:
            self.operation = number_at(numbers_parameter("p_operation"), slot_of(self.chosen.c.value))
        match transition.receiver:
            case Receiver.GIVEN:
                slot = slot_of(self.chosen.c.value)
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
            return _r.seq == seq_of(value)
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

    def _came_back(self) -> ColumnElement[Any]:
        """True for what is in the pool after this."""
        target = self.transition.target
        if target is Destination.POOL or target in _POOL:
            return true()
        return null() if isinstance(target, RecordState) else case((self._target().in_(_POOL), true()))

    def history(self) -> ReturningInsert[int, str]:
        """INSERT … SELECT of what the records were and become; RETURNING what they were."""
        columns = {
            "operation_seq": self.operation,
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

    def update(self) -> ReturningUpdate[int, str, str]:
        """The conditional UPDATE … RETURNING."""
        values: dict[str, Any] = {"state": self._target(), "came_back": self._came_back()}
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
            rank = bindparam("p_rank", type_=BigInteger).op("+")(random_bits(RANK_BITS))
            values.update(assigned_to=self.staff, batch_id=self.batch, assigned_at=at, deal_rank=rank)
        elif self.transition.target is RecordState.ARCHIVED:
            replacement = text_at(texts_parameter("p_replacements"), self.chosen.c.position)
            values.update(archived_at=at, replaced_by=replacement)
        return update(_record).values(values).where(*self._conditions()).returning(_r.seq, _r.database_id, _r.state)


def _both(history: ReturningInsert[int, str], change: ReturningUpdate[int, str, str]) -> Executable:
    """History and update as one statement, for PostgreSQL: both see the records as they were.

    Returns a row for each state that records with history were in (no database, the state, their keys), and one for those
    of a database that were moved into the same state (database, state, keys). The two are not joined here: nothing tells
    the planner how many there are, and thousands of times thousands would be compared.
    """
    before, moved = history.cte("before"), change.cte("moved")
    were = select(null(), before.c.from_state, func.array_agg(before.c.record_seq)).group_by(before.c.from_state)
    now = (moved.c.database_id, moved.c.state)
    are = select(*now, func.array_agg(moved.c.seq)).group_by(*now)
    return union_all(were, are)


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
