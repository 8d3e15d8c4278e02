"""All SQL of what people arrange to their liking."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from crm_boost.analytics.models import UserPreference
from crm_boost.db.dialect import inserting
from crm_boost.db.session import ReadSession, WriteSession


async def find(session: ReadSession, user_id: str, name: str) -> dict[str, Any] | None:
    """Return what a person stored under a name."""
    statement = select(UserPreference.value).where(UserPreference.user_id == user_id, UserPreference.name == name)
    found: dict[str, Any] | None = await session.scalar(statement)
    return found


async def put(session: WriteSession, user_id: str, name: str, value: dict[str, Any], at: datetime) -> None:
    """Store a preference in the place of the one before."""
    row = {"user_id": user_id, "name": name, "value": value, "updated_at": at}
    statement = inserting(session, UserPreference.__table__).values(row)
    changed = {column: statement.excluded[column] for column in ("value", "updated_at")}
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id", "name"], set_=changed))
