"""What every format gives to the staging step: rows of texts in chunks, and what is known about the sheet."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.errors import ImportRefused

Row = list[str]
# First and last row, first and last column; rows count from 0 at the top of the sheet, columns from the first used one.
MergedRange = tuple[int, int, int, int]
CHUNK_ROWS = 2000


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One sheet of a workbook; ``rows`` counts all its used rows, the header too."""

    name: str
    rows: int
    hidden: bool = False


class UnusualSheet(Exception):
    """A sheet written in a way that the fast reader does not know; the general one reads it."""


def choose_sheet(hidden: dict[str, bool], wanted: str | None, count: Callable[[str], int]) -> str:
    """Return the wanted sheet, or the first visible one that has a table, of ``{name: hidden}``."""
    if wanted is not None:
        if wanted not in hidden:
            raise ImportRefused(errors.UNKNOWN_SHEET, f"The workbook has no sheet named {wanted[:100]}.", "sheet")
        return wanted
    visible = [name for name, is_hidden in hidden.items() if not is_hidden] or list(hidden)
    if not visible:
        raise ImportRefused(errors.EMPTY_FILE, "The workbook has no sheet with a table.")
    if len(visible) == 1:
        return visible[0]
    best = next((name for name in visible if count(name) > 1), None)
    return best or next((name for name in visible if count(name)), visible[0])


class RowSource(ABC):
    """One table of a file. ``sheets`` is complete once the rows have been read."""

    sheet: str | None = None
    total_rows: int | None = None
    # Whether every row has as many cells as the widest one, as in a workbook, so that width says nothing.
    rectangular: bool = True
    # Whether reading rows takes much longer than handing them over from one process to another.
    costly: bool = True

    @property
    def merged(self) -> Sequence[MergedRange]:
        """The merged areas, as far as the rows have been read."""
        return ()

    @property
    @abstractmethod
    def sheets(self) -> list[SheetInfo]:
        """The sheets of the workbook; empty for a text file."""

    @abstractmethod
    def chunks(self) -> Iterator[list[Row]]:
        """Yield the rows from the top of the sheet, blank ones too, at most CHUNK_ROWS at once."""

    @abstractmethod
    def close(self) -> None:
        """Release the file."""
