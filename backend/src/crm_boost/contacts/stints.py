"""One contact while it is being changed: what it was, what is wanted, what becomes of it. No session, no clock.

Changes of different fields merge. A field that was changed after the version the caller saw, to something else than
the caller wants, is a conflict: the caller gets both values and decides.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from crm_boost.contacts.verdicts import COLUMNS, Field

_NEW: dict[str, Any] = {
    "version": 0,
    "wa_status": None,
    "wa_at": None,
    "wa_version": 0,
    "first_wa_at": None,
    "respond_status": None,
    "respond_at": None,
    "respond_version": 0,
    "first_respond_at": None,
    "verdict_note": None,
    "verdict_at": None,
    "verdict_version": 0,
    "first_verdict_at": None,
}


class Outcome(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    CONFLICT = "conflict"


@dataclass(slots=True)
class Stint:
    """A locked record and its contact. `loaded` are the versions as they were before this call."""

    record: Any
    contact: dict[str, Any]
    loaded: dict[Field, int] = field(default_factory=dict)
    is_changed: bool = False

    @classmethod
    def of(cls, record: Any, contact: dict[str, Any] | None) -> "Stint":
        """Pair a record with its contact, or with a new one that has no marks yet."""
        if contact is None:
            contact = {
                "record_seq": record.seq,
                "deal_rank": record.deal_rank,
                "staff_id": record.assigned_to,
                "assigned_at": record.assigned_at,
                **_NEW,
            }
        return cls(record, contact, {f: contact[COLUMNS[f].version] for f in Field})

    @property
    def version(self) -> int:
        return int(self.contact["version"])

    def clashes(self, changed: Field, seen: int | None) -> bool:
        """Whether `changed` was changed by somebody after the version that the caller saw.

        A version that this contact never had is of an earlier hand-out: the caller has seen nothing of this one.
        """
        if seen is None:
            return False
        return self.loaded[changed] > (seen if seen <= self.loaded_version else 0)

    @property
    def loaded_version(self) -> int:
        return max(self.loaded.values())

    def value(self, of: Field) -> str | None:
        """Return a mark as it is now."""
        column = COLUMNS[of].value
        found: str | None = self.contact[column] if column is not None else self.record.validation_status
        return found

    def mark(self, what: Field, wanted: str | None, seen: int | None, now: datetime) -> Outcome:
        """Set a mark. The same value again changes nothing, not even the version."""
        if self.value(what) == wanted:
            return Outcome.SAME
        if self.clashes(what, seen):
            return Outcome.CONFLICT
        self.touch(what, now, is_set=wanted is not None)
        self.contact[COLUMNS[what].value or ""] = wanted
        return Outcome.CHANGED

    def touch(self, what: Field, now: datetime, *, is_set: bool) -> None:
        """Give a field a new version and its time; the first time it is set is kept for ever."""
        columns = COLUMNS[what]
        self.contact["version"] += 1
        self.contact[columns.version] = self.contact["version"]
        self.contact[columns.at] = now if is_set else None
        if is_set and self.contact[columns.first] is None:
            self.contact[columns.first] = now
        self.is_changed = True
