"""What one hand-out adds to the daily figures of work. Pure: what is stored has to equal what this says (spec 5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from crm_boost.contacts.verdicts import YES
from crm_boost.kit.clock import business_date


class Place(NamedTuple):
    """A row of the roll-up. They are locked in their sort order."""

    day: date
    staff_id: str
    database_id: str


@dataclass(slots=True)
class Work:
    """The figures of a place (see `models.WorkDay`)."""

    assigned: int = 0
    ada: int = 0
    ceklis1: int = 0
    tidak: int = 0
    yes: int = 0
    no: int = 0
    checked_yes: int = 0
    deposited: int = 0
    checked_deposited: int = 0
    done_ada: int = 0
    done_ceklis1: int = 0
    done_tidak: int = 0
    done_yes: int = 0
    done_no: int = 0

    def add(self, other: "Work", sign: int = 1) -> "Work":
        """Add other figures to these, or take them away."""
        for name in WORK:
            setattr(self, name, getattr(self, name) + sign * getattr(other, name))
        return self

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in WORK)

    @property
    def checked(self) -> int:
        return self.ada + self.ceklis1 + self.tidak

    @property
    def done_checked(self) -> int:
        return self.done_ada + self.done_ceklis1 + self.done_tidak


WORK = tuple(item.name for item in fields(Work))


def item_of(row: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return the row of a hand-out's figures from its contact and its customer's first deposit since the answer.

    `row`: record_seq, deal_rank, staff_id, assigned_at, the marks with their times, database_id and customer_key.
    """

    def day(instant: datetime | None) -> date | None:
        return business_date(zone, instant) if instant is not None else None

    def seconds(first: datetime | None) -> int:
        return max(int((first - row["assigned_at"]).total_seconds()), 0) if first is not None else 0

    checked, answered = row["wa_status"] is not None, row["respond_status"] is not None
    return {
        **{name: row[name] for name in ("record_seq", "deal_rank", "staff_id", "database_id", "customer_key")},
        "handed_at": row["assigned_at"],
        "handed_on": day(row["assigned_at"]),
        "wa_status": row["wa_status"],
        "wa_on": day(row["wa_at"]) if checked else None,
        "wa_seconds": seconds(row["first_wa_at"]) if checked else None,
        "respond_status": row["respond_status"],
        "respond_on": day(row["respond_at"]) if answered else None,
        "respond_seconds": seconds(row["first_respond_at"]) if row["respond_status"] == YES else None,
        "deposited_on": None,
    }


def first_since(days: Iterable[date], since: date) -> date | None:
    """Return the first of these days that is not before `since`."""
    return min((day for day in days if day >= since), default=None)


def counted(item: Mapping[str, Any] | None) -> dict[Place, Work]:
    """Return what the marks of a hand-out add, by place; that it was handed out is counted where it happens."""
    found: dict[Place, Work] = {}
    if item is None:
        return found

    def place(day: date) -> Work:
        return found.setdefault(Place(day, item["staff_id"], item["database_id"]), Work())

    yes, deposited = item["respond_status"] == YES, item["deposited_on"] is not None
    cohort = place(item["handed_on"])
    if item["wa_status"] is not None:
        cohort.add(Work(**{item["wa_status"]: 1}, checked_yes=yes, checked_deposited=deposited))
        place(item["wa_on"]).add(Work(**{f"done_{item['wa_status']}": 1}))
    if item["respond_status"] is not None:
        cohort.add(Work(yes=yes, no=not yes, deposited=deposited))
        place(item["respond_on"]).add(Work(done_yes=yes, done_no=not yes))
    return found


def moved(changes: dict[Place, Work], before: Mapping[Place, Work], after: Mapping[Place, Work]) -> None:
    """Add to `changes` what leads from one to the other."""
    for place, work in after.items():
        changes.setdefault(place, Work()).add(work)
    for place, work in before.items():
        changes.setdefault(place, Work()).add(work, -1)
