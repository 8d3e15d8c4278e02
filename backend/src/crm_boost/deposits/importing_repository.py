"""All SQL of deposits that come from a file, many at once: each function is one statement, or one for many rows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, exists, insert, select, update

from crm_boost.db.dialect import in_rows, in_texts
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.deposits.classification import Key
from crm_boost.deposits.models import Deposit, DepositEvent, ImportedDeposit
from crm_boost.deposits.states import DepositStatus
from crm_boost.identity.models import User
from crm_boost.products.models import Product
from crm_boost.reservations.models import Reservation, ReservationKey
from crm_boost.reservations.states import ARCHIVED

_deposits = cast(Table, Deposit.__table__)
_events = cast(Table, DepositEvent.__table__)
_imported = cast(Table, ImportedDeposit.__table__)

_UNSYNCHRONISED = {"synchronize_session": False}


async def people(session: ReadSession) -> list[tuple[str, str, str, bool]]:
    """Return everybody who is not removed: id, email, name, active. A team is small."""
    statement = select(User.id, User.email_key, User.name, User.is_active).where(User.deleted_at.is_(None))
    return [(row[0], row[1], row[2], row[3]) for row in await session.execute(statement)]


async def products(session: ReadSession) -> list[tuple[str, str, bool]]:
    """Return all products: id, name, active."""
    statement = select(Product.id, Product.name, Product.is_active)
    return [(row[0], row[1], row[2]) for row in await session.execute(statement)]


def _of_keys(keys: Collection[Key]) -> ColumnElement[bool]:
    columns = (Deposit.staff_id, Deposit.customer_key, Deposit.product_id)
    return in_rows(columns, keys)


async def deposits_of(session: ReadSession, keys: Collection[Key]) -> Sequence[Any]:
    """Return what stands of these keys, whether it counts or waits: neither declined nor in the trash."""
    statement = select(
        Deposit.staff_id,
        Deposit.customer_key,
        Deposit.product_id,
        Deposit.id,
        Deposit.record_date,
        Deposit.tambahan,
        Deposit.nominal,
        Deposit.total,
        Deposit.customer_type,
    ).where(Deposit.deleted_at.is_(None), Deposit.status != str(DepositStatus.DECLINED), _of_keys(keys))
    return (await session.execute(statement)).all()


async def insert_deposits(
    session: WriteSession, deposits: Sequence[dict[str, Any]], links: Sequence[dict[str, Any]]
) -> None:
    """Store new deposits, and which import they came with."""
    await session.execute(insert(_deposits), deposits)
    await session.execute(insert(_imported), links)


async def insert_events(session: WriteSession, events: Sequence[dict[str, Any]]) -> None:
    """Write history."""
    await session.execute(insert(_events), events)


async def of_import(session: ReadSession, import_id: str) -> Sequence[Any]:
    """Return what an import has booked, as it is now."""
    statement = (
        select(
            Deposit.id,
            Deposit.staff_id,
            Deposit.customer_key,
            Deposit.product_id,
            Deposit.record_date,
            Deposit.status,
            Deposit.customer_type,
            Deposit.version,
            Deposit.deleted_at,
        )
        .join(ImportedDeposit, ImportedDeposit.deposit_id == Deposit.id)
        .where(ImportedDeposit.import_id == import_id)
    )
    return (await session.execute(statement)).all()


async def to_trash(session: WriteSession, deposit_ids: Sequence[str], now: datetime, by: str) -> None:
    """Put deposits into the trash; nothing of them counts any more."""
    await session.execute(
        update(Deposit)
        .where(in_texts(Deposit.id, deposit_ids))
        .values(deleted_at=now, deleted_by_name=by, customer_type=None, version=Deposit.version + 1)
        .execution_options(**_UNSYNCHRONISED)
    )


async def reservations_to_move(session: ReadSession, customer_keys: Sequence[str]) -> list[str]:
    """Return the approved reservations whose last deposit may change with deposits of these customers."""
    statement = (
        select(ReservationKey.reservation_id)
        .where(in_texts(ReservationKey.customer_key, customer_keys), ReservationKey.approved)
        .distinct()
    )
    return list((await session.scalars(statement)).all())


async def lost_reservations(session: ReadSession, customer_keys: Sequence[str]) -> set[Key]:
    """Return who had reserved these customers before, where nobody has now: a deposit may bring that back."""
    taken = exists().where(
        ReservationKey.product_id == Reservation.product_id, ReservationKey.customer_key == Reservation.customer_key
    )
    statement = select(Reservation.staff_id, Reservation.customer_key, Reservation.product_id).where(
        in_texts(Reservation.customer_key, customer_keys),
        Reservation.status.in_(sorted(ARCHIVED)),
        Reservation.purged_at.is_(None),
        ~taken,
    )
    return {Key(*row) for row in await session.execute(statement)}
