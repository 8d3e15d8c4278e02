"""All SQL that reads the roll-ups: what screens, reports, targets and rankings take their figures from.

A row of `omset_daily` is one staff, product and day (see `models.DepositDay`). All figures add up over rows: a customer is
counted at most once as NDP and once as RDP per row. Amounts are minor units (`money.from_minor`). `total` figures are
after the multiplier (the turnover), `nominal` ones before it. Pending, declined and deleted deposits are in no row.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, cast, func, literal, select, union_all

from crm_boost.db.session import ReadSession
from crm_boost.deposits.classification import FIGURES, Figures
from crm_boost.deposits.models import Deposit, DepositDay
from crm_boost.deposits.repository import COUNTS
from crm_boost.deposits.states import CustomerType

_COLUMNS = {
    "record_date": DepositDay.record_date,
    "staff_id": DepositDay.staff_id,
    "product_id": DepositDay.product_id,
}


@dataclass(frozen=True, slots=True)
class RollupFilter:
    """Which roll-ups: days from `start` up to, not including, `end`; None leaves that side open. Unknown ids match
    nothing."""

    start: date | None = None
    end: date | None = None
    product_id: str | None = None
    staff_id: str | None = None


def _where(wanted: RollupFilter, table: Any) -> list[ColumnElement[bool]]:
    where = []
    if wanted.start is not None:
        where.append(table.record_date >= wanted.start)
    if wanted.end is not None:
        where.append(table.record_date < wanted.end)
    if wanted.product_id is not None:
        where.append(table.product_id == wanted.product_id)
    if wanted.staff_id is not None:
        where.append(table.staff_id == wanted.staff_id)
    return where


def _sums() -> list[ColumnElement[int]]:
    # A sum of large integers is of another type on PostgreSQL.
    return [cast(func.coalesce(func.sum(getattr(DepositDay, name)), 0), BigInteger) for name in FIGURES]


async def sums_by(session: ReadSession, wanted: RollupFilter, *names: str) -> dict[tuple[Any, ...], Figures]:
    """Return the figures for each combination of `names` (of record_date, staff_id, product_id) that has deposits, in
    the order of the names. Without names: one entry `()`, also where there is nothing. One statement."""
    columns = [_COLUMNS[name] for name in names]
    statement = select(*columns, *_sums()).where(*_where(wanted, DepositDay))
    if columns:
        statement = statement.group_by(*columns).order_by(*columns)
    split, found = len(columns), {}
    for row in await session.execute(statement):
        cells: tuple[Any, ...] = tuple(row)
        found[cells[:split]] = Figures(*cells[split:])
    return found


async def sums_by_each(session: ReadSession, wanted: RollupFilter) -> dict[str, dict[str, Figures]]:
    """Return the figures by day, by staff and by product, each for itself, and of everything under `total` and "".

    One statement, so that the groups add up to the same total whatever is being written meanwhile. Days are texts.
    """
    where, groups = _where(wanted, DepositDay), []
    for name, column in _COLUMNS.items():
        key = cast(column, Text)
        groups.append(select(literal(name), key, *_sums()).where(*where).group_by(column))
    everything = select(literal("total"), literal(""), *_sums()).where(*where)
    found: dict[str, dict[str, Figures]] = {name: {} for name in _COLUMNS}
    for kind, key, *figures in await session.execute(union_all(everything, *groups)):
        found.setdefault(kind, {})[key] = Figures(*figures)
    return found


async def days_worked(session: ReadSession, wanted: RollupFilter) -> dict[str, int]:
    """Return on how many days each staff has counting deposits."""
    statement = (
        select(DepositDay.staff_id, func.count(DepositDay.record_date.distinct()))
        .where(*_where(wanted, DepositDay))
        .group_by(DepositDay.staff_id)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def unique_customers(session: ReadSession, wanted: RollupFilter) -> dict[str, dict[CustomerType, int]]:
    """Return how many different customers each staff has as NDP and as RDP over the whole range.

    Not a sum of days, so it is counted in the ledger: the cost follows the deposits in the range.
    """
    statement = (
        select(Deposit.staff_id, Deposit.customer_type, func.count(Deposit.customer_key.distinct()))
        .where(COUNTS, *_where(wanted, Deposit))
        .group_by(Deposit.staff_id, Deposit.customer_type)
    )
    found: dict[str, dict[CustomerType, int]] = {}
    for staff_id, kind, count in await session.execute(statement):
        found.setdefault(staff_id, {})[CustomerType(str(kind))] = count
    return found


async def best_day(session: ReadSession, wanted: RollupFilter) -> tuple[date, int] | None:
    """Return the day with the largest turnover, and how much it was; the earlier of two that tie."""
    total = cast(func.sum(DepositDay.ndp_total + DepositDay.rdp_total), BigInteger)
    statement = (
        select(DepositDay.record_date, total)
        .where(*_where(wanted, DepositDay))
        .group_by(DepositDay.record_date)
        .order_by(total.desc(), DepositDay.record_date)
        .limit(1)
    )
    row = (await session.execute(statement)).first()
    return (row[0], row[1]) if row is not None else None


async def count_waiting(session: ReadSession, staff_id: str | None, product_id: str | None = None) -> int:
    """Return how many deposits wait for a decision."""
    statement = select(func.count()).select_from(Deposit)
    statement = statement.where(Deposit.status == "pending", Deposit.deleted_at.is_(None))
    if staff_id is not None:
        statement = statement.where(Deposit.staff_id == staff_id)
    if product_id is not None:
        statement = statement.where(Deposit.product_id == product_id)
    return await session.scalar(statement) or 0
