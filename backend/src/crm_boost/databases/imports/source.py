"""What every format gives to the staging step: rows of texts in chunks, and what is known about the sheet."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

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


class RowSource(ABC):
    """One table of a file. ``sheets`` is complete once the rows have been read."""

    sheet: str | None = None
    total_rows: int | None = None
    merged: tuple[MergedRange, ...] = ()
    # Whether every row has as many cells as the widest one, as in a workbook, so that width says nothing.
    rectangular: bool = True

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
