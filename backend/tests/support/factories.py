"""Short ways to what tests need in the database. Everything is neutral and made up."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher

from crm_boost.db.engine import Database
from crm_boost.identity.models import User
from crm_boost.identity.permissions import Role
from crm_boost.identity.principal import hash_token
from crm_boost.identity.repository import insert_session
from crm_boost.identity.service import email_key
from crm_boost.kit.clock import utc_now
from crm_boost.kit.ids import new_id
from crm_boost.kit.text import name_key
from crm_boost.products.models import Product

PASSWORD = "correct horse battery"
"""The password of every made-up person."""

# A real Argon2 hash at the lowest cost: verifying it takes no measurable time.
_CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True, slots=True)
class Account:
    """A person who is signed in: `auth` are the headers of a script with that session."""

    id: str
    email: str
    name: str
    role: Role
    token: str

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


async def make_user(
    database: Database,
    role: Role | str = Role.STAFF,
    *,
    name: str | None = None,
    email: str | None = None,
    **fields: Any,
) -> Account:
    """Store a person with the password `PASSWORD` and a session; `fields` are further columns of the user."""
    user_id = new_id()
    role = Role(role)
    email = email or f"{role.value}-{user_id[-8:]}@example.test"
    name = name or f"{role.value.replace('_', ' ').title()} {user_id[-4:]}"
    fields.setdefault("blocked_pages", [])
    fields.setdefault("created_at", utc_now())
    async with database.write() as session:
        session.add(
            User(
                id=user_id,
                email=email,
                email_key=email_key(email),
                name=name,
                role=role.value,
                password_hash=_CHEAP_HASH,
                **fields,
            )
        )
        await session.flush()
    return Account(user_id, email, name, role, await open_session(database, user_id))


async def open_session(database: Database, user_id: str, *, expires_at: datetime | None = None) -> str:
    """Open another session of this person and return its token."""
    token = secrets.token_urlsafe(32)
    now = utc_now()
    async with database.write() as session:
        await insert_session(
            session,
            token_hash=hash_token(token),
            user_id=user_id,
            created_at=now,
            expires_at=expires_at or now + timedelta(days=14),
            user_agent=None,
            address=None,
        )
    return token


async def make_product(database: Database, name: str | None = None, *, is_active: bool = True) -> str:
    """Store a product and return its id."""
    product_id = new_id()
    name = name or f"Product {product_id[-6:]}"
    async with database.write() as session:
        session.add(
            Product(
                id=product_id,
                name=name,
                name_key=name_key(name),
                description="",
                is_active=is_active,
                created_at=utc_now(),
            )
        )
    return product_id
