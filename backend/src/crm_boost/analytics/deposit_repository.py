"""All SQL of the charts of deposits that the daily totals do not answer."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from crm_boost.analytics.numbers import share
from crm_boost.analytics.scope import Scope
from crm_boost.databases.counts_repository import counts
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import COUNTED_STATES, DatabaseState, RecordState
from crm_boost.db.session import ReadSession
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import COUNTS
from crm_boost.products.models import Product


def of_scope(scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions: a counting deposit of the period, the product and the staff."""
    where: list[ColumnElement[bool]] = [COUNTS, Deposit.record_date >= scope.start, Deposit.record_date < scope.end]
    if scope.product_id is not None:
        where.append(Deposit.product_id == scope.product_id)
    if scope.staff_id is not None:
        where.append(Deposit.staff_id == scope.staff_id)
    return where


async def database_use(session: ReadSession, product_id: str | None, staff_id: str | None) -> list[dict[str, Any]]:
    """Return, for each database in use, how many of its records are handed out; with `staff_id`: to that staff."""
    everything = counts().subquery()
    states = {
        "assigned_count": RecordState.ASSIGNED,
        "archived_count": RecordState.ARCHIVED,
        "available_count": RecordState.AVAILABLE,
    }
    sums = [
        func.coalesce(func.sum(case((everything.c.state == state, everything.c.records), else_=0)), 0).label(name)
        for name, state in states.items()
    ]
    statement = (
        select(
            CustomerDatabase.id,
            CustomerDatabase.name,
            CustomerDatabase.module,
            CustomerDatabase.product_id,
            Product.name.label("product_name"),
            func.coalesce(func.sum(everything.c.records), 0).label("total"),
            *sums,
        )
        .join(Product, Product.id == CustomerDatabase.product_id)
        .outerjoin(
            everything,
            and_(everything.c.database_id == CustomerDatabase.id, everything.c.state.in_(COUNTED_STATES)),
        )
        .where(CustomerDatabase.state == DatabaseState.READY, CustomerDatabase.deleted_at.is_(None))
        .group_by(
            CustomerDatabase.id,
            CustomerDatabase.name,
            CustomerDatabase.module,
            CustomerDatabase.product_id,
            Product.name,
        )
        .order_by(CustomerDatabase.name, CustomerDatabase.id)
    )
    if product_id is not None:
        statement = statement.where(CustomerDatabase.product_id == product_id)
    held = await _held_by(session, staff_id) if staff_id is not None else None
    rows = []
    for row in await session.execute(statement):
        assigned = int(row.assigned_count) if held is None else held.get(row.id, 0)
        rows.append(
            {
                "database_id": row.id,
                "database_name": row.name,
                "module": row.module,
                "product_id": row.product_id,
                "product_name": row.product_name,
                "total_records": int(row.total),
                "assigned_count": assigned,
                "archived_count": int(row.archived_count),
                "available_count": int(row.available_count),
                "utilization": share(assigned, int(row.total)),
            }
        )
    return rows


async def _held_by(session: ReadSession, staff_id: str) -> dict[str, int]:
    statement = (
        select(Record.database_id, func.count())
        .where(Record.assigned_to == staff_id, Record.state == RecordState.ASSIGNED)
        .group_by(Record.database_id)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}
