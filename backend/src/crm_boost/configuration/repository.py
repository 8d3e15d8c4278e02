"""All SQL on stored settings."""

from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, select

from crm_boost.configuration.models import StoredSetting
from crm_boost.db.dialect import inserting
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import look_up

_setting = cast(Table, StoredSetting.__table__)
_STORED = select(*_setting.c).where(_setting.c.name == bindparam("of_name"))


async def find(session: ReadSession, name: str) -> Row[*tuple[Any, ...]] | None:
    """Return the row of a group of settings, if anybody ever changed it."""
    rows = await look_up(session, _STORED, {"of_name": name})
    return rows[0] if rows else None


async def put(session: WriteSession, row: dict[str, Any]) -> None:
    """Store a group of settings, whether it was there or not."""
    statement = inserting(session, StoredSetting).values(row)
    changed = {name: statement.excluded[name] for name in row if name != "name"}
    await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))
