"""All SQL that reads figures of work. Counts are sums over the roll-up; days are read from the index of one staff's
answers after the other, never from the pool (ADR 33)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from crm_boost.analytics.counting import WORK, Work
from crm_boost.analytics.models import WorkDay, WorkItem
from crm_boost.analytics.scope import Scope
from crm_boost.contacts.verdicts import YES
from crm_boost.databases.models import CustomerDatabase
from crm_boost.db.dialect import in_texts, unindexed
from crm_boost.db.session import ReadSession

_COLUMNS = {"day": WorkDay.day, "staff_id": WorkDay.staff_id}


def in_product(column: Any, scope: Scope) -> list[ColumnElement[bool]]:
    """Return the condition that the database in `column` belongs to the product of the scope; none where it is of all."""
    if scope.product_id is None:
        return []
    return [column.in_(select(CustomerDatabase.id).where(CustomerDatabase.product_id == scope.product_id))]


async def work_by(session: ReadSession, scope: Scope, *names: str) -> dict[tuple[Any, ...], Work]:
    """Return the figures of work for each combination of `names` (of day, staff_id), in their order. One statement."""
    columns = [_COLUMNS[name] for name in names]
    sums = [cast(func.coalesce(func.sum(getattr(WorkDay, name)), 0), BigInteger) for name in WORK]
    statement = select(*columns, *sums).where(WorkDay.day >= scope.start, WorkDay.day < scope.end)
    if scope.staff_id is not None:
        statement = statement.where(WorkDay.staff_id == scope.staff_id)
    statement = statement.where(*in_product(WorkDay.database_id, scope))
    if columns:
        statement = statement.group_by(*columns).order_by(*columns)
    split, found = len(columns), {}
    for row in await session.execute(statement):
        cells: tuple[Any, ...] = tuple(row)
        found[cells[:split]] = Work(*cells[split:])
    return found


async def handed_out_in_all(session: ReadSession, scope: Scope) -> dict[str, int]:
    """Return how much each staff was ever handed out, up to the end of the period."""
    statement = (
        select(WorkDay.staff_id, cast(func.sum(WorkDay.assigned), BigInteger))
        .where(unindexed(WorkDay.day) < scope.end)
        .group_by(WorkDay.staff_id)
    )
    if scope.staff_id is not None:
        statement = statement.where(WorkDay.staff_id == scope.staff_id)
    statement = statement.where(*in_product(WorkDay.database_id, scope))
    return {row[0]: row[1] for row in await session.execute(statement)}


async def answers(
    session: ReadSession, scope: Scope, staff_ids: Sequence[str]
) -> list[tuple[str, date, date | None, int]]:
    """Return how many said yes to each of these staff in the period: staff, day of the answer, day of the first deposit
    since, count."""
    columns = (WorkItem.staff_id, WorkItem.respond_on, WorkItem.deposited_on)
    statement = (
        select(*columns, func.count())
        .where(
            in_texts(WorkItem.staff_id, staff_ids),
            WorkItem.respond_on >= scope.start,
            WorkItem.respond_on < scope.end,
            WorkItem.respond_on.is_not(None),
            WorkItem.respond_status == YES,
        )
        .group_by(*columns)
    )
    statement = statement.where(*in_product(WorkItem.database_id, scope))
    return [(row[0], row[1], row[2], row[3]) for row in await session.execute(statement) if row[1] is not None]
