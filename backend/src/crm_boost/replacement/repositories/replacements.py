"""Statements about replacements made, and about records that are rejected now."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, func, insert, select
from sqlalchemy.orm import aliased

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_texts
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.models import User
from crm_boost.replacement.models import Replacement

_replacement = cast(Table, Replacement.__table__)
_INSERT = insert(_replacement)


def is_invalid_now() -> list[ColumnElement[bool]]:
    """Return the conditions: assigned and rejected, in a live database (to be joined)."""
    return [
        Record.validation_status == "invalid",
        Record.state == RecordState.ASSIGNED,
        CustomerDatabase.id == Record.database_id,
        CustomerDatabase.state == DatabaseState.READY,
        CustomerDatabase.deleted_at.is_(None),
    ]


async def add(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store replacements in one statement."""
    if rows:
        await session.execute(_INSERT, list(rows))


async def used_of(session: ReadSession, quota_keys: Sequence[str]) -> dict[str, int]:
    """Return how many replacements the rule has made, by what the quota belongs to."""
    statement = (
        select(Replacement.quota_key, func.count())
        .where(in_texts(Replacement.quota_key, quota_keys), Replacement.by_rule)
        .group_by(Replacement.quota_key)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def replaced_by(session: ReadSession, record_ids: Sequence[str]) -> dict[str, str]:
    """Return, for those of these records that were replaced, the record that was dealt in their place."""
    statement = select(Record.id, Record.replaced_by).where(
        in_texts(Record.id, record_ids), Record.state == RecordState.ARCHIVED, Record.replaced_by.is_not(None)
    )
    return {row[0]: row[1] or "" for row in await session.execute(statement)}


async def invalid_ids(session: ReadSession, module: str, staff_id: str) -> list[str]:
    """Return the records of a module that a staff holds and has rejected, in the order of the database."""
    statement = (
        select(Record.id)
        .where(Record.assigned_to == staff_id, CustomerDatabase.module == module, *is_invalid_now())
        .order_by(Record.database_id, Record.seq)
    )
    return list((await session.scalars(statement)).all())


async def invalid_among(session: ReadSession, record_ids: Sequence[str], modules: Sequence[str]) -> list[str]:
    """Return those of these records that are rejected now, in these modules."""
    statement = select(Record.id).where(
        in_texts(Record.id, record_ids), in_texts(CustomerDatabase.module, modules), *is_invalid_now()
    )
    found = set((await session.scalars(statement)).all())
    return [record_id for record_id in record_ids if record_id in found]


async def count_invalid(session: ReadSession, module: str, staff_ids: Sequence[str]) -> dict[str, int]:
    """Return how many records of a module each of these staff holds and has rejected."""
    statement = (
        select(Record.assigned_to, func.count())
        .where(in_texts(Record.assigned_to, staff_ids), CustomerDatabase.module == module, *is_invalid_now())
        .group_by(Record.assigned_to)
    )
    return {row[0] or "": row[1] for row in await session.execute(statement)}


async def invalid_by_reason(session: ReadSession, modules: Sequence[str]) -> list[Any]:
    """Return how many records are rejected now, by staff, module and reason; the most first."""
    count = func.count().label("records")
    holder = aliased(User)
    statement = (
        select(
            Record.assigned_to.label("staff_id"),
            holder.name.label("staff_name"),
            CustomerDatabase.module,
            Record.validation_reason.label("reason"),
            count,
        )
        .join(holder, holder.id == Record.assigned_to)
        .where(in_texts(CustomerDatabase.module, modules), *is_invalid_now())
        .group_by(Record.assigned_to, holder.name, CustomerDatabase.module, Record.validation_reason)
        .order_by(count.desc(), Record.validation_reason)
    )
    return list((await session.execute(statement)).all())


async def is_archived(session: ReadSession, module: str, record_id: str) -> bool:
    """Whether this is an archived record in a live database of the module."""
    statement = select(Record.seq).where(
        Record.id == record_id,
        Record.state == RecordState.ARCHIVED,
        CustomerDatabase.id == Record.database_id,
        CustomerDatabase.module == module,
        CustomerDatabase.state == DatabaseState.READY,
        CustomerDatabase.deleted_at.is_(None),
    )
    return (await session.execute(statement)).first() is not None
