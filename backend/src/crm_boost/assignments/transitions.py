"""The one table of record transitions (spec 2.1): from, to, command, guard, what else changes.

Pure data. `repositories/move_statements.py` turns a row of it into statements; nothing else changes the state of a record.
"""

from dataclasses import dataclass
from enum import StrEnum

from crm_boost.databases.states import RecordState


class Command(StrEnum):
    """What moves a record. The value is the `kind` of the operation that history shows."""

    HOLD = "hold"
    RELEASE = "release"
    ASSIGN = "assign"
    ASSIGN_HELD = "assign_held"
    HAND_OVER = "hand_over"
    RECALL = "recall"
    UNDO_ASSIGN = "undo_assign"
    UNDO_HAND_OVER = "undo_hand_over"
    UNDO_RECALL = "undo_recall"
    ARCHIVE = "archive"
    UNDO_ARCHIVE = "undo_archive"
    RESTORE_ARCHIVED = "restore_archived"
    RESERVE = "reserve"
    UNRESERVE = "unreserve"
    PUT_BACK = "put_back"
    TRASH = "trash"
    RESTORE = "restore"


class Destination(StrEnum):
    """Targets that depend on the record at the moment of the move."""

    POOL = "pool"
    """`reserved` when an active reservation matches the customer, else `available`."""
    FORMER = "former"
    """What the record was before the operation that is being undone."""
    WHENCE_TRASHED = "whence_trashed"
    """`invalid_archived` when the record was archived before it was trashed, else the pool."""


class Guard(StrEnum):
    """What must hold, beside the state, when the row is written. Each is one condition of the writing statement."""

    NOT_TAKEN = "not_taken"
    """The customer is not reserved for anybody but the receiver; a reserved record is the receiver's."""
    OF_REQUEST = "of_request"
    """Held for the request named."""
    IS_INVALID = "is_invalid"
    UNTOUCHED = "untouched"
    """Nothing has happened to the record since the operation that is being undone, and nobody has marked it or noted on it."""
    NOT_MOVED_ON = "not_moved_on"
    """Nothing has happened to the record since the operation that is being undone."""
    HAS_OWNER = "has_owner"
    HAS_NO_OWNER = "has_no_owner"


class Fields(StrEnum):
    """Groups of columns that are cleared together."""

    HOLD = "hold"
    HOLDER = "holder"
    VALIDATION = "validation"
    ARCHIVE = "archive"


class Receiver(StrEnum):
    """Where the values of the new holder come from."""

    NOBODY = "nobody"
    GIVEN = "given"
    """The staff (and batch) of the hand-out."""
    FORMER = "former"
    """Whoever had the record before the operation that is being undone."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. `sources` are the states it may start from; any other is a stale transition (409)."""

    command: Command
    sources: frozenset[RecordState]
    target: RecordState | Destination
    guards: tuple[Guard, ...] = ()
    clears: tuple[Fields, ...] = ()
    receiver: Receiver = Receiver.NOBODY

    def allows(self, state: RecordState) -> bool:
        """Whether a record in `state` may take this transition."""
        return state in self.sources

    @property
    def changes_holders(self) -> bool:
        """Whether work that was done on a record is somebody's no longer, or again."""
        return RecordState.ASSIGNED in self.sources or self.receiver is Receiver.FORMER

    @property
    def hands_out(self) -> bool:
        """Whether records that nobody had get a holder: a hand-out that begins, and none that ends."""
        is_given = self.receiver is Receiver.GIVEN and self.target is RecordState.ASSIGNED
        return is_given and RecordState.ASSIGNED not in self.sources

    @property
    def changes_hand_outs(self) -> bool:
        """Whether a record may have another hand-out afterwards than before, or none, other than by one that begins."""
        if Fields.HOLDER in self.clears or self.receiver is Receiver.FORMER:
            return True
        return self.receiver is Receiver.GIVEN and self.target is RecordState.ASSIGNED and not self.hands_out


def _from(*states: RecordState) -> frozenset[RecordState]:
    return frozenset(states)


_S = RecordState
_EVERYTHING_OF_A_HOLDER = (Fields.HOLDER, Fields.VALIDATION)

_ROWS = (
    Transition(Command.HOLD, _from(_S.AVAILABLE, _S.RESERVED), _S.REQUESTED, (Guard.NOT_TAKEN,), (), Receiver.GIVEN),
    Transition(Command.RELEASE, _from(_S.REQUESTED), Destination.POOL, (), (Fields.HOLD,)),
    Transition(Command.ASSIGN, _from(_S.AVAILABLE, _S.RESERVED), _S.ASSIGNED, (Guard.NOT_TAKEN,), (), Receiver.GIVEN),
    Transition(
        Command.ASSIGN_HELD,
        _from(_S.REQUESTED),
        _S.ASSIGNED,
        (Guard.OF_REQUEST, Guard.NOT_TAKEN),
        (Fields.HOLD,),
        Receiver.GIVEN,
    ),
    Transition(
        # From one staff to another: the record stays assigned, its holder changes, and the work on it starts afresh.
        Command.HAND_OVER,
        _from(_S.ASSIGNED),
        _S.ASSIGNED,
        (Guard.NOT_TAKEN,),
        (Fields.VALIDATION,),
        Receiver.GIVEN,
    ),
    Transition(Command.RECALL, _from(_S.ASSIGNED), Destination.POOL, (), _EVERYTHING_OF_A_HOLDER),
    Transition(Command.UNDO_ASSIGN, _from(_S.ASSIGNED), Destination.POOL, (Guard.UNTOUCHED,), _EVERYTHING_OF_A_HOLDER),
    Transition(
        Command.UNDO_HAND_OVER,
        _from(_S.ASSIGNED),
        _S.ASSIGNED,
        (Guard.UNTOUCHED, Guard.NOT_TAKEN),
        (),
        Receiver.FORMER,
    ),
    Transition(
        Command.UNDO_RECALL,
        _from(_S.AVAILABLE, _S.RESERVED),
        _S.ASSIGNED,
        (Guard.UNTOUCHED, Guard.NOT_TAKEN),
        (),
        Receiver.FORMER,
    ),
    Transition(Command.ARCHIVE, _from(_S.ASSIGNED), _S.ARCHIVED, (Guard.IS_INVALID,)),
    Transition(
        # With the verdict it was archived for: what is archived cannot be marked, so moving on is all that counts.
        Command.UNDO_ARCHIVE,
        _from(_S.ARCHIVED),
        _S.ASSIGNED,
        (Guard.NOT_MOVED_ON, Guard.NOT_TAKEN),
        (Fields.ARCHIVE,),
        Receiver.FORMER,
    ),
    Transition(
        Command.RESTORE_ARCHIVED,
        _from(_S.ARCHIVED),
        Destination.POOL,
        (),
        (*_EVERYTHING_OF_A_HOLDER, Fields.ARCHIVE),
    ),
    Transition(Command.RESERVE, _from(_S.AVAILABLE), _S.RESERVED, (Guard.HAS_OWNER,)),
    Transition(Command.UNRESERVE, _from(_S.RESERVED), _S.AVAILABLE, (Guard.HAS_NO_OWNER,)),
    Transition(
        # Exactly as it was, whoever owns the customer now: undoes a repair, or how a conflict was settled.
        Command.PUT_BACK,
        _from(_S.AVAILABLE, _S.RESERVED, _S.ASSIGNED),
        Destination.FORMER,
        (Guard.UNTOUCHED,),
        (),
        Receiver.FORMER,
    ),
    Transition(
        Command.TRASH, _from(_S.AVAILABLE, _S.RESERVED, _S.REQUESTED, _S.ARCHIVED), _S.TRASHED, (), (Fields.HOLD,)
    ),
    Transition(Command.RESTORE, _from(_S.TRASHED), Destination.WHENCE_TRASHED),
)

TABLE: dict[Command, Transition] = {row.command: row for row in _ROWS}
"""Every allowed move. A command that is not here does not exist."""
