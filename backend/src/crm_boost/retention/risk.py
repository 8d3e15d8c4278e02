"""How long customers have been away, in words (spec 5.2). Pure.

At risk is who last deposited, with anyone, 3 to 30 days ago; from 31 days on a customer is lost. Those of 3 to 6 days need
two deposits: who came once may never have meant to come back so soon.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Risk(StrEnum):
    """The levels, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"


@dataclass(frozen=True, slots=True)
class Span:
    """Days since the latest deposit, both included."""

    least: int
    most: int

    def days(self, today: date) -> tuple[date, date]:
        """Return the days `[start, end)` on which the latest deposit was."""
        return today - timedelta(days=self.most), today - timedelta(days=self.least - 1)


SPANS = {Risk.CRITICAL: Span(14, 30), Risk.HIGH: Span(7, 13), Risk.MEDIUM: Span(3, 6)}
AT_RISK = Span(3, 30)
LOST_AFTER = 30
REPEATERS_ONLY = Risk.MEDIUM


def level_of(days: int, deposits: int) -> Risk | None:
    """Return how much at risk a customer is who has been away for so many days; None where they are not."""
    for risk, span in SPANS.items():
        if span.least <= days <= span.most:
            return None if risk is REPEATERS_ONLY and deposits < 2 else risk
    return None


def tally(today: date, days: Iterable[tuple[date, int, int]]) -> dict[Risk, int]:
    """Add up (day of the latest deposit, customers, those with two deposits or more) by level."""
    found = dict.fromkeys(Risk, 0)
    for day, customers, again in days:
        # With two deposits every level counts; with one the level says whether it does.
        if (risk := level_of((today - day).days, 2)) is not None:
            found[risk] += again if risk is REPEATERS_ONLY else customers
    return found
