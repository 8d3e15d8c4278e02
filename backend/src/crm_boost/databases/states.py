"""The states of a record (spec 2.1) and of a database."""

from enum import StrEnum
from typing import Literal


class RecordState(StrEnum):
    """Where a record is in its life. Codes are stored and answered as they are."""

    AVAILABLE = "available"
    REQUESTED = "requested"
    ASSIGNED = "assigned"
    ARCHIVED = "invalid_archived"
    RESERVED = "reserved"
    TRASHED = "trashed"


RecordStatus = Literal["available", "requested", "assigned", "invalid_archived", "reserved", "trashed", "conflict"]
"""What a list of records may be narrowed to: a state, or `conflict`: assigned, and reserved by somebody else."""

COUNTED_STATES = tuple(state for state in RecordState if state is not RecordState.TRASHED)
"""total = available + requested + assigned + archived + reserved, always (spec 2.6)."""


class DatabaseState(StrEnum):
    """Only `ready` databases are visible. `importing` ones become so in one step when complete; `discarded` ones
    (undone, cancelled, interrupted) wait for their records to be removed."""

    IMPORTING = "importing"
    READY = "ready"
    DISCARDED = "discarded"
