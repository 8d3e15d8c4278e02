"""What every reader of documents is given: where rows go, who is who, and the settings that decide what values mean."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from crm_boost.migrate_mongo.directory import Directory
from crm_boost.migrate_mongo.report import Noted, Report, Tally
from crm_boost.migrate_mongo.sources import Document
from crm_boost.migrate_mongo.staging import Staging
from crm_boost.migrate_mongo.values import Unreadable, day, first, ident, instant, whole

Found = TypeVar("Found")
_MOST = 1_000_000_000


@dataclass(slots=True)
class Desk:
    """One reading. `began_at` stands where a time is needed that no document gives."""

    staging: Staging
    directory: Directory
    report: Report
    began_at: datetime
    zone: ZoneInfo
    country: str
    scale: int
    """Minor units in one unit of the currency."""
    by_product: bool
    """Whether a reservation holds for its product only."""

    def tally(self, collection: str) -> Tally:
        """Return the count of a collection."""
        return self.report.collections.setdefault(collection, Tally())

    def reject(self, collection: str, document: Document, reason: str) -> None:
        """Keep a document apart that cannot be stored, with the reason."""
        id_ = id_of(document) or "?"
        self.tally(collection).rejected += 1
        self.report.rejected.setdefault(f"{collection}: {reason}", Noted()).add(id_)
        self.staging.reject(collection, id_, reason, document)

    def at(self, document: Document, *names: str) -> datetime | None:
        """Return the instant in the first of these fields that is there. Of a time that is none, nothing is made: the
        document matters more."""
        return self._lenient(document, lambda: instant(first(document, *names), names[0], self.zone))

    def day(self, document: Document, name: str) -> date | None:
        """Return the business date in a field; nothing where it is none."""
        return self._lenient(document, lambda: day(document.get(name), name, self.zone))

    def count(self, document: Document, name: str) -> int | None:
        """Return the whole number in a field; nothing where it is none, or no number of anything."""
        found = self._lenient(document, lambda: whole(document.get(name), name))
        return found if found is None or 0 <= found <= _MOST else None

    def gone(self, document: Document) -> datetime | None:
        """Return when something was removed: what says so in any way, is."""
        return self.at(document, "deleted_at") or (self.began_at if first(document, "deleted_at") else None)

    def _lenient(self, document: Document, read: Callable[[], Found | None]) -> Found | None:
        try:
            return read()
        except Unreadable:
            self.report.note("field_left_out", id_of(document) or "?")
            return None

    def is_new(self, kind: str, collection: str, id_: str) -> bool:
        """Whether this is the first of its kind with this id; another one is counted as merged into it."""
        if self.staging.is_new(kind, id_):
            self.tally(collection).stored += 1
            return True
        self.tally(collection).merged += 1
        self.report.note("same_id_twice", id_)
        return False

    def claim_of(self, product_id: str, customer_key: str) -> tuple[str, str]:
        """Return under what a reservation of a customer is found."""
        return (product_id if self.by_product else "", customer_key)


def id_of(document: Document) -> str | None:
    """Return the id that clients know, or else the one of the database."""
    return ident(document.get("id")) or ident(document.get("_id"))


def other_id(document: Document) -> str | None:
    """Return the id of the database, by which other documents may refer to this one."""
    return ident(document.get("_id"))


Row = dict[str, Any]
