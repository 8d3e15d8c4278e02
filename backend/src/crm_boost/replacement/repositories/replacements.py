"""Statements about replacements made, and about records that are rejected now."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, func, insert, literal_column, select

from crm_boost.contacts.verdicts import Verdict
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_texts, unindexed
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.models import User
from crm_boost.replacement.models import Replacement
from crm_boost.reservations.matching import is_taken_by_other

_replacement = cast(Table, Replacement.__table__)
_INSERT = insert(_replacement)


# Written out, as in the indexes they belong to: otherwise SQLite would not see that these are meant.
_BY_RULE: ColumnElement[bool] = literal_column("replacements.by_rule")
_INVALID: ColumnElement[str] = literal_column(repr(str(Verdict.INVALID)))
_ASSIGNED: ColumnElement[str] = literal_column(repr(str(RecordState.ASSIGNED)))


def live_databases(modules: Sequence[str]) -> Select[str]:
    """Return the query of the databases of these modules that records are shown of."""
    return select(CustomerDatabase.id).where(
        CustomerDatabase.state == DatabaseState.READY,
        CustomerDatabase.deleted_at.is_(None),
        in_texts(CustomerDatabase.module, modules),
    )


def is_invalid_now(modules: Sequence[str]) -> list[ColumnElement[bool]]:
    """Return the conditions: assigned and rejected, in a live database of these modules.

    There are far fewer rejected records than others: their index leads, the database is only looked at.
    """
    return [
        Record.validation_status == _INVALID,
        Record.state == _ASSIGNED,
        unindexed(Record.database_id).in_(live_databases(modules)),
    ]


async def add(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store replacements in one statement."""
    if rows:
        await session.execute(_INSERT, list(rows))


async def used_of(session: ReadSession, quota_keys: Sequence[str]) -> dict[str, int]:
    """Return how many replacements the rule has made, by what the quota belongs to."""
    statement = (
        select(Replacement.quota_key, func.count())
        .where(in_texts(Replacement.quota_key, quota_keys), _BY_RULE)
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
        .where(Record.assigned_to == staff_id, *is_invalid_now([module]))
        .order_by(Record.database_id, Record.seq)
    )
    return list((await session.scalars(statement)).all())


async def invalid_among(session: ReadSession, record_ids: Sequence[str], modules: Sequence[str]) -> dict[str, bool]:
    """Return those of these records that are rejected now, in these modules, and whether somebody other than their
    holder has reserved the customer."""
    is_taken = is_taken_by_other(session, Record, Record.assigned_to)
    statement = select(Record.id, is_taken).where(in_texts(Record.id, record_ids), *is_invalid_now(modules))
    return {row[0]: bool(row[1]) for row in await session.execute(statement)}


async def count_invalid(session: ReadSession, module: str, staff_ids: Sequence[str]) -> dict[str, int]:
    """Return how many records of a module each of these staff holds and has rejected."""
    statement = (
        select(Record.assigned_to, func.count())
        .where(in_texts(Record.assigned_to, staff_ids), *is_invalid_now([module]))
        .group_by(Record.assigned_to)
    )
    return {row[0] or "": row[1] for row in await session.execute(statement)}


async def invalid_by_reason(session: ReadSession, modules: Sequence[str]) -> list[Any]:
    """Return how many records are rejected now, by staff, module and reason; the most first."""
    counted = (
        select(
            Record.assigned_to.label("staff_id"),
            Record.database_id,
            Record.validation_reason.label("reason"),
            func.count().label("records"),
        )
        .where(*is_invalid_now(modules))
        .group_by(Record.assigned_to, Record.database_id, Record.validation_reason)
        .subquery()
    )
    records = func.sum(counted.c.records).label("records")
    statement = (
        select(counted.c.staff_id, User.name.label("staff_name"), CustomerDatabase.module, counted.c.reason, records)
        .select_from(counted)
        .join(User, User.id == counted.c.staff_id)
        .join(CustomerDatabase, CustomerDatabase.id == counted.c.database_id)
        .group_by(counted.c.staff_id, User.name, CustomerDatabase.module, counted.c.reason)
        .order_by(records.desc(), counted.c.reason)
    )
    return list((await session.execute(statement)).all())


async def is_archived(session: ReadSession, module: str, record_id: str) -> bool:
    """Whether this is an archived record in a live database of the module."""
    statement = select(Record.seq).where(
        Record.id == record_id,
        Record.state == RecordState.ARCHIVED,
        Record.database_id.in_(live_databases([module])),
    )
    return (await session.execute(statement)).first() is not None
