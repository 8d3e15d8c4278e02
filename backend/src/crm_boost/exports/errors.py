"""Refusals of exports."""

from crm_boost.kit.errors import Conflict, Forbidden, NotFound


class UnknownKind(NotFound):
    code = "unknown_export_kind"
    title = "No such export"


class UnknownExport(NotFound):
    code = "export_not_found"
    title = "No such export"


class WrongExportState(Conflict):
    code = "wrong_export_state"
    title = "Not in this state"


class TooManyExports(Conflict):
    code = "too_many_exports"
    title = "Too many exports at once"


class BadLink(Forbidden):
    code = "bad_export_link"
    title = "This link is not valid"
