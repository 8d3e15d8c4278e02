"""Short ways to what tests need in the database. Everything is neutral and made up."""

import random
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any, cast

import orjson
from argon2 import PasswordHasher
from sqlalchemy import Table, insert, select

from crm_boost.databases.counts_repository import recount
from crm_boost.databases.file_order import pack
from crm_boost.databases.models import CustomerDatabase, FileOrder, Record
from crm_boost.databases.repository import allocate_seqs, index_records
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.engine import Database
from crm_boost.db.session import WriteSession
from crm_boost.identity.models import User
from crm_boost.identity.permissions import Role
from crm_boost.identity.principal import hash_token
from crm_boost.identity.repository import insert_session
from crm_boost.identity.service import email_key
from crm_boost.kit.clock import utc_now
from crm_boost.kit.ids import new_id
from crm_boost.kit.text import name_key
from crm_boost.products.models import Product
from crm_boost.reservations.models import Reservation, ReservationKey

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


COLUMNS = ["username", "name", "phone"]
MAPPING: dict[str, int | None] = {"username": 0, "name": 1, "phone": 2}


@dataclass(frozen=True, slots=True)
class Stored:
    """A database with its records, in the order of the file: record `i` belongs to customer `customer{i}`."""

    id: str
    product_id: str
    module: str
    record_ids: list[str]
    first_seq: int
    seqs: tuple[int, ...] = ()

    def seq_of(self, record_id: str) -> int:
        return self.seqs[self.record_ids.index(record_id)]


async def make_database(
    database: Database,
    records: int = 10,
    *,
    module: str = "normal",
    product_id: str | None = None,
    name: str = "Customers",
    prefix: str = "customer",
    reserved: range = range(0),
    shuffled: bool = False,
    not_stored: Collection[int] = (),
) -> Stored:
    """Store a complete database of neutral records by bulk insert; those at `reserved` start in that state.

    `shuffled`: in random order, as an import does (else in that of the file). The rows `not_stored` (1-based) of the file
    were left out, so the records have the others.
    """
    if product_id is None:
        product_id = await make_product(database)
    database_id = new_id()
    record_ids = [new_id() for _ in range(records)]
    row_numbers = list(islice((row for row in count(1) if row not in not_stored), records))
    file_rows = max([*row_numbers, *not_stored], default=0)
    places = list(row_numbers)
    if shuffled:
        places = random.sample(range(1, records + 1), records)
    async with database.write() as session:
        first = await allocate_seqs(session, max(file_rows, 1))
        seqs = [first - 1 + place for place in places]
        session.add(
            CustomerDatabase(
                id=database_id,
                module=module,
                product_id=product_id,
                name=name,
                description="",
                filename="customers.csv",
                file_hash=database_id,
                state=DatabaseState.READY,
                columns=COLUMNS,
                mapping=MAPPING,
                first_seq=first,
                last_seq=first - 1 + (records if shuffled else file_rows),
                uploaded_at=utc_now(),
                uploaded_by_name="Importer",
                is_shuffled=shuffled,
            )
        )
        await session.flush()
        if shuffled:
            place_of = dict(zip(row_numbers, places, strict=True))
            parts = pack([place_of.get(row, 0) for row in range(1, file_rows + 1)])
            session.add_all(FileOrder(database_id=database_id, part=i, places=part) for i, part in enumerate(parts))
        rows = [
            {
                "seq": seqs[i],
                "id": record_id,
                "database_id": database_id,
                "product_id": product_id,
                "row_number": row_numbers[i],
                "row_data": orjson.dumps([f"{prefix}{i}", f"Person {i}", f"0812{i:07d}"]).decode(),
                "customer_key": f"{prefix}{i}",
                "display_name": f"Person {i}",
                "phone": f"0812{i:07d}",
                "phone_e164": f"+62812{i:07d}",
                "search_text": f"{prefix}{i}\nperson {i}\n0812{i:07d}",
                "state": str(RecordState.RESERVED if i in reserved else RecordState.AVAILABLE),
            }
            for i, record_id in enumerate(record_ids)
        ]
        if rows:
            await session.execute(insert(cast(Table, Record.__table__)), rows)
            await index_records(session, first, first + file_rows - 1)
            await recount(session, [database_id])
    return Stored(database_id, product_id, module, record_ids, first, tuple(seqs))


async def count_anew(session: WriteSession) -> None:
    """Let the counts of records know what a test did to records past the commands of the product."""
    await recount(session, list(await session.scalars(select(CustomerDatabase.id))))


async def reserve_customer(
    database: Database, stored: Stored, customer_key: str, staff_id: str, *, approved: bool = True
) -> None:
    """Give a customer of this database's product to a staff. The states of records are left as they are."""
    reservation_id, now = new_id(), utc_now()
    async with database.write() as session:
        session.add(
            Reservation(
                id=reservation_id,
                customer_id=customer_key,
                product_id=stored.product_id,
                staff_id=staff_id,
                status="approved" if approved else "pending",
                created_at=now,
                approved_at=now if approved else None,
            )
        )
        await session.flush()
        session.add(
            ReservationKey(
                product_id=stored.product_id,
                customer_key=customer_key,
                reservation_id=reservation_id,
                staff_id=staff_id,
                approved=approved,
            )
        )


async def records_of(database: Database, stored: Stored) -> dict[str, Record]:
    """The records of a database by id, as they are now, in the order of the file."""
    async with database.read() as session:
        rows = await session.scalars(select(Record).where(Record.database_id == stored.id).order_by(Record.row_number))
        return {row.id: row for row in rows}
