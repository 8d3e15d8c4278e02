"""Named refusals of this module."""

from crm_boost.kit.errors import Conflict, InvalidInput, NotFound


class UnknownContacts(NotFound):
    """Records that do not exist, that nobody holds, or that somebody else holds: the caller is not told which."""

    code = "unknown_records"
    title = "There are no such records"


class EditedMeanwhile(Conflict):
    """Somebody changed the same field after the version named. Carries both values; nothing was changed."""

    code = "edited_meanwhile"
    title = "Somebody else changed this meanwhile"


class AlreadyArchived(Conflict):
    """The record was archived after it was judged invalid; its verdict stands."""

    code = "stale_transition"
    title = "The records have moved on"


class TakenByReservation(Conflict):
    """The customers of these records are reserved for somebody else: they cannot be marked further (spec 3.2)."""

    code = "taken_by_reservation"
    title = "Taken by a reservation"


class UnknownReason(InvalidInput):
    """A verdict of invalid needs one of the reason codes in use."""

    code = "unknown_reason"
    title = "This reason is not one of ours"
