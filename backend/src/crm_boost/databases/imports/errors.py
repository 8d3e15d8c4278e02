"""What can be wrong with an uploaded file, as named refusals (spec 2.2)."""

from dataclasses import dataclass

EMPTY_FILE = "empty_file"
HEADER_ONLY = "header_only"
NOT_A_TABLE = "not_a_table"
ENCRYPTED = "encrypted"
NESTED_ARCHIVE = "nested_archive"
TOO_LARGE = "too_large"
INFLATES_TOO_MUCH = "inflates_too_much"
TOO_MANY_ENTRIES = "too_many_entries"
TOO_MANY_ROWS = "too_many_rows"
TOO_MANY_COLUMNS = "too_many_columns"
CELL_TOO_LONG = "cell_too_long"
UNREADABLE = "unreadable"
UNKNOWN_SHEET = "unknown_sheet"
BAD_HEADER_ROW = "bad_header_row"
BAD_MAPPING = "bad_mapping"
MISSING_USERNAME_COLUMN = "missing_username_column"
TOO_MUCH_MEMORY = "too_much_memory"
TOO_SLOW = "too_slow"
STORAGE_FAILED = "storage_failed"


@dataclass(eq=False)
class ImportRefused(Exception):
    """A file, or a choice about it, that cannot be imported.

    ``code`` is stable and meant for programs, ``message`` is for people, ``field`` is the field of the request at
    fault ("file", "sheet", "header_row", "mapping.username").
    """

    code: str
    message: str
    field: str = "file"

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @property
    def is_too_large(self) -> bool:
        """Whether the answer is 413 (the file is past a limit) and not 422 (the file is wrong)."""
        return self.code in _PAST_A_LIMIT


class ReaderDied(Exception):
    """The process that reads a file ended without a word; ``code`` is its exit code, negative for a signal."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the reading process ended with {code}")
        self.code = code


_PAST_A_LIMIT = frozenset(
    {TOO_LARGE, INFLATES_TOO_MUCH, TOO_MANY_ENTRIES, TOO_MANY_ROWS, TOO_MANY_COLUMNS, TOO_MUCH_MEMORY, TOO_SLOW}
)


def too_much_memory() -> ImportRefused:
    """The refusal for a file that cannot be read within the memory allowed."""
    message = "The file needs more memory than allowed. Split it, or save the table as CSV."
    return ImportRefused(TOO_MUCH_MEMORY, message)
