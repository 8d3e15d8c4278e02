"""The states of an export."""

from enum import StrEnum


class ExportState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """Its process died; nothing is left of the file."""
    EXPIRED = "expired"
    """The file was removed after its time."""


OPEN = (ExportState.QUEUED, ExportState.RUNNING)
