"""All SQL that says what the roll-ups have to be: the definition once more, over the classes that are stored (spec 4.1).

It shares no code with what moves the roll-ups (`rollups.py`), which it checks and rebuilds.
"""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, distinct, func, literal, null, select, union_all
from sqlalchemy import cast as as_type
from sqlalchemy.orm import aliased

from crm_boost.db.dialect import first_of_month
from crm_boost.db.session import ReadSession
from crm_boost.db.types import Question
from crm_boost.deposits.classification import FIGURES
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import COUNTS
from crm_boost.deposits.rollup_write_repository import DAYS, MONTHS, ROLLUPS, Rollup, RowAmounts, RowKey
from crm_boost.deposits.rollups import TIERS, UNIQUES
from crm_boost.deposits.states import CustomerType

_OF_STAFF_DAY = (Deposit.record_date, Deposit.staff_id)
_OF_DAY = (*_OF_STAFF_DAY, Deposit.product_id)
_NDP = Deposit.customer_type == str(CustomerType.NDP)


def recomputed(rollup: Rollup, start: date | None, end: date | None) -> Question:
    """Return what the rows of a roll-up have to be: its key, then its figures. Of a span of days, or of everything."""
    if rollup is DAYS:
        return _days(start, end)
    days = _days(start, end).subquery("days")
    if rollup is MONTHS:
        month = first_of_month(days.c.record_date).label("month")
        return _together(
            rollup,
            select(month, days.c.staff_id, days.c.product_id, *_columns(days), *_zeros(TIERS)),
            _tiers(start, end),
        )
    return _together(
        rollup, select(days.c.record_date, days.c.staff_id, *_columns(days), *_zeros(UNIQUES)), _uniques(start, end)
    )


async def span(session: ReadSession) -> tuple[date, date] | None:
    """Return the first and the last day on which anything counts or is stored."""
    ledger = select(func.min(Deposit.record_date), func.max(Deposit.record_date)).where(COUNTS)
    stored = [select(func.min(rollup.key[0]), func.max(rollup.key[0])) for rollup in ROLLUPS]
    ends: list[Any] = [end for statement in (ledger, *stored) for end in (await session.execute(statement)).one()]
    days = [end for end in ends if end is not None]
    return (min(days), max(days)) if days else None


async def rows_to_check(session: ReadSession, rollup: Rollup, start: date, end: date) -> set[RowKey]:
    """Return the rows of a span that have deposits, or are stored."""
    columns: dict[str, Any] = {column.key: column for column in _OF_DAY}
    columns["month"] = first_of_month(Deposit.record_date)
    ledger = select(*(columns[column.name] for column in rollup.key)).distinct().where(COUNTS, *_in(start, end))
    return {
        tuple(row)
        for statement in (ledger, select(*rollup.key).where(*_stored_in(rollup, start, end)))
        for row in await session.execute(statement)
    }


async def compare(
    session: ReadSession, rollup: Rollup, start: date, end: date
) -> tuple[dict[RowKey, RowAmounts], dict[RowKey, RowAmounts]]:
    """Return what the rows of a span have to be, and what they are."""
    stored = select(*rollup.key, *(rollup.table.c[name] for name in rollup.names))
    split, found = len(rollup.key), []
    for statement in (recomputed(rollup, start, end), stored.where(*_stored_in(rollup, start, end))):
        rows: dict[RowKey, RowAmounts] = {}
        for row in map(tuple, await session.execute(statement)):
            rows[row[:split]] = row[split:]
        found.append(rows)
    return found[0], found[1]


def _in(start: date | None, end: date | None) -> list[ColumnElement[bool]]:
    return [] if start is None or end is None else [Deposit.record_date >= start, Deposit.record_date < end]


def _stored_in(rollup: Rollup, start: date, end: date) -> list[ColumnElement[bool]]:
    day = rollup.key[0]
    return [day >= start, day < end]


def _sum(what: Any) -> ColumnElement[int]:
    # A sum of large integers is of another type on PostgreSQL.
    return as_type(func.coalesce(func.sum(what), 0), BigInteger)


def _columns(table: Any) -> list[Any]:
    return [table.c[name] for name in FIGURES]


def _zeros(names: tuple[str, ...]) -> list[Any]:
    return [literal(0).label(name) for name in names]


def _together(rollup: Rollup, sums: Question, counted: Question) -> Question:
    """Add up what is a sum of days and what is not."""
    both = union_all(sums, counted).subquery("both")
    of_row = [both.c[column.name] for column in rollup.key]
    return select(*of_row, *(_sum(both.c[name]).label(name) for name in rollup.names)).group_by(*of_row)


def _days(start: date | None, end: date | None) -> Question:
    def of(kind: ColumnElement[bool], what: Any) -> Any:
        return _sum(case((kind, what), else_=0))

    def customers(kind: ColumnElement[bool]) -> Any:
        return func.count(distinct(case((kind, Deposit.customer_key), else_=null())))

    return (
        select(
            *_OF_DAY,
            customers(_NDP).label("ndp"),
            customers(~_NDP).label("rdp"),
            of(_NDP, 1).label("ndp_forms"),
            of(~_NDP, 1).label("rdp_forms"),
            of(_NDP, Deposit.nominal).label("ndp_nominal"),
            of(~_NDP, Deposit.nominal).label("rdp_nominal"),
            of(_NDP, Deposit.total).label("ndp_total"),
            of(~_NDP, Deposit.total).label("rdp_total"),
        )
        .where(COUNTS, *_in(start, end))
        .group_by(*_OF_DAY)
    )


def _tiers(start: date | None, end: date | None) -> Question:
    """Customers by how often they came in a month, which is no sum of days."""
    month = first_of_month(Deposit.record_date)
    times = (
        select(month.label("month"), Deposit.staff_id, Deposit.product_id, func.count().label("times"))
        .where(COUNTS, *_in(start, end))
        .group_by(month, Deposit.staff_id, Deposit.product_id, Deposit.customer_key)
        .subquery("times")
    )
    most = len(TIERS) + 1
    has = [times.c.times == number for number in range(2, most)] + [times.c.times >= most]
    return select(
        times.c.month,
        times.c.staff_id,
        times.c.product_id,
        *_zeros(FIGURES),
        *(case((condition, 1), else_=0).label(name) for name, condition in zip(TIERS, has, strict=True)),
    )


def _uniques(start: date | None, end: date | None) -> Question:
    """Customers with a class on a day and, of that class, on no earlier day of the month, or on no later day at all."""
    of_customer = (*_OF_STAFF_DAY, Deposit.customer_key, Deposit.customer_type)
    day = select(*of_customer).distinct().where(COUNTS, *_in(start, end)).subquery("customer_days")
    other = aliased(Deposit)
    same = and_(
        other.staff_id == day.c.staff_id,
        other.customer_key == day.c.customer_key,
        other.customer_type == day.c.customer_type,
    )
    earlier = and_(other.record_date >= first_of_month(day.c.record_date), other.record_date < day.c.record_date)
    fresh = ~select(other.id).where(same, earlier).exists()
    last = ~select(other.id).where(same, other.record_date > day.c.record_date).exists()
    ndp = day.c.customer_type == str(CustomerType.NDP)
    conditions = (and_(ndp, fresh), and_(~ndp, fresh), and_(ndp, last), and_(~ndp, last))
    counts = [case((condition, 1), else_=0).label(name) for name, condition in zip(UNIQUES, conditions, strict=True)]
    return select(day.c.record_date, day.c.staff_id, *_zeros(FIGURES), *counts)
