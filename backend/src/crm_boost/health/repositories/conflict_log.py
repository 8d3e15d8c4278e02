"""Figures about the log of conflicts, which outlives the conflicts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, select

from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User
from crm_boost.reservations.listing_repository import ConflictFilter
from crm_boost.reservations.models import ConflictEntry


async def summary(session: ReadSession, wanted: ConflictFilter) -> dict[str, int]:
    """Return how many entries there are, how many are open, and how many people and owners they concern."""
    statement = select(
        func.count().label("total"),
        func.count(case((ConflictEntry.ended_at.is_(None), 1))).label("open"),
        func.count(ConflictEntry.staff_id.distinct()).label("staff"),
        func.count(ConflictEntry.owner_id.distinct()).label("owners"),
    ).where(*wanted.conditions())
    found = dict((await session.execute(statement)).one()._mapping)
    return {**found, "ended": found["total"] - found["open"]}


async def begun_since(session: ReadSession, instants: Sequence[datetime]) -> list[int]:
    """Return how many conflicts there were in all, and since each of these instants."""
    since = [func.count(case((ConflictEntry.began_at >= instant, 1))) for instant in instants]
    return list((await session.execute(select(func.count(), *since).select_from(ConflictEntry))).one())


async def top_people(session: ReadSession, column: str, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return who appears most often in a column of the log (`staff_id`, `owner_id`): id, name, count."""
    person = ConflictEntry.staff_id if column == "staff_id" else ConflictEntry.owner_id
    count = func.count().label("count")
    statement = (
        select(User.id, User.name, count)
        .select_from(ConflictEntry)
        .join(User, User.id == person)
        .group_by(User.id, User.name)
        .order_by(count.desc(), User.name, User.id)
        .limit(limit)
    )
    return (await session.execute(statement)).all()
