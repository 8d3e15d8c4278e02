"""Named refusals of this module (spec 1.5, 4.2)."""

from crm_boost.kit.errors import Conflict, Forbidden, NotFound, Problem

_MOVED_ON = "The deposit has moved on"


class UnknownDeposit(NotFound):
    code = "unknown_deposit"
    title = "There is no such deposit"


class AlreadyReviewed(Problem):
    """A kept review address: the deposit is no longer pending (spec 7)."""

    code = "stale_transition"
    title = _MOVED_ON


class DepositMovedOn(Conflict):
    code = "stale_transition"
    title = _MOVED_ON


class PeriodClosed(Conflict):
    """What counts in a closed period does not change any more (spec 4.2)."""

    code = "period_closed"
    title = "The books of this period are closed"


class ForAdminsOnly(Forbidden):
    """The owner of a deposit may correct it, but not move it to another product, day or person."""

    code = "for_admins_only"
    title = "Only an admin may change this"


class ImportTouched(Conflict):
    """What a file has booked is taken back as a whole or not at all (spec 2.2)."""

    code = "import_touched"
    title = "Cannot be undone any more"


def unknown(deposit_id: str) -> UnknownDeposit:
    """Build the refusal for a deposit that does not exist, or is none of the caller's business."""
    return UnknownDeposit("There is no such deposit.", id=deposit_id)


def moved_on(deposit_id: str, state: str, *, reviewed: bool = False) -> Problem:
    """Build the refusal for a deposit that is not what the command starts from. `state`: its status, or `trash`."""
    kind = AlreadyReviewed if reviewed else DepositMovedOn
    where = "in the trash" if state == "trash" else state
    return kind(f"This deposit is {where}.", id=deposit_id, state=state)


def changed_meanwhile(deposit_id: str, version: int) -> Problem:
    """Build the refusal for an edit of something that somebody else has changed since it was read."""
    message = "Somebody else has changed this deposit meanwhile. Read it again."
    return DepositMovedOn(message, id=deposit_id, state="changed", version=version)
