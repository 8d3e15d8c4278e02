"""Named refusals of this module."""

from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.kit.errors import Conflict, FieldError, InvalidInput, Problem, TooLarge


class WrongImportState(Conflict):
    """The import has moved on; the answer says where it is now."""

    code = "wrong_import_state"
    title = "The import has moved on"


class UndoNotPossible(Conflict):
    code = "undo_not_possible"
    title = "Cannot be undone any more"


class FileRefused(InvalidInput):
    code = "file_refused"
    title = "The file cannot be imported"


class FileTooLarge(TooLarge):
    code = "file_too_large"


def problem_of(refused: ImportRefused) -> Problem:
    """Translate a parser's refusal: 413 for what is past a limit, 422 for what is wrong."""
    kind = FileTooLarge if refused.is_too_large else FileRefused
    return kind(refused.message, errors=[FieldError(refused.field, refused.message, kind.code)], reason=refused.code)
