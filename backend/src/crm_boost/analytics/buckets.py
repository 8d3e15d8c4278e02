"""Days, ISO weeks and months that a trend is drawn by; pure. A bucket's label is its address (spec 5.3)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crm_boost.kit.errors import InvalidInput

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The days from `start` up to, not including, `end`."""

    label: str
    start: date
    end: date

    def within(self, start: date, end: date) -> "Bucket":
        """Return the part of it that lies between these days."""
        return Bucket(self.label, max(self.start, start), min(self.end, end))


def _month_of(day: date) -> Bucket:
    start = day.replace(day=1)
    return Bucket(start.isoformat()[:7], start, _after(start, 31).replace(day=1))


def _after(day: date, days: int) -> date:
    """So many days later, or the last day there is."""
    return day + days * _DAY if (date.max - day).days >= days else date.max


class Granularity(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    def bucket_of(self, day: date) -> Bucket:
        """Return the bucket a day is in: itself, the week by its Monday, or its month."""
        if self is Granularity.MONTHLY:
            return _month_of(day)
        start = day - day.weekday() * _DAY if self is Granularity.WEEKLY else day
        return Bucket(start.isoformat(), start, _after(start, 7 if self is Granularity.WEEKLY else 1))


def buckets_of(start: date, end: date, granularity: Granularity) -> list[Bucket]:
    """Return every bucket that has a day between `start` and, not included, `end`."""
    found = []
    day = start
    while day < end:
        found.append(granularity.bucket_of(day))
        day = found[-1].end
    return found


def bucket_named(label: str, granularity: Granularity) -> Bucket:
    """Return the bucket of a label: a day (then the day, week or month it is in), or `YYYY-MM`: that month."""
    text = label.strip()
    try:
        if len(text) == len("YYYY-MM"):
            return _month_of(date.fromisoformat(f"{text}-01"))
        if len(text) == len("YYYY-MM-DD"):
            return granularity.bucket_of(date.fromisoformat(text))
    except (ValueError, OverflowError):
        # Said below, for every way to be wrong.
        pass
    raise InvalidInput.of("date", "Write the day as YYYY-MM-DD or the month as YYYY-MM.", "date_parsing")
