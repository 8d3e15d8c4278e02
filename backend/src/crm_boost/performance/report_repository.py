"""All SQL of the report: a year by month, staff and product, one of its months by day and staff, all from the roll-ups."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy import cast as as_type

from crm_boost.db.session import ReadSession
from crm_boost.deposits.models import DepositDay, DepositMonth, DepositStaffDay
from crm_boost.deposits.rollups import TIERS
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


Sums = dict[tuple[int, str], Cells]
"""By month (1 to 12), and staff or product."""

ByDay = dict[tuple[date, str], Cells]
"""By day and staff."""


async def cells(session: ReadSession, wanted: Wanted) -> tuple[Sums, Sums, ByDay]:
    """Return the year by month and staff, by month and product, and the month by day and staff. One statement, so that
    they add up to the same whatever is being written meanwhile."""
    month, day = DepositMonth, DepositStaffDay if wanted.product_id is None else DepositDay
    year = (month.month >= date(wanted.month.year, 1, 1), month.month <= date(wanted.month.year, 12, 1))
    groups: list[Select[*tuple[Any, ...]]] = [
        select(literal(kind), as_type(month.month, Text), key, *_sums(month))
        .where(*year, *_of(wanted, month))
        .group_by(month.month, key)
        for kind, key in (("staff", month.staff_id), ("product", month.product_id))
    ]
    in_month = (day.record_date >= wanted.month.start, day.record_date < wanted.month.end)
    groups.append(
        select(literal("day"), as_type(day.record_date, Text), day.staff_id, *_sums(day))
        .where(*in_month, *_of(wanted, day))
        .group_by(day.record_date, day.staff_id)
    )
    by_staff: Sums = {}
    by_product: Sums = {}
    by_day: ByDay = {}
    for kind, text, key, *figures in await session.execute(union_all(*groups)):
        on, found = date.fromisoformat(text), Cells(*figures)
        if kind == "day":
            by_day[on, key] = found
        else:
            (by_staff if kind == "staff" else by_product)[on.month, key] = found
    return by_staff, by_product, by_day


async def deposit_tiers(session: ReadSession, wanted: Wanted) -> dict[str, int]:
    """Return how many customers (of a staff and product) have two, three, or four and more deposits in the month."""
    month = DepositMonth
    statement = select(*(_sum(getattr(month, name)) for name in TIERS))
    row = (await session.execute(statement.where(month.month == wanted.month.start, *_of(wanted, month)))).one()
    return dict(zip(TIERS, row, strict=True))


def _sum(what: Any) -> ColumnElement[int]:
    return as_type(func.coalesce(func.sum(what), 0), BigInteger)


def _sums(table: Any) -> list[ColumnElement[int]]:
    figures = (table.ndp, table.rdp, table.ndp_forms + table.rdp_forms, table.ndp_total + table.rdp_total)
    return [_sum(what) for what in figures]
