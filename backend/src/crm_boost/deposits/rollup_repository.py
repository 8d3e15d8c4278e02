"""All SQL that reads the roll-ups: what screens, reports, targets and rankings take their figures from.

A row of `omset_daily` is one staff, product and day (see `models.DepositDay`); there are coarser ones by staff and day, and
by month, and each statement reads the coarsest that answer it. All figures add up over rows: a customer is counted at most
once as NDP and once as RDP per row and day. Amounts are minor units (`money.from_minor`). `total` figures are after the
multiplier (the turnover), `nominal` ones before it. Pending, declined and deleted deposits are in no row.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, cast, func, literal, select, union_all

from crm_boost.db.dialect import unindexed
from crm_boost.db.session import ReadSession
from crm_boost.deposits.classification import FIGURES, Figures
from crm_boost.deposits.models import Deposit, DepositDay, DepositMonth, DepositStaffDay
from crm_boost.deposits.repository import COUNTS
from crm_boost.deposits.rollups import is_one_month_from_its_first, parts_of
from crm_boost.deposits.states import CustomerType


@dataclass(frozen=True, slots=True)
class RollupFilter:
    """Which roll-ups: days from `start` up to, not including, `end`; None leaves that side open. Unknown ids match
    nothing."""

    start: date | None = None
    end: date | None = None
    product_id: str | None = None
    staff_id: str | None = None


def _where(wanted: RollupFilter, table: Any) -> list[ColumnElement[bool]]:
    day = table.month if table is DepositMonth else table.record_date
    where = []
    if wanted.start is not None:
        where.append(day >= wanted.start)
    if wanted.end is not None:
        where.append(day < wanted.end)
    if wanted.product_id is not None:
        where.append(table.product_id == wanted.product_id)
    if wanted.staff_id is not None:
        where.append(table.staff_id == wanted.staff_id)
    return where


def _sum(what: Any) -> ColumnElement[int]:
    # A sum of large integers is of another type on PostgreSQL.
    return cast(func.coalesce(func.sum(what), 0), BigInteger)


def _grouped(wanted: RollupFilter, *names: str, kind: str | None = None) -> Select[*tuple[Any, ...]]:
    """Return a statement for the figures (`FIGURES`) of each combination of names that has deposits, from the coarsest
    roll-ups that know them. With a `kind`, that comes first and the names are texts, so that statements can be joined."""

    def shown(columns: list[Any]) -> list[Any]:
        return columns if kind is None else [literal(kind), *(cast(column, Text) for column in columns)]

    of_product = "product_id" in names or wanted.product_id is not None
    by_day: Any = DepositDay if of_product else DepositStaffDay
    if "record_date" in names:
        columns = [getattr(by_day, name) for name in names]
        sums = [_sum(getattr(by_day, name)).label(name) for name in FIGURES]
        return select(*shown(columns), *sums).where(*_where(wanted, by_day)).group_by(*columns)
    parts, found = parts_of(wanted.start, wanted.end), []
    for part in parts:
        table: Any = DepositMonth if part.by_month else by_day
        columns = [getattr(table, name) for name in names]
        sums = [_sum(part.sign * getattr(table, name)).label(name) for name in FIGURES]
        of_part = replace(wanted, start=part.start, end=part.end)
        statement = select(*(shown(columns) if len(parts) == 1 else columns), *sums).where(*_where(of_part, table))
        # The table is read as it lies: an index by staff would look every row up.
        found.append(statement.group_by(*(unindexed(column) for column in columns)))
    if len(found) == 1:
        return found[0]
    both = union_all(*found).subquery()
    columns = [both.c[name] for name in names]
    total = select(*shown(columns), *(_sum(both.c[name]).label(name) for name in FIGURES)).group_by(*columns)
    return total.having(func.sum(both.c.ndp_forms + both.c.rdp_forms) > 0) if columns else total


async def sums_by(session: ReadSession, wanted: RollupFilter, *names: str) -> dict[tuple[Any, ...], Figures]:
    """Return the figures for each combination of `names` (of record_date, staff_id, product_id) that has deposits, in
    the order of the names. Without names: one entry `()`, also where there is nothing. One statement."""
    statement = _grouped(wanted, *names)
    split, found = len(names), {}
    for row in map(tuple, await session.execute(statement.order_by(*names))):
        found[row[:split]] = Figures(*row[split:])
    return found


async def sums_by_each(session: ReadSession, wanted: RollupFilter) -> dict[str, dict[str, Figures]]:
    """Return the figures by day, by staff and by product, each for itself, and of everything under `total` and "".

    One statement, so that the groups add up to the same total whatever is being written meanwhile. Days are texts.
    """
    found: dict[str, dict[str, Figures]] = {"record_date": {}, "staff_id": {}, "product_id": {}}
    groups = union_all(*(_grouped(wanted, name, kind=name) for name in found))
    for kind, key, *figures in await session.execute(groups):
        found[kind][key] = Figures(*figures)
    everything = Figures()
    for of_product in found["product_id"].values():
        everything.add(of_product)
    return {**found, "total": {"": everything}}


async def unique_customers(session: ReadSession, wanted: RollupFilter) -> dict[str, dict[CustomerType, int]]:
    """Return how many different customers each staff has as NDP and as RDP over the whole range.

    From the roll-up, where the range begins with a month and ends in it, or ends with the ledger. Of any other range, and of
    one product, they are counted in an index of the ledger: the cost follows the deposits in the range.
    """
    day = DepositStaffDay
    if wanted.product_id is None and is_one_month_from_its_first(wanted.start, wanted.end):
        return await _marked(session, wanted, day.ndp_fresh, day.rdp_fresh)
    if wanted.product_id is None and await _ends_with_ledger(session, wanted.end):
        return await _marked(session, wanted, day.ndp_last, day.rdp_last)
    statement = (
        select(Deposit.staff_id, Deposit.customer_type, func.count(Deposit.customer_key.distinct()))
        .where(COUNTS, *_where(wanted, Deposit))
        .group_by(Deposit.staff_id, Deposit.customer_type)
    )
    found: dict[str, dict[CustomerType, int]] = {}
    for staff_id, kind, count in await session.execute(statement):
        found.setdefault(staff_id, dict.fromkeys(CustomerType, 0))[CustomerType(str(kind))] = count
    return found


async def _marked(session: ReadSession, wanted: RollupFilter, ndp: Any, rdp: Any) -> dict[str, dict[CustomerType, int]]:
    statement = select(DepositStaffDay.staff_id, _sum(ndp), _sum(rdp)).where(*_where(wanted, DepositStaffDay))
    return {
        staff_id: {CustomerType.NDP: as_ndp, CustomerType.RDP: as_rdp}
        for staff_id, as_ndp, as_rdp in await session.execute(statement.group_by(unindexed(DepositStaffDay.staff_id)))
        if as_ndp or as_rdp
    }


async def _ends_with_ledger(session: ReadSession, end: date | None) -> bool:
    """Whether nothing counts on or after that day."""
    if end is None:
        return True
    latest = await session.scalar(select(func.max(DepositStaffDay.record_date)))
    return latest is None or latest < end


async def best_day(session: ReadSession, wanted: RollupFilter) -> tuple[date, int] | None:
    """Return the day with the largest turnover, and how much it was; the earlier of two that tie."""
    day: Any = DepositStaffDay if wanted.product_id is None else DepositDay
    total = _sum(day.ndp_total + day.rdp_total)
    statement = (
        select(day.record_date, total)
        .where(*_where(wanted, day))
        .group_by(day.record_date)
        .order_by(total.desc(), day.record_date)
        .limit(1)
    )
    row = (await session.execute(statement)).first()
    return (row[0], row[1]) if row is not None else None


async def count_waiting(session: ReadSession, staff_id: str | None, product_id: str | None = None) -> int:
    """Return how many deposits wait for a decision."""
    statement = select(func.count()).select_from(Deposit)
    # The second condition is that of the index.
    statement = statement.where(Deposit.status == "pending", Deposit.status != "approved", Deposit.deleted_at.is_(None))
    if staff_id is not None:
        statement = statement.where(Deposit.staff_id == staff_id)
    if product_id is not None:
        statement = statement.where(Deposit.product_id == product_id)
    return await session.scalar(statement) or 0
