"""What every reader of documents is given: where rows go, who is who, and the settings that decide what values mean."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm_boost.migrate_mongo.directory import Directory
from crm_boost.migrate_mongo.report import Noted, Report, Tally
from crm_boost.migrate_mongo.sources import Document
from crm_boost.migrate_mongo.staging import Staging
from crm_boost.migrate_mongo.values import ident


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
