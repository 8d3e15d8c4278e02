"""All SQL of the report: a year by month, staff and product, one of its months by day and staff, all from the roll-ups."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    case,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy import cast as as_type

from crm_boost.db.session import ReadSession
from crm_boost.deposits.models import Deposit, DepositDay
from crm_boost.deposits.repository import COUNTS
from crm_boost.performance.calendar import Month


@dataclass(slots=True)
class Cells:
    """NDP, RDP, deposits and turnover (minor units, after the multiplier). Sums of roll-ups, so they add up."""

    ndp: int = 0
    rdp: int = 0
    forms: int = 0
    omset: int = 0

    def add(self, other: "Cells") -> None:
        """Add other figures to these."""
        self.ndp += other.ndp
        self.rdp += other.rdp
        self.forms += other.forms
        self.omset += other.omset


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose report, and of what. Unknown ids match nothing."""

    month: Month
    product_id: str | None = None
    staff_id: str | None = None


def _of(wanted: Wanted, table: Any) -> list[ColumnElement[bool]]:
    where = []
    if wanted.product_id is not None:
        where.append(table.product_id == wanted.product_id)
    if wanted.staff_id is not None:
        where.append(table.staff_id == wanted.staff_id)
    return where


ByMonth = dict[tuple[int, str, str], Cells]
ByDay = dict[tuple[date, str], Cells]


async def cells(session: ReadSession, wanted: Wanted) -> tuple[ByMonth, ByDay]:
    """Return the year by month, staff and product, and the month by day and staff. One statement, so that the days add
    up to the month whatever is being written meanwhile."""
    day = DepositDay
    sums = [
        as_type(func.sum(what), BigInteger)
        for what in (day.ndp, day.rdp, day.ndp_forms + day.rdp_forms, day.ndp_total + day.rdp_total)
    ]
    # Month by month: each is a range of the table, and is sorted by itself.
    months: list[Select[*tuple[Any, ...]]] = []
    for number in range(1, 13):
        month = Month(wanted.month.year, number)
        months.append(
            select(literal(number), as_type(null(), Text), day.staff_id, day.product_id, *sums)
            .where(day.record_date >= month.start, day.record_date < month.end, *_of(wanted, day))
            .group_by(day.staff_id, day.product_id)
        )
    days: Select[*tuple[Any, ...]] = (
        select(literal(0), as_type(day.record_date, Text), day.staff_id, as_type(null(), Text), *sums)
        .where(day.record_date >= wanted.month.start, day.record_date < wanted.month.end, *_of(wanted, day))
        .group_by(day.record_date, day.staff_id)
    )
    by_month: ByMonth = {}
    by_day: ByDay = {}
    for number, on, staff_id, product_id, *figures in await session.execute(union_all(*months, days)):
        if on is None:
            by_month[number, staff_id, product_id] = Cells(*figures)
        else:
            by_day[date.fromisoformat(on), staff_id] = Cells(*figures)
    return by_month, by_day


async def deposit_tiers(session: ReadSession, wanted: Wanted) -> dict[int, int]:
    """Return how many customers (of a staff and product) have two, three, or four and more deposits in the month.

    That is no sum of days, so it is counted in the index of what counts: the cost follows the deposits of the month.
    """
    times = (
        select(func.count().label("times"))
        .where(
            COUNTS,
            Deposit.record_date >= wanted.month.start,
            Deposit.record_date < wanted.month.end,
            *_of(wanted, Deposit),
        )
        .group_by(Deposit.staff_id, Deposit.product_id, Deposit.customer_key)
        .having(func.count() > 1)
        .subquery()
    )
    tier = case((times.c.times >= 4, 4), else_=times.c.times)
    return {row[0]: row[1] for row in await session.execute(select(tier, func.count()).group_by(tier))}
