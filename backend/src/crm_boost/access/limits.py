"""What is counted, how much of it is too much, and what is told then. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Annotated

from pydantic import BaseModel, Field

SETTINGS = "access_limits"
"""The name of this group of settings."""


class Kind(StrEnum):
    """What people do with customers."""

    OPEN = "open"
    """One customer or record, opened."""
    SEARCH = "search"
    """One search for customers."""
    ROWS = "rows"
    """One row of a list of customers, beyond its first screen, or of a file of them."""


Limit = Annotated[int, Field(ge=1, le=10_000_000, strict=True)]


class AccessLimits(BaseModel):
    """Far above what a person works through, far below what a script takes. `null`: no limit."""

    opens_per_hour: Limit | None = 300
    opens_per_day: Limit | None = 1_500
    searches_per_hour: Limit | None = 1_000
    searches_per_day: Limit | None = 5_000
    rows_per_hour: Limit | None = 200_000
    rows_per_day: Limit | None = 1_000_000
    alarm_factor: Annotated[float, Field(ge=1.5, le=1000)] = 5
    """Administrators are told at so many times the median of the rest of the team."""

    def of(self, kind: Kind) -> tuple[int | None, int | None]:
        """Return how much of this is allowed per hour and per business day."""
        match kind:
            case Kind.OPEN:
                return self.opens_per_hour, self.opens_per_day
            case Kind.SEARCH:
                return self.searches_per_hour, self.searches_per_day
            case Kind.ROWS:
                return self.rows_per_hour, self.rows_per_day


_NOTHING_UNUSUAL = {Kind.OPEN: 50, Kind.SEARCH: 200, Kind.ROWS: 2_000}
"""Below this nobody is told, whatever the rest of the team does: mornings begin with small numbers."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a person used of one kind in this hour and on this business day, what is asked for now included."""

    hour: int
    day: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A limit that would be passed: how much it allows, in which span, and until when."""

    limit: int
    span: str
    until: datetime


def refusal_of(limits: AccessLimits, kind: Kind, used: Used, now: datetime, next_day: datetime) -> Refusal | None:
    """Return the limit that `used` passes, the longer one first, or None."""
    per_hour, per_day = limits.of(kind)
    if per_day is not None and used.day > per_day:
        return Refusal(per_day, "day", next_day)
    if per_hour is not None and used.hour > per_hour:
        return Refusal(per_hour, "hour", hour_of(now) + timedelta(hours=1))
    return None


def hour_of(instant: datetime) -> datetime:
    """Return the hour an instant is counted in."""
    return instant.replace(minute=0, second=0, microsecond=0)


def is_unusual(limits: AccessLimits, kind: Kind, count: int, others: list[int]) -> float | None:
    """Return the median of the others when `count` is so many times as much; None where there is nothing to tell."""
    if count < _NOTHING_UNUSUAL[kind] or not others:
        return None
    usual = median(others)
    return usual if count >= limits.alarm_factor * usual else None
