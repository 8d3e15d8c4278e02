"""The quality of a database: what its dealt records turned out to be, in all and by staff (spec 6.1)."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from crm_boost.db.session import ReadSession
from crm_boost.pools.quality_repository import COUNTS, quality_rows


async def quality_of(session: ReadSession, database_id: str) -> dict[str, Any]:
    """Return the counts of a database and of each person who holds (or held, when it was archived) records of it.

    They are of the records as they are dealt now, so each figure is that of the list with the same filter.
    """
    return summed(await quality_rows(session, database_id))


def summed(rows: Iterable[Any]) -> dict[str, Any]:
    """Add rows by holder and reason up: to one entry by holder, the most dealt first, and to the whole."""
    whole = _Sum()
    people: dict[str, _Sum] = {}
    names: dict[str, str] = {}
    for row in rows:
        names[row.staff_id] = row.staff_name
        for each in (whole, people.setdefault(row.staff_id, _Sum())):
            each.add(row)
    staff = [{"staff_id": i, "staff_name": names[i], **one.shaped()} for i, one in people.items()]
    staff.sort(key=lambda one: (-one["dealt_count"], one["staff_name"], one["staff_id"]))
    return {**whole.shaped(), "staff": staff}


class _Sum:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()

    def add(self, row: Any) -> None:
        for name in COUNTS:
            self.counts[name] += int(getattr(row, name))
        if row.reason is not None:
            self.reasons[row.reason] += int(row.invalid)

    def shaped(self) -> dict[str, Any]:
        reasons = sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))
        return {
            **{f"{name}_count": self.counts[name] for name in COUNTS},
            "reasons": [{"reason": reason, "count": count} for reason, count in reasons],
        }
