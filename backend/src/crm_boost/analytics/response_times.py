"""How long the first check and a yes took, as counts that medians are found from; pure (ADR 55).

Answers are hours with one decimal, so times are counted by the tenth of an hour that they are rounded to: their `tenth`.
Thirty-two of them are a band, one row of `models.RESPONSE_COUNTS`. Days are counted by blocks, the quarters of a month
and the whole month; a period is the blocks within it and the few days at its ends.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from itertools import accumulate
from typing import Any, NamedTuple

from crm_boost.analytics.numbers import one_decimal

TENTH, BAND = 360, 32
TENTHS_OF_HOUR = 10
"""Seconds in a tenth of an hour, and tenths in a band."""
EVERYTHING = ""
"""The scope of all products; the others are the ids of products."""
QUARTER_DAYS, _QUARTERS = 8, 4
BLOCKS_OF_MONTH = 8
"""Numbers that a month takes: its four quarters, and last the whole."""
WHOLE = BLOCKS_OF_MONTH - 1
_DAY = timedelta(days=1)
_NEVER = date(9999, 1, 1)
"""Nothing is handed out from then on, and there are days after the blocks before it."""


class Timed(IntEnum):
    """What is timed from the hand-out on."""

    CHECK = 0
    YES = 1

    @property
    def column(self) -> str:
        """The column of `models.WorkItem` that has the seconds."""
        return ("wa_seconds", "respond_seconds")[self]


def tenth_of(seconds: int) -> int:
    """Return the tenth of an hour that these seconds are rounded to, halves up."""
    return (seconds + TENTH // 2) // TENTH


# --- days ------------------------------------------------------------------------------------------------------------


def _month_number(day: date) -> int:
    return (day.year * 12 + day.month) * BLOCKS_OF_MONTH


def blocks_of(day: date) -> tuple[int, int]:
    """Return the numbers of the two blocks that a day is in: its quarter of the month, and the month."""
    month = _month_number(day)
    return month + (day.day - 1) // QUARTER_DAYS, month + WHOLE


def _quarter(day: date) -> date:
    """Return the first day of the quarter of a month that a day is in."""
    return day.replace(day=day.day - (day.day - 1) % QUARTER_DAYS)


def _after(quarter: date) -> date:
    """Return the first day after a quarter of a month that begins on this day."""
    if quarter.day <= QUARTER_DAYS * (_QUARTERS - 1):
        return quarter + QUARTER_DAYS * _DAY
    return (quarter + QUARTER_DAYS * _DAY).replace(day=1)


def _boundary(day: date) -> date:
    """Return the nearest day on which a quarter begins."""
    before = _quarter(day)
    after = _after(before)
    return before if day - before <= after - day else after


class Days(NamedTuple):
    """From the first of these days up to, not including, the second; counted, or taken away again."""

    start: date
    end: date
    sign: int


class Cut(NamedTuple):
    """What adds up to a period: whole blocks, and the days at its ends."""

    blocks: list[int]
    days: list[Days]


def cut(start: date, end: date) -> Cut:
    """Return a period as as few blocks and days as there can be: at each end at most half a quarter of a month."""
    start, end = min(start, _NEVER), min(end, _NEVER)
    first, last = _boundary(start), _boundary(end)
    if first >= last:
        return Cut([], [Days(start, end, 1)] if start < end else [])
    blocks, day = [], first
    while day < last:
        month_end = (day.replace(day=28) + 4 * _DAY).replace(day=1)
        if day.day == 1 and month_end <= last:
            blocks.append(_month_number(day) + WHOLE)
            day = month_end
        else:
            blocks.append(blocks_of(day)[0])
            day = _after(day)
    ends = [
        Days(start, first, 1) if start < first else Days(first, start, -1),
        Days(last, end, 1) if last < end else Days(end, last, -1),
    ]
    return Cut(blocks, [days for days in ends if days.start < days.end])


# --- what a hand-out adds --------------------------------------------------------------------------------------------


class Band(NamedTuple):
    """A row of the counts."""

    block: int
    scope: str
    staff_id: str
    timed: Timed
    band: int


@dataclass(slots=True)
class Times:
    """So many times of a band, their seconds, and how many of each tenth."""

    count: int = 0
    seconds: int = 0
    tenths: Counter[int] = field(default_factory=Counter)


def note_times(changes: dict[Band, Times], item: Mapping[str, Any] | None, product_id: str, sign: int) -> None:
    """Add to `changes` the times of a hand-out, or take them away. `item`: a row of `models.WorkItem`."""
    if item is None:
        return
    for timed in Timed:
        seconds = item[timed.column]
        if seconds is None:
            continue
        band, tenth = divmod(tenth_of(seconds), BAND)
        for block in blocks_of(item["handed_on"]):
            for scope in (EVERYTHING, product_id):
                times = changes.setdefault(Band(block, scope, item["staff_id"], timed, band), Times())
                times.count += sign
                times.seconds += sign * seconds
                times.tenths[tenth] += sign


# --- finding medians -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Distribution:
    """The times of one staff in a period. Those of whole blocks are counted by band, the others by tenth."""

    bands: Counter[int] = field(default_factory=Counter)
    tenths: Counter[int] = field(default_factory=Counter)
    seconds: int = 0

    def add_seconds(self, seconds: Sequence[int], sign: int) -> None:
        """Add times that are in no whole block, or take away such as are in one and not in the period."""
        self.seconds += sign * sum(seconds)
        for tenth, count in Counter(map(tenth_of, seconds)).items():
            self.tenths[tenth] += sign * count
            self.bands[tenth // BAND] += sign * count

    @property
    def count(self) -> int:
        return self.bands.total()

    @property
    def average(self) -> float | None:
        """Hours, on average."""
        return one_decimal(self.seconds, self.count * TENTHS_OF_HOUR * TENTH)

    def places(self, ranks: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Return for each rank, that is how many others are before a time, its band and how many of them are in that."""
        order = sorted(self.bands)
        up_to = list(accumulate(self.bands[band] for band in order))
        found = {}
        for rank in ranks:
            at = bisect_right(up_to, rank)
            found[rank] = order[at], rank - (up_to[at - 1] if at else 0)
        return found

    def tenth_of(self, band: int, before: int, in_blocks: Sequence[int] | None) -> int:
        """Return the tenth of the time that so many others of its band are before. `in_blocks`: how many times of whole
        blocks have each of the tenths of the band, if any have."""
        counts, beside = in_blocks or [0] * BAND, self.tenths.get
        up_to = list(accumulate(count + beside(tenth, 0) for tenth, count in enumerate(counts, band * BAND)))
        at = bisect_right(up_to, before)
        # Where each statement sees what others have committed until then, a time may have gone since it was counted: then
        # this is the last that is left.
        return band * BAND + (at if at < BAND else bisect_left(up_to, up_to[-1]))
