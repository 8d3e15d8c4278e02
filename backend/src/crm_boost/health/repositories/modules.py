"""Statements about the databases of one module, for its kept health routes."""

from typing import Any, cast

from sqlalchemy import Row, Table, and_, func, select

from crm_boost.assignments.models import Batch
from crm_boost.databases.counts_repository import counts
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.session import ReadSession
from crm_boost.db.types import Question
from crm_boost.identity.models import User

Rows = list[Row[*tuple[Any, ...]]]

_database = cast(Table, CustomerDatabase.__table__)
_d = _database.c


async def databases(session: ReadSession, module: str) -> Rows:
    """Return the databases of a module with the number of their records in each state: (id, name, product, state,
    count), one row for each state; state None where there are no records."""
    counted = counts().subquery()
    is_shown = and_(counted.c.database_id == _d.id, counted.c.state != RecordState.TRASHED, counted.c.records != 0)
    records = func.coalesce(counted.c.records, 0).label("count")
    statement = (
        select(_d.id, _d.name, _d.product_id, counted.c.state, records)
        .outerjoin(counted, is_shown)
        .where(_d.module == module, _d.state == DatabaseState.READY, _d.deleted_at.is_(None))
        .order_by(_d.uploaded_at.desc(), _d.id)
    )
    return list((await session.execute(statement)).all())


async def per_database(session: ReadSession, question: Question) -> dict[str, int]:
    """Return how many rows a check finds in each database."""
    found = question.subquery()
    statement = select(found.c.database_id, func.count()).group_by(found.c.database_id)
    return {row[0]: row[1] for row in await session.execute(statement)}


async def batches(session: ReadSession, module: str, limit: int) -> Rows:
    """Return the newest batches of a module: id, whose, and how many records are in it."""
    statement = (
        select(
            Batch.id,
            User.name.label("staff_name"),
            select(func.count()).where(Record.batch_id == Batch.id).correlate(Batch).scalar_subquery().label("count"),
        )
        .join(User, User.id == Batch.staff_id)
        .where(Batch.module == module)
        .order_by(Batch.created_at.desc(), Batch.id.desc())
        .limit(limit)
    )
    return list((await session.execute(statement)).all())
