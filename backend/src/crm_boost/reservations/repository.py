"""All SQL that changes reservations. Order of locks: products and people, reservations, then records."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, delete, insert, select, update

from crm_boost.databases.models import Record, RecordKey
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import in_numbers, in_texts, inserting
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.models import User
from crm_boost.kit.context import current_context
from crm_boost.reservations.matching import is_of_product, leads_to
from crm_boost.reservations.models import ConflictEntry, Reservation, ReservationEvent, ReservationKey
from crm_boost.reservations.states import ARCHIVED
from crm_boost.reservations.transitions import ReservationCommand

_key = cast(Table, ReservationKey.__table__)
_event = cast(Table, ReservationEvent.__table__)
_conflict = cast(Table, ConflictEntry.__table__)

Held = tuple[int, str]
"""Who holds a record: its key and the staff."""


async def find(session: ReadSession, reservation_id: str) -> Reservation | None:
    """Return a reservation that was not purged."""
    statement = select(Reservation).where(Reservation.id == reservation_id, Reservation.purged_at.is_(None))
    return (await session.scalars(statement)).first()


async def claim(session: WriteSession, reservation_ids: Sequence[str]) -> dict[str, Reservation]:
    """Return reservations, alone until the end of the transaction, in one order for everybody."""
    statement = (
        select(Reservation)
        .where(in_texts(Reservation.id, reservation_ids), Reservation.purged_at.is_(None))
        .order_by(Reservation.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in await session.scalars(statement)}


async def insert_keys(session: WriteSession, rows: Sequence[dict[str, Any]]) -> set[tuple[str, str]]:
    """Claim (product, key) pairs; returns those that were free. Who claims one at the same time waits here."""
    if not rows:
        return set()
    # In one order, so that two bulk creations cannot wait for each other.
    ordered = sorted(rows, key=lambda row: (row["product_id"], row["customer_key"]))
    statement = inserting(session, _key).values(ordered).on_conflict_do_nothing()
    won = await session.execute(statement.returning(_key.c.product_id, _key.c.customer_key))
    return {(row[0], row[1]) for row in won}


async def delete_keys(session: WriteSession, reservation_ids: Sequence[str]) -> None:
    """Give the customers of these reservations free."""
    await session.execute(delete(_key).where(in_texts(_key.c.reservation_id, reservation_ids)))


async def update_keys(session: WriteSession, reservation_ids: Sequence[str], **values: Any) -> None:
    """Let the keys of these reservations say who owns them now, and whether they protect."""
    await session.execute(update(_key).where(in_texts(_key.c.reservation_id, reservation_ids)).values(**values))


async def keys_of(session: ReadSession, reservation_ids: Sequence[str]) -> list[str]:
    """Return the customer keys of active reservations."""
    statement = select(_key.c.customer_key).where(in_texts(_key.c.reservation_id, reservation_ids))
    return list((await session.scalars(statement)).all())


async def active_owner(session: ReadSession, product_id: str, keys: Sequence[str]) -> Row[*tuple[Any, ...]] | None:
    """Return id and name of whoever has an active reservation of one of these keys for this product."""
    statement = (
        select(User.id, User.name)
        .join(ReservationKey, ReservationKey.staff_id == User.id)
        .where(ReservationKey.product_id == product_id, in_texts(ReservationKey.customer_key, keys))
        .limit(1)
    )
    return (await session.execute(statement)).first()


async def add_events(
    session: WriteSession, command: ReservationCommand, at: datetime, changes: Iterable[dict[str, Any]]
) -> None:
    """Write the history of changes: reservation_id, from_status, to_status, and where there is one reason, detail."""
    context = current_context()
    rows = [
        {
            "at": at,
            "actor_id": context.actor_id,
            "actor_name": context.actor_name,
            "kind": str(command),
            "reason": None,
            "detail": {},
            "correlation_id": context.correlation_id,
            **change,
        }
        for change in changes
    ]
    if rows:
        await session.execute(insert(_event), rows)


async def conflicts_of(session: ReadSession, keys: Sequence[str]) -> dict[Held, Row[*tuple[Any, ...]]]:
    """Return the records of these customers that somebody holds who is not the owner, by record and holder."""
    statement = (
        select(
            Record.seq,
            Record.assigned_to,
            Record.product_id,
            Record.customer_key,
            ReservationKey.staff_id.label("owner_id"),
        )
        .select_from(ReservationKey)
        .join(RecordKey, leads_to(RecordKey.customer_key))
        .join(Record, Record.seq == RecordKey.record_seq)
        .where(
            in_texts(ReservationKey.customer_key, keys),
            Record.state == RecordState.ASSIGNED,
            is_of_product(session, Record.product_id),
            ReservationKey.staff_id != Record.assigned_to,
        )
    )
    return {(row.seq, row.assigned_to): row for row in await session.execute(statement)}


async def log_conflicts(
    session: WriteSession, began: Sequence[Row[*tuple[Any, ...]]], ended: Sequence[int], at: datetime
) -> None:
    """Note conflicts that began and those (record keys) that ended."""
    # One that ended otherwise (recalled, handed over) may still stand open: it ended by now at the latest.
    over = [*ended, *(row.seq for row in began)]
    if over:
        still_open = in_numbers(_conflict.c.record_seq, over) & _conflict.c.ended_at.is_(None)
        await session.execute(update(_conflict).where(still_open).values(ended_at=at))
    entries = [
        {
            "record_seq": row.seq,
            "product_id": row.product_id,
            "customer_key": row.customer_key,
            "staff_id": row.assigned_to,
            "owner_id": row.owner_id,
            "began_at": at,
        }
        for row in began
    ]
    if entries:
        await session.execute(insert(_conflict), entries)


async def newest_archived(
    session: WriteSession, product_id: str, customer_key: str, staff_id: str
) -> Reservation | None:
    """Return, alone, the last reservation of this customer by this staff, if it is in the archive."""
    statement = (
        select(Reservation)
        .where(
            Reservation.customer_key == customer_key,
            Reservation.product_id == product_id,
            Reservation.staff_id == staff_id,
            Reservation.status.in_(sorted(ARCHIVED)),
            Reservation.purged_at.is_(None),
        )
        .order_by(Reservation.ended_at.desc(), Reservation.id.desc())
        .limit(1)
        .with_for_update()
    )
    return (await session.scalars(statement)).first()


async def active_of(session: ReadSession, product_id: str, customer_key: str) -> Reservation | None:
    """Return the active reservation of a customer for a product."""
    statement = (
        select(Reservation)
        .join(ReservationKey, ReservationKey.reservation_id == Reservation.id)
        .where(ReservationKey.product_id == product_id, ReservationKey.customer_key == customer_key)
    )
    return (await session.scalars(statement)).first()


async def active_ids_of_user(session: ReadSession, user_id: str) -> list[str]:
    """Return the active reservations of a person."""
    statement = select(ReservationKey.reservation_id).where(ReservationKey.staff_id == user_id).distinct()
    return list((await session.scalars(statement)).all())
