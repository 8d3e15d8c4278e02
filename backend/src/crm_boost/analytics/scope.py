"""What a chart is asked about: days, product, staff. One shape for every chart and its drill-down (spec 1.4, 5.3)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm_boost.deposits.rollup_repository import RollupFilter
from crm_boost.kit.clock import start_of_day
from crm_boost.kit.periods import Period

_DAY = timedelta(days=1)
_EARLIEST = date(1970, 1, 1)
"""No instant is older; of the first days of the calendar not every zone has one."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The days of `period`, and of whom and what. Unknown ids match nothing; `zone` is the business clock."""

    period: Period
    zone: ZoneInfo
    product_id: str | None = None
    staff_id: str | None = None

    @property
    def start(self) -> date:
        return self.period.start

    @property
    def end(self) -> date:
        """The first day after the period."""
        return self.period.end

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The instants at which the period begins and at which it is over."""
        return start_of_day(self.zone, max(self.start, _EARLIEST)), start_of_day(self.zone, max(self.end, _EARLIEST))

    def rollups(self) -> RollupFilter:
        """Return the same as a filter of the daily totals of deposits."""
        return RollupFilter(self.start, self.end, self.product_id, self.staff_id)

    def days(self) -> Iterator[date]:
        """Yield every day of the period."""
        day = self.start
        while day < self.end:
            yield day
            day += _DAY

    def of_staff(self, staff_id: str) -> "Scope":
        """Return the same of one staff."""
        return replace(self, staff_id=staff_id)

    def previous(self) -> "Scope":
        """Return the same for as many days directly before."""
        length = self.end - self.start
        start = self.start - length if self.start - date.min >= length else date.min
        return replace(self, period=Period(self.period.name, start, self.start))

    def echo(self) -> dict[str, object]:
        """Return what every answer says about its period."""
        return self.period.echo()
