"""All SQL on stored settings."""

from typing import Any

from sqlalchemy import select

from crm_boost.configuration.models import StoredSetting
from crm_boost.db.dialect import inserting
from crm_boost.db.session import ReadSession, WriteSession


async def find(session: ReadSession, name: str) -> StoredSetting | None:
    """Return the row of a group of settings, if anybody ever changed it."""
    statement = select(StoredSetting).where(StoredSetting.name == name).execution_options(populate_existing=True)
    return (await session.scalars(statement)).first()


async def put(session: WriteSession, row: dict[str, Any]) -> None:
    """Store a group of settings, whether it was there or not."""
    statement = inserting(session, StoredSetting).values(row)
    changed = {name: statement.excluded[name] for name in row if name != "name"}
    await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))
