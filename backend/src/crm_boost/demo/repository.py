"""All SQL of the demo data."""

from datetime import datetime

from sqlalchemy import select

from crm_boost.assignments.policies import all_policies
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User
from crm_boost.reservations.matching import is_taken_by_other


async def users_by_email(session: ReadSession, keys: list[str]) -> dict[str, User]:
    """Return people by the comparable form of their email."""
    rows = await session.scalars(select(User).where(User.email_key.in_(keys), User.deleted_at.is_(None)))
    return {row.email_key: row for row in rows}


async def database_hashes(session: ReadSession) -> set[str]:
    """Return the hashes of every file that was made into a database, those in the trash too."""
    return set((await session.scalars(select(CustomerDatabase.file_hash))).all())


async def records_to_work_on(session: ReadSession, staff_id: str) -> list[tuple[str, datetime]]:
    """Return what a staff holds and nobody has reserved, and since when, in an order that a seed decides."""
    statement = (
        select(Record.id, Record.assigned_at)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .where(
            Record.assigned_to == staff_id,
            Record.state == RecordState.ASSIGNED,
            ~is_taken_by_other(session, Record, Record.assigned_to),
        )
        .order_by(CustomerDatabase.name, Record.row_number)
    )
    return [(row[0], row[1]) for row in await session.execute(statement) if row[1] is not None]


async def databases_with_free_records(session: ReadSession) -> list[str]:
    """Return the databases that staff may ask of, by name."""
    takes_requests = [policy.module for policy in all_policies() if policy.takes_requests]
    statement = (
        select(CustomerDatabase.id)
        .where(
            CustomerDatabase.module.in_(takes_requests),
            CustomerDatabase.state == DatabaseState.READY,
            CustomerDatabase.deleted_at.is_(None),
        )
        .order_by(CustomerDatabase.name)
    )
    return list((await session.scalars(statement)).all())
