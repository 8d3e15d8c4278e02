"""How days and months are judged by their targets (spec 4.4). Pure: no session, no clock, tested with tables."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from crm_boost.performance.calendar import DAY, Month

Met = Literal["NDP", "RDP"]
Counts = tuple[int, int]
"""NDP and RDP of a day."""

JANUARY, FEBRUARY = 1, 2
SOON = 10
"""With so many days left, or fewer, a month that is still short is a warning."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What is expected: turnover of a month in minor units, NDP or RDP of a day, days of a month that succeed."""

    monthly_omset: int
    daily_ndp: int
    daily_rdp: int
    required_success_days: int


@dataclass(frozen=True, slots=True)
class Change:
    """From that day on these targets hold; None: those of everybody."""

    effective_from: date
    targets: Targets | None


class Timeline:
    """The targets of one staff on any day: their own ones, else those of everybody, else what holds from the start."""

    def __init__(self, start: Targets, everybody: Sequence[Change], own: Sequence[Change] = ()) -> None:
        self._start = start
        self._own, self._everybody = _Layer(own), _Layer(everybody)

    def on(self, day: date) -> Targets:
        """Return the targets that hold on a day."""
        return self._own.on(day) or self._everybody.on(day) or self._start

    def is_own(self, day: date) -> bool:
        """Whether the staff has targets of their own on a day."""
        return self._own.on(day) is not None


class _Layer:
    """Changes of one kind, ready to be looked up for thousands of days."""

    def __init__(self, changes: Sequence[Change]) -> None:
        changes = sorted(changes, key=lambda change: change.effective_from)
        self._days = [change.effective_from for change in changes]
        self._targets = [change.targets for change in changes]

    def on(self, day: date) -> Targets | None:
        if not self._days:
            return None
        at = bisect_right(self._days, day)
        return self._targets[at - 1] if at else None


def met_via(counts: Counts, targets: Targets) -> Met | None:
    """Return which target made a day succeed; NDP where both did. Targets are at least 1, so an empty day never does."""
    if counts[0] >= targets.daily_ndp:
        return "NDP"
    return "RDP" if counts[1] >= targets.daily_rdp else None


def succeeded(days: Mapping[date, Counts], timeline: Timeline) -> set[date]:
    """Return the days that succeed, each judged by the targets that held on it."""
    return {day for day, counts in days.items() if met_via(counts, timeline.on(day)) is not None}


def projected(success_days: int, elapsed: int, length: int) -> int | None:
    """Return how many days will have succeeded if the month goes on like this; None before it has begun."""
    return success_days * length // elapsed if elapsed else None


def streak(success: Collection[date], today: date) -> int:
    """Return how many days in a row have succeeded, up to today, or up to yesterday while today has not."""
    day = today if today in success else today - DAY
    count = 0
    while day in success:
        count, day = count + 1, day - DAY
    return count


@dataclass(frozen=True, slots=True)
class MonthResult:
    """How a month went. One that ended before the staff began does not count."""

    success_days: int
    required: int
    counts: bool = True

    @property
    def is_missed(self) -> bool:
        return self.counts and self.success_days < self.required


def month_result(month: Month, success: Collection[date], timeline: Timeline, started: date) -> MonthResult:
    """Judge a month by the targets that hold on its last day."""
    start, end = month.start, month.end
    count = sum(start <= day < end for day in success)
    return MonthResult(count, timeline.on(month.last).required_success_days, month.last >= started)


def warning_level(month: int, this: MonthResult, last: MonthResult, before_last: MonthResult, days_left: int) -> int:
    """Return 3 where both earlier months were missed, 2 where the last one was, 1 where few days are left for a month
    that is short, else 0. January forgives both earlier months, February the one before last."""
    last_missed = last.is_missed and month != JANUARY
    before_missed = before_last.is_missed and month not in (JANUARY, FEBRUARY)
    if last_missed and before_missed:
        return 3
    if last_missed:
        return 2
    return 1 if days_left <= SOON and this.success_days < this.required else 0


def status_text(level: int, this: MonthResult, days_left: int) -> str:
    """Return a sentence for a person."""
    reached = f"{this.success_days} of {this.required} days"
    if level == 3:
        return f"Both earlier months were missed; {reached} so far."
    if level == 2:
        return f"The last month was missed; {reached} so far."
    if this.success_days >= this.required:
        return f"Target reached: {reached}."
    if level == 1:
        left = f"{days_left} day{'s' if days_left != 1 else ''} left" if days_left else "the month is over"
        return f"Short: {reached}, {left}."
    return f"On the way: {reached}."


def ranks(values: Mapping[str, int]) -> dict[str, int]:
    """Return the place of each, the largest value first; who ties shares a place, and the next one is left out."""
    places: dict[int, int] = {}
    for place, value in enumerate(sorted(values.values(), reverse=True), start=1):
        places.setdefault(value, place)
    return {key: places[value] for key, value in values.items()}


def one_decimal(part: int, whole: int) -> float | None:
    """Return the quotient with one decimal, halves up; None where it is undefined (spec 1.4). Both are not negative."""
    return (part * 20 // whole + 1) // 2 / 10 if whole else None
