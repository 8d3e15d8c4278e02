"""Months of business dates. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month; days from `start` up to, not including, `end`."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """Return the month a day lies in."""
        return cls(day.year, day.month)

    @property
    def start(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def length(self) -> int:
        return monthrange(self.year, self.month)[1]

    @property
    def last(self) -> date:
        return date(self.year, self.month, self.length)

    @property
    def end(self) -> date:
        return self.last + DAY

    def back(self, months: int) -> "Month":
        """Return the month that lies so many months earlier."""
        number = self.year * 12 + self.month - 1 - months
        return Month(number // 12, number % 12 + 1)

    def days(self) -> Iterator[date]:
        """Yield the days in their order."""
        return (self.start + number * DAY for number in range(self.length))

    def elapsed(self, today: date) -> int:
        """Return how many days of it have come, today included: all of a past month, none of a coming one."""
        return min(max((today - self.start).days + 1, 0), self.length)
