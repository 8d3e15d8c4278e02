"""What a change of classes adds to the roll-ups (spec 4.1). Pure: no session, no clock.

There are three roll-ups, each moved by the difference of before and after in the transaction that changes the ledger: by
day, staff and product; by day and staff, whatever the product; by month, staff and product. All of their figures add up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, TypeVar

from crm_boost.deposits.classification import FIGURES, Key, Standing, difference, figures_in_order
from crm_boost.kit.periods import month_of

UNIQUES = ("ndp_fresh", "rdp_fresh", "ndp_last", "rdp_last")
"""How many customers of a staff have on this day their first NDP (or RDP) of the calendar month, or their last one of all.
Different customers from the first of a month on are the sum of the former, those from a day on to the end of the ledger
the sum of the latter."""

TIERS = ("customers_2", "customers_3", "customers_4")
"""How many customers of a staff and product have two, three, or four and more deposits in the month."""

DayKey = tuple[date, str, str]
"""Day, staff, product."""

StaffDayKey = tuple[date, str]
"""Day, staff."""

MonthKey = tuple[date, str, str]
"""First day of the month, staff, product."""

Mark = tuple[str, date]
"""One customer more in a column of `UNIQUES` on a day."""

Amounts = list[int]
_Key = TypeVar("_Key")
_NONE = Standing()
_DAY = timedelta(days=1)
_HALF = 16
_MOST = len(TIERS) + 1


@dataclass(slots=True)
class RollupChanges:
    """What has to be added, in the order of the columns: `FIGURES`, then `UNIQUES` by staff and day, `TIERS` by month."""

    days: dict[DayKey, Amounts] = field(default_factory=dict)
    staff_days: dict[StaffDayKey, Amounts] = field(default_factory=dict)
    months: dict[MonthKey, Amounts] = field(default_factory=dict)

    def add(self, key: Key, before: Standing, after: Standing) -> bool:
        """Add what leads from one standing of a key to another, different customers apart; says whether there is any."""
        changed = difference(before.days, after.days)
        staff_id, _, product_id = key
        for day, figures in changed.items():
            amounts = figures_in_order(figures)
            for row in (
                _row(self.days, (day, staff_id, product_id), ()),
                _row(self.staff_days, (day, staff_id), UNIQUES),
                _row(self.months, (month_of(day), staff_id, product_id), TIERS),
            ):
                for place, amount in enumerate(amounts):
                    row[place] += amount
        for month in {month_of(day) for day in changed}:
            for standing, sign in ((before, -1), (after, 1)):
                tier = tier_of(_forms_in(standing, month))
                if tier is not None:
                    _row(self.months, (month, staff_id, product_id), TIERS)[len(FIGURES) + tier] += sign
        return bool(changed)

    def mark(self, staff_id: str, marks: Iterable[Mark], sign: int) -> None:
        """Add marks of different customers, or take them away."""
        for name, day in marks:
            _row(self.staff_days, (day, staff_id), UNIQUES)[len(FIGURES) + UNIQUES.index(name)] += sign

    def drop_nothings(self) -> None:
        """Leave out rows whose changes cancel out."""
        tables: tuple[dict[Any, Amounts], ...] = (self.days, self.staff_days, self.months)
        for rows in tables:
            for key in [key for key, row in rows.items() if not any(row)]:
                del rows[key]


def changes_between(before: Mapping[Key, Standing], after: Mapping[Key, Standing]) -> RollupChanges:
    """Return what leads from one standing of these keys to another. All keys of a customer have to be there: different
    customers are counted over all products."""
    found = RollupChanges()
    customers: dict[tuple[str, str], list[Key]] = {}
    for key in before.keys() | after.keys():
        customers.setdefault(key[:2], []).append(key)
    for (staff_id, _), keys in customers.items():
        moved = [found.add(key, before.get(key, _NONE), after.get(key, _NONE)) for key in keys]
        if any(moved):
            old, new = (marks_of([side[key] for key in keys if key in side]) for side in (before, after))
            found.mark(staff_id, old - new, -1)
            found.mark(staff_id, new - old, 1)
    found.drop_nothings()
    return found


def marks_of(standings: Sequence[Standing]) -> set[Mark]:
    """Return where one customer counts in `UNIQUES`, from the standing of each of their keys."""
    found: set[Mark] = set()
    for kind, fresh, last in _MARKS:
        days = sorted({day for standing in standings for day, figures in standing.days.items() if kind(figures)})
        if days:
            # The first of each month is what is left.
            firsts = {month_of(day): day for day in reversed(days)}
            found.update([(fresh, day) for day in firsts.values()])
            found.add((last, days[-1]))
    return found


_MARKS = [(attrgetter(kind), f"{kind}_fresh", f"{kind}_last") for kind in ("ndp", "rdp")]
"""What says that a customer has a class on a day, and the columns of the first and the last day."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows to add (`sign` 1) or to take away (-1): of whole months or of days, from `start` up to, not including, `end`."""

    by_month: bool
    start: date | None
    end: date | None
    sign: int = 1


def parts_of(start: date | None, end: date | None) -> list[Part]:
    """Return whole months and single days that come to the days from `start` up to, not including, `end`. What is cut off a
    month is added by day or taken away by day, whichever are fewer: half a month of days at each end at most."""
    if start is not None and end is not None:
        if start >= end:
            return [Part(by_month=False, start=start, end=end)]
        if month_of(start) == month_of(end - _DAY):
            return _within_month(start, end)
    parts, first, last = [], start, end
    if start is not None and start.day > 1:
        after = _next_month(start)
        if start.day > _HALF and after is not None:
            parts.append(Part(by_month=False, start=start, end=after))
            first = after
        else:
            first = month_of(start)
            parts.append(Part(by_month=False, start=first, end=start, sign=-1))
    if end is not None and end.day > 1:
        if end.day <= _HALF:
            last = month_of(end)
            parts.append(Part(by_month=False, start=last, end=end))
        else:
            last = _next_month(end)
            parts.append(Part(by_month=False, start=end, end=last, sign=-1))
    if first is None or last is None or first < last:
        parts.append(Part(by_month=True, start=first, end=last))
    return parts


def is_one_month_from_its_first(start: date | None, end: date | None) -> bool:
    """Whether these days are a calendar month, or its beginning."""
    return start is not None and end is not None and start.day == 1 and start < end and month_of(end - _DAY) == start


def _within_month(start: date, end: date) -> list[Part]:
    first, after = month_of(start), _next_month(start)
    if after is None or (end - start).days <= _HALF:
        return [Part(by_month=False, start=start, end=end)]
    cut = [Part(by_month=False, start=first, end=start, sign=-1), Part(by_month=False, start=end, end=after, sign=-1)]
    return [Part(by_month=True, start=first, end=after), *(part for part in cut if part.start != part.end)]


def _next_month(day: date) -> date | None:
    """Return the first day of the next month; None after the last month there is."""
    return None if month_of(day) == month_of(date.max) else month_of(month_of(day) + timedelta(days=31))


def tier_of(forms: int) -> int | None:
    """Return the place in `TIERS` of a customer with so many deposits in a month; None below two."""
    return min(forms, _MOST) - 2 if forms > 1 else None


def _forms_in(standing: Standing, month: date) -> int:
    return sum([day.ndp_forms + day.rdp_forms for on, day in standing.days.items() if month_of(on) == month])


def _row(rows: dict[_Key, Amounts], key: _Key, more: tuple[str, ...]) -> Amounts:
    amounts = rows.get(key)
    if amounts is None:
        amounts = rows[key] = [0] * (len(FIGURES) + len(more))
    return amounts
