"""Statements about one record: whether a caller may open it, and where it came from."""

from typing import Any

from sqlalchemy import Row, select

from crm_boost.contacts.service import Reach
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_texts
from crm_boost.db.session import ReadSession


async def find_record(session: ReadSession, record_id: str, reach: Reach) -> Row[*tuple[Any, ...]] | None:
    """Return a record within reach, with the import it came from. A holder reaches what they hold in live databases."""
    statement = (
        select(
            Record.seq,
            Record.id,
            Record.state,
            Record.assigned_to,
            Record.database_id,
            CustomerDatabase.uploaded_at,
            CustomerDatabase.uploaded_by_name,
        )
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .where(Record.id == record_id, CustomerDatabase.state == DatabaseState.READY)
    )
    if reach.modules is not None:
        statement = statement.where(in_texts(CustomerDatabase.module, reach.modules))
    if reach.holder is not None:
        statement = statement.where(
            Record.assigned_to == reach.holder,
            Record.state == RecordState.ASSIGNED,
            CustomerDatabase.deleted_at.is_(None),
        )
    return (await session.execute(statement)).first()
