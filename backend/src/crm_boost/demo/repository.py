"""All SQL of the demo data."""

from sqlalchemy import select

from crm_boost.databases.models import CustomerDatabase
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User


async def users_by_email(session: ReadSession, keys: list[str]) -> dict[str, User]:
    """Return people by the comparable form of their email."""
    rows = await session.scalars(select(User).where(User.email_key.in_(keys), User.deleted_at.is_(None)))
    return {row.email_key: row for row in rows}


async def database_hashes(session: ReadSession) -> set[str]:
    """Return the hashes of every file that was made into a database, those in the trash too."""
    return set((await session.scalars(select(CustomerDatabase.file_hash))).all())
