"""Whose deposits a caller looks at, and over which days (spec 1.4, 5.2)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.periods import resolve_period
from crm_boost.retention.facts import COMPANY

_DAY = timedelta(days=1)
USUAL_DAYS = 90


@dataclass(frozen=True, slots=True)
class Range:
    """Days from `start` up to, not including, `end`."""

    start: date
    end: date

    def echo(self) -> dict[str, Any]:
        """Return the days as answers say them: both included."""
        return {"start_date": self.start, "end_date": self.end - _DAY}


def scope_of(principal: Principal, staff_id: str | None = None) -> str:
    """Return whose deposits are looked at: staff their own, whatever staff was named; others everybody's, or one's."""
    if not principal.can(Permission.RETENTION_TEAM):
        return principal.id
    return staff_id or COMPANY


def range_of(today: date, start_date: date | None, end_date: date | None) -> Range:
    """Return the days asked for, both included; the last ninety where nothing is said, and ninety where only one end is."""
    last = end_date or max(today, start_date or today)
    if start_date is None and (last - date.min).days < 2 * USUAL_DAYS:
        raise InvalidInput.of("end_date", "This day is too long ago.", "too_long_ago")
    first = start_date or last - (USUAL_DAYS - 1) * _DAY
    if first > last:
        raise InvalidInput.of("end_date", "The end is before the start.", "end_before_start")
    if (first - date.min).days < (last - first).days + 2:
        raise InvalidInput.of("start_date", "This day is too long ago.", "too_long_ago")
    try:
        period = resolve_period("custom", today, first, last)
    except InvalidInput as error:
        raise InvalidInput.of("end_date", error.detail, error.errors[0].code) from error
    return Range(period.start, period.end)
