"""The only place that reads the machine's clock (spec 1.4).

Instants are timezone-aware UTC. The business date is the calendar date in the configured business zone, never in
the server's or the browser's. Tests freeze time for everything called inside `frozen(...)`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("frozen_clock", default=None)


def utc_now() -> datetime:
    """Return the current instant, timezone-aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def business_date(zone: ZoneInfo, instant: datetime | None = None) -> date:
    """Return the calendar date of `instant` (default: now) in the business zone."""
    return (instant or utc_now()).astimezone(zone).date()


def start_of_day(zone: ZoneInfo, day: date) -> datetime:
    """Return the instant (UTC) at which a business date begins."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant` (timezone-aware) for the code inside the block."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a timezone")
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
