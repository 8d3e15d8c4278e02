"""All SQL of the counters: each figure is asked for once, and read where it is kept or from an index."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select

from crm_boost.databases.counts_repository import counts
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import COUNTED_STATES, DatabaseState, RecordState
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User
from crm_boost.identity.permissions import Role
from crm_boost.uploads.models import RUNNING, Import


def _live(modules: Sequence[str]) -> list[ColumnElement[bool]]:
    return [
        CustomerDatabase.state == DatabaseState.READY,
        CustomerDatabase.deleted_at.is_(None),
        CustomerDatabase.module.in_(modules),
    ]


async def databases_by_module(session: ReadSession, modules: Sequence[str]) -> dict[str, int]:
    """Return how many databases there are, by module."""
    statement = select(CustomerDatabase.module, func.count()).where(*_live(modules)).group_by(CustomerDatabase.module)
    return {row[0]: row[1] for row in await session.execute(statement)}


async def records_by_module(session: ReadSession, modules: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how many records there are, by module and state."""
    counted = counts().subquery()
    statement = (
        select(CustomerDatabase.module, counted.c.state, func.sum(counted.c.records))
        .join(counted, counted.c.database_id == CustomerDatabase.id)
        .where(*_live(modules), counted.c.state.in_(COUNTED_STATES))
        .group_by(CustomerDatabase.module, counted.c.state)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for module, state, count in await session.execute(statement):
        found[module][state] = int(count)
    return found


async def people(session: ReadSession, roles: Sequence[Role], seen_after: datetime) -> tuple[int, int]:
    """Return how many active people of these roles were seen after that instant, and how many there are."""
    seen = func.count(case((User.last_seen_at > seen_after, 1)))
    statement = select(seen, func.count()).where(
        User.role.in_([role.value for role in roles]), User.is_active, User.deleted_at.is_(None)
    )
    online, active = (await session.execute(statement)).one()
    return online, active


async def imports_running(session: ReadSession, modules: Sequence[str]) -> int:
    """Return how many imports are at work."""
    statement = select(func.count()).select_from(Import).where(Import.state.in_(RUNNING), Import.module.in_(modules))
    return (await session.scalar(statement)) or 0


async def own_by_module(session: ReadSession, staff_id: str, since: datetime) -> dict[str, tuple[int, int]]:
    """Return, by module, how many records this person holds, and how many of them since that instant."""
    statement = (
        select(CustomerDatabase.module, func.count(), func.count(case((Record.assigned_at >= since, 1))))
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .where(
            Record.assigned_to == staff_id,
            Record.state == RecordState.ASSIGNED,
            CustomerDatabase.state == DatabaseState.READY,
            CustomerDatabase.deleted_at.is_(None),
        )
        .group_by(CustomerDatabase.module)
    )
    return {module: (held, received) for module, held, received in await session.execute(statement)}
