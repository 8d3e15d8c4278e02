"""Periods of business dates, resolved once, to a half-open interval (spec 1.4)."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from crm_boost.kit.errors import InvalidInput

PeriodName = Literal["today", "yesterday", "week", "month", "quarter", "year", "custom"]

_DAY = timedelta(days=1)
_LENGTHS = {"today": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}
_LONGEST_YEARS = 5


# Asked for every deposit of everybody who is booked for.
@lru_cache(maxsize=10_000)
def month_of(day: date) -> date:
    """Return the first day of the month of a day."""
    return day.replace(day=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` up to, not including, `end`."""

    name: PeriodName
    start: date
    end: date

    def echo(self) -> dict[str, object]:
        """Return what every answer says about the period it used: its name, its first and its last day."""
        return {"period": self.name, "start_date": self.start, "end_date": self.end - _DAY}


def resolve_period(
    name: PeriodName, today: date, custom_start: date | None = None, custom_end: date | None = None
) -> Period:
    """Return the days a period means today; those of `custom` are both included. 422 where they make no period."""
    if name == "yesterday":
        return Period(name, today - _DAY, today)
    if name != "custom":
        return Period(name, today - (_LENGTHS[name] - 1) * _DAY, today + _DAY)
    if custom_start is None or custom_end is None:
        missing = "custom_start" if custom_start is None else "custom_end"
        raise InvalidInput.of(missing, "A custom period needs its first and its last day.", "missing")
    if custom_end < custom_start:
        raise InvalidInput.of("custom_end", "The end is before the start.", "end_before_start")
    if (
        custom_end == date.max
        or custom_end.year - custom_start.year > _LONGEST_YEARS
        or (
            custom_end.year - custom_start.year == _LONGEST_YEARS
            and (custom_end.month, custom_end.day) >= (custom_start.month, custom_start.day)
        )
    ):
        raise InvalidInput.of("custom_end", "A period is at most five years long.", "period_too_long")
    return Period(name, custom_start, custom_end + _DAY)
