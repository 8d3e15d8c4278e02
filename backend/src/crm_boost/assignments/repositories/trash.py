"""Statements about trashed databases."""

from datetime import datetime

from sqlalchemy import func, select, update

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState
from crm_boost.db.session import ReadSession, WriteSession


async def mark_deleted(session: WriteSession, database_id: str, at: datetime | None, by: str | None) -> None:
    """Put a database into the trash, or take it out (`at` is None)."""
    statement = update(CustomerDatabase).where(CustomerDatabase.id == database_id)
    await session.execute(statement.values(deleted_at=at, deleted_by=by))


async def count_in_state(session: ReadSession, database_id: str, state: RecordState) -> int:
    """Return how many records of a database are in a state."""
    statement = select(func.count()).where(Record.database_id == database_id, Record.state == state)
    return (await session.execute(statement)).scalar_one()
