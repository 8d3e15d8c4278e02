"""How urgent a follow-up is (spec 5.1). Pure: age in calendar days of the business zone, nothing else."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Urgency(StrEnum):
    """Rungs of the ladder, the most urgent first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung: from this age on, up to the next one."""

    urgency: Urgency
    level: int
    from_days: int
    label: str
    color: str


LADDER = (
    Rung(Urgency.CRITICAL, 3, 7, "7+ days", "red"),
    Rung(Urgency.HIGH, 2, 3, "3+ days", "orange"),
    Rung(Urgency.MEDIUM, 1, 1, "1+ day", "yellow"),
    Rung(Urgency.LOW, 0, 0, "Today", "blue"),
)


def days_since(day: date, today: date) -> int:
    """Return the age in calendar days; an answer from tomorrow (another zone, a clock set back) is of today."""
    return max((today - day).days, 0)


def rung_at(days: int) -> Rung:
    """Return the rung of an age."""
    return next(rung for rung in LADDER if days >= rung.from_days)


def span_of(urgency: Urgency, today: date) -> tuple[date | None, date | None]:
    """Return the days of response on a rung as `[first, end)`; None where it is open."""
    at = next(i for i, rung in enumerate(LADDER) if rung.urgency is urgency)
    end = today - timedelta(days=LADDER[at].from_days - 1) if LADDER[at].from_days else None
    first = today - timedelta(days=LADDER[at - 1].from_days - 1) if at else None
    return first, end
