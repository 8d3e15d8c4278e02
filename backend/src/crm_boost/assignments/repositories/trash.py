"""Statements about trashed databases."""

from datetime import datetime

from sqlalchemy import update

from crm_boost.databases.models import CustomerDatabase
from crm_boost.db.session import WriteSession


async def mark_deleted(session: WriteSession, database_id: str, at: datetime | None, by: str | None) -> None:
    """Put a database into the trash, or take it out (`at` is None)."""
    statement = update(CustomerDatabase).where(CustomerDatabase.id == database_id)
    await session.execute(statement.values(deleted_at=at, deleted_by=by))
