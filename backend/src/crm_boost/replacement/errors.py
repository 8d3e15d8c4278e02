"""Named refusals of this module."""

from crm_boost.kit.errors import Conflict, NotFound


class NoInvalidRecords(NotFound):
    """This person has no rejected records in this module."""

    code = "no_invalid_records"
    title = "There are no rejected records"


class NotInvalid(Conflict):
    """None of the records named is assigned and rejected now."""

    code = "stale_transition"
    title = "The records have moved on"


class UnknownStaff(NotFound):
    code = "unknown_staff"
    title = "There is no such user"


class UnknownArchived(NotFound):
    """No record named is in the archive of a module open to the caller."""

    code = "unknown_records"
    title = "There are no such records"
