"""Named refusals of this module."""

from crm_boost.kit.errors import Conflict, InvalidInput, NotFound


class UnknownRepair(NotFound):
    code = "unknown_repair"
    title = "There is no such repair"


class RepairUndone(Conflict):
    code = "repair_undone"
    title = "This repair was undone already"


class NotRepairable(InvalidInput):
    """There is no check of that name, or what it finds is for a person to decide."""

    code = "not_repairable"
    title = "This cannot be repaired automatically"
