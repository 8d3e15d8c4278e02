"""Where a page of records begins: what the cursors of these lists say."""

from dataclasses import dataclass
from typing import Any

from crm_boost.databases.models import CustomerDatabase
from crm_boost.databases.states import RecordState
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.paging import decode_cursor
from crm_boost.pools.search import search_term

CONFLICT = "conflict"
_MOST_ROWS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What of a database's records is asked for."""

    status: str | None = None
    """A `RecordStatus`."""
    validation: str | None = None
    """The verdict; `none`: without one."""
    assigned_to: str | None = None
    q: str | None = None
    descending: bool = False

    @property
    def is_conflict(self) -> bool:
        return self.status == CONFLICT

    @property
    def state(self) -> RecordState | None:
        """The state of the records asked for, where there is only one."""
        if self.status is None:
            return None
        return RecordState.ASSIGNED if self.is_conflict else RecordState(self.status)

    @property
    def is_search(self) -> bool:
        return search_term(self.q) is not None

    @property
    def is_unfiltered(self) -> bool:
        """Whether a record's state and verdict and who has it do not matter, but for the trash."""
        return (self.status, self.validation, self.assigned_to) == (None, None, None)

    @property
    def takes_all(self) -> bool:
        """Whether every record is asked for that is not in the trash."""
        return self.is_unfiltered and not self.is_search


@dataclass(frozen=True, slots=True)
class Place:
    """The last record of a page: by its row of the file, or by its key."""

    number: int
    is_row: bool = False


def place_of(database: CustomerDatabase, wanted: RecordFilter, cursor: str | None) -> Place | None:
    """Return the place that a cursor of this list names. Raises `InvalidInput` for one of another list.

    A list of a shuffled database says in its cursor which order it goes on in, whatever the list is like by then: the row
    after which it does, or 0 (ADR 64).
    """
    if not cursor:
        return None
    row = 0
    if database.is_shuffled:
        key, row = decode_cursor(cursor, kinds=(int, int))
    else:
        (key,) = decode_cursor(cursor, kinds=(int,))
    is_row = 0 < row <= _MOST_ROWS and key == database.first_seq and not wanted.is_search
    is_key = row == 0 and database.first_seq <= key <= database.last_seq
    if not is_row and (not is_key or (database.is_shuffled and wanted.takes_all)):
        raise InvalidInput.of("cursor", "This cursor belongs to another list.", "foreign_cursor")
    return Place(row, is_row=True) if is_row else Place(key)


def cursor_keys(database: CustomerDatabase, row: Any, *, is_row: bool) -> tuple[int, ...]:
    """Return what the cursor says that goes on after this record."""
    if not database.is_shuffled:
        return (row.seq,)
    # The first key tells whose row it is.
    return (database.first_seq, row.row_number) if is_row else (row.seq, 0)
