"""Named refusals of this module (spec 1.5, 1.6, 2.1)."""

from typing import Any

from crm_boost.kit.errors import Conflict, FieldError, InvalidInput, NotFound, Problem


class UnknownModule(NotFound):
    code = "unknown_module"
    title = "There is no such module"


class UnknownDatabase(NotFound):
    code = "unknown_database"
    title = "There is no such database"


class UnknownRecords(NotFound):
    code = "unknown_records"
    title = "There are no such records"


class UnknownStaff(NotFound):
    code = "unknown_staff"
    title = "There is no such user"


class NotAReceiver(InvalidInput):
    """Records go only to active users of role staff."""

    code = "not_a_receiver"
    title = "This user cannot receive records"


class ForeignBatch(InvalidInput):
    """A batch may be extended only for its own staff, database and module."""

    code = "foreign_batch"
    title = "This batch cannot take these records"


class DatabaseNotReady(Conflict):
    code = "database_not_ready"
    title = "The database cannot be dealt from"


class NoRoom(Conflict):
    """The receivers' capacity is used up. Carries the room of each."""

    code = "no_room"
    title = "Not enough capacity"


class NotEnoughEligible(Conflict):
    """Fewer eligible records than asked for; carries `eligible_count`. Nothing was changed."""

    code = "not_enough_eligible"
    title = "Not enough eligible records"


class NothingMoved(Conflict):
    """No record named is in a state the command starts from; carries the states they are in."""

    code = "stale_transition"
    title = "The records have moved on"


class AssignedNeedForce(Conflict):
    """Trashing what somebody holds needs an explicit `force`."""

    code = "assigned_need_force"
    title = "Some records are assigned"


class AlreadyUndone(Conflict):
    code = "already_undone"
    title = "Already undone"


class CannotUndo(Conflict):
    code = "cannot_undo"
    title = "This cannot be undone"


class AsBadRequest(Problem):
    """A refusal that a kept endpoint answers with 400 (spec 7), otherwise unchanged."""

    status = 400

    def __init__(self, original: Problem) -> None:
        super().__init__(original.detail, errors=original.errors, **original.extras)
        self.code, self.title = original.code, original.title  # type: ignore[misc]


def stale(command: str, states: dict[str, int], **extras: Any) -> NothingMoved:
    """Build the refusal for records whose states do not allow `command`."""
    found = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    message = f"None of these records can take {str(command)!r} now: {found or 'none found'}."
    return NothingMoved(message, errors=[FieldError("record_ids", message)], states=states, **extras)
