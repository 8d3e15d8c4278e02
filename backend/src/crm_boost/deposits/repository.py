"""All SQL that changes the ledger. Order of locks: customers, then reservations and records, then roll-ups.

Every change of a deposit happens under the lock of its customer, so deposits themselves need none.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, func, insert, inspect, or_, select, union, update

from crm_boost.db.dialect import has_parallel_writers, in_rows, in_texts, rows_parameter, texts_parameter
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Write, built_once, look_up, overwriting, rows_of, write_each
from crm_boost.deposits.classification import Entry, Key, Standing
from crm_boost.deposits.models import Deposit, DepositCustomer, DepositEvent, DepositKey
from crm_boost.deposits.states import CustomerType
from crm_boost.deposits.transitions import DepositCommand
from crm_boost.identity.models import User
from crm_boost.kit.context import current_context
from crm_boost.reservations.matching import is_taken_by_other
from crm_boost.reservations.models import Reservation, ReservationKey

_deposit = cast(Table, Deposit.__table__)
_DEPOSIT_COLUMNS = tuple(column.name for column in _deposit.columns)
_key = cast(Table, DepositKey.__table__)
_customer = cast(Table, DepositCustomer.__table__)
_event = cast(Table, DepositEvent.__table__)


COUNTS = Deposit.customer_type.is_not(None)
"""The condition: this deposit is approved and not in the trash."""

_ENTER, _NOTE = insert(_deposit), insert(_event)
_LOCK_CUSTOMERS = overwriting(_customer, ("staff_id",))
_STANDING = ("first_date", "last_date", "forms")
_STORE_KEYS = overwriting(_key, _STANDING)


async def lock_customers(session: WriteSession, keys: Iterable[Key]) -> None:
    """Hold the customers of these keys alone until the end of the transaction, in one order for everybody. SQLite has one
    writer."""
    if not has_parallel_writers(session):
        return
    customers = sorted({(key.staff_id, key.customer_key) for key in keys})
    rows = [{"staff_id": staff, "customer_key": customer} for staff, customer in customers]
    await write_each(session, [Write(_LOCK_CUSTOMERS(session), rows)])


_TYPES = {str(kind): kind for kind in CustomerType}
_ENTRIES = select(
    _deposit.c.staff_id,
    _deposit.c.customer_key,
    _deposit.c.product_id,
    _deposit.c.id,
    _deposit.c.record_date,
    _deposit.c.tambahan,
    _deposit.c.nominal,
    _deposit.c.total,
    _deposit.c.customer_type,
).where(COUNTS)
_ENTRIES_OF_ONE = _ENTRIES.where(
    _deposit.c.staff_id == bindparam("of_staff"), _deposit.c.customer_key == bindparam("of_customer")
)

_ENTRIES_OF_SEVERAL = _ENTRIES.where(
    in_rows((_deposit.c.staff_id, _deposit.c.customer_key), rows_parameter("of_customers"))
)


async def entries_of(session: ReadSession, keys: Collection[Key]) -> dict[Key, dict[str, Entry]]:
    """Return the counting deposits by id of these keys, and of every other key of their customers."""
    customers = sorted({(key.staff_id, key.customer_key) for key in keys})
    if len(customers) == 1:
        given = dict(zip(("of_staff", "of_customer"), customers[0], strict=True))
        rows = await look_up(session, _ENTRIES_OF_ONE, given)
    else:
        rows = await look_up(session, _ENTRIES_OF_SEVERAL, {"of_customers": customers})
    found: dict[Key, dict[str, Entry]] = {key: {} for key in keys}
    for row in rows:
        staff, customer, product, deposit_id, on, tambahan, nominal, total, kind = row
        entry = Entry(deposit_id, on, tambahan, nominal, total, _TYPES[kind])
        found.setdefault(Key(staff, customer, product), {})[deposit_id] = entry
    return found


async def store_types(session: WriteSession, types: Mapping[str, CustomerType]) -> None:
    """Store the classes of deposits whose class changed."""
    for kind in CustomerType:
        ids = sorted(deposit_id for deposit_id, wanted in types.items() if wanted is kind)
        if ids:
            await session.execute(
                update(Deposit)
                .where(in_texts(Deposit.id, ids), COUNTS)
                .values(customer_type=kind)
                .execution_options(synchronize_session=False)
            )


async def store_keys(session: WriteSession, standings: Mapping[Key, Standing]) -> None:
    """Store what follows for these keys."""
    await write_each(session, [keys_to_store(session, standings)])


def keys_to_store(session: WriteSession, standings: Mapping[Key, Standing]) -> Write:
    """Return what has to be written for these keys."""
    rows = [(*key, found.first_date, found.last_date, found.forms) for key, found in sorted(standings.items())]
    return Write(_STORE_KEYS(session), rows, (*Key._fields, *_STANDING))


def deposits_to_enter(deposits: Iterable[Deposit]) -> Write:
    """Return what has to be written for new deposits."""
    # What was never set has no value: asking the mapper for each column takes longer than storing them.
    rows = [list(map(inspect(deposit).dict.get, _DEPOSIT_COLUMNS)) for deposit in deposits]
    return Write(_ENTER, rows, _DEPOSIT_COLUMNS)


async def find(session: ReadSession, deposit_id: str) -> Deposit | None:
    """Return a deposit as it is now; not one that was purged."""
    statement = select(Deposit).where(Deposit.id == deposit_id, Deposit.purged_at.is_(None))
    return (await session.scalars(statement.execution_options(populate_existing=True))).first()


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a booking is decided by, as far as the database knows it."""

    twin: bool
    """The same form was entered within the last minute."""
    is_taken: bool
    """Somebody else has reserved the customer."""
    has_reservation: bool
    """The owner of the deposit has, or had, a reservation of the customer."""


SAME_FORM = ("staff_id", "product_id", "customer_key", "record_date", "nominal", "multiplier", "note", "tambahan")
"""Deposits that are alike in these may be one that was entered twice."""
same_form = attrgetter(*SAME_FORM)
"""Returns what of a deposit is in `SAME_FORM`."""


NO_GROUNDS = Grounds(twin=False, is_taken=False, has_reservation=False)

_OF_KEYS = texts_parameter("of_keys")
_WITH_GROUNDS = union(
    select(Deposit.customer_key).where(
        in_texts(Deposit.customer_key, _OF_KEYS),
        Deposit.created_at >= bindparam("of_since", type_=Deposit.created_at.type),
    ),
    *(
        select(table.customer_key).where(in_texts(table.customer_key, _OF_KEYS))
        for table in (ReservationKey, Reservation)
    ),
)


async def customers_with_grounds(session: ReadSession, forms: Collection[Deposit], since: datetime) -> set[str]:
    """Return the customers of these forms of whom there is anything that a booking could be decided by: a reservation,
    whatever became of it, or a deposit that was entered since then. One statement."""
    given = {"of_keys": sorted({form.customer_key for form in forms}), "of_since": since}
    return {row[0] for row in await rows_of(session, _WITH_GROUNDS, given)}


async def grounds_of(session: ReadSession, form: Deposit, since: datetime) -> Grounds:
    """Read what a booking is decided by; `since`: from when on an identical form is a possible duplicate. One statement,
    built once: a booking consists of little else than statements."""
    given = {f"of_{name}": value for name, value in zip(SAME_FORM, same_form(form), strict=True)}
    (row,) = await look_up(session, _asking_for_grounds(session), {**given, "of_since": since})
    return Grounds(bool(row.twin), bool(row.is_taken), bool(row.has_reservation))


@built_once
def _asking_for_grounds(session: ReadSession) -> Select[*tuple[Any, ...]]:
    def of(name: str) -> Any:
        return bindparam(f"of_{name}", type_=getattr(Deposit, name).type)

    twin = select(Deposit.id).where(
        *(getattr(Deposit, name) == of(name) for name in SAME_FORM),
        Deposit.created_at >= bindparam("of_since", type_=Deposit.created_at.type),
        Deposit.deleted_at.is_(None),
    )
    customer = SimpleNamespace(product_id=of("product_id"), customer_key=of("customer_key"))
    own = select(Reservation.id).where(
        Reservation.customer_key == of("customer_key"),
        Reservation.product_id == of("product_id"),
        Reservation.staff_id == of("staff_id"),
    )
    by_alias = select(ReservationKey.reservation_id).where(
        ReservationKey.customer_key == of("customer_key"),
        ReservationKey.product_id == of("product_id"),
        ReservationKey.staff_id == of("staff_id"),
    )
    return select(
        twin.exists().label("twin"),
        is_taken_by_other(session, customer, of("staff_id")).label("is_taken"),
        or_(own.exists(), by_alias.exists()).label("has_reservation"),
    )


def key_of(deposit: Deposit) -> Key:
    """Return the key of a deposit."""
    return Key(deposit.staff_id, deposit.customer_key, deposit.product_id)


async def name_of(session: ReadSession, user_id: str) -> str:
    """Return the name of a person, removed or not."""
    return str(await session.scalar(select(User.name).where(User.id == user_id)))


async def last_date(session: ReadSession, staff_id: str, product_id: str, customer_keys: Sequence[str]) -> date | None:
    """Return the day of the last counting deposit of a customer (by all their keys) with a staff for a product."""
    found: date | None = await session.scalar(
        select(func.max(DepositKey.last_date)).where(
            DepositKey.staff_id == staff_id,
            DepositKey.product_id == product_id,
            in_texts(DepositKey.customer_key, customer_keys),
        )
    )
    return found


async def set_last_deposits(session: WriteSession, customer_keys: Sequence[str]) -> None:
    """Store the last counting deposit of the owner with the approved reservations of these customers. One statement."""
    last = (
        select(func.max(DepositKey.last_date))
        .join(
            ReservationKey,
            (ReservationKey.customer_key == DepositKey.customer_key)
            & (ReservationKey.product_id == DepositKey.product_id),
        )
        .where(ReservationKey.reservation_id == Reservation.id, DepositKey.staff_id == Reservation.staff_id)
        .scalar_subquery()
    )
    claimed = select(ReservationKey.reservation_id).where(
        in_texts(ReservationKey.customer_key, customer_keys), ReservationKey.approved
    )
    await session.execute(
        update(Reservation)
        .where(Reservation.id.in_(claimed), Reservation.last_omset_date.is_distinct_from(last))
        .values(last_omset_date=last)
        .execution_options(synchronize_session=False)
    )


def event_row(
    command: DepositCommand,
    deposit_id: str,
    at: datetime,
    *,
    before: str | None,
    after: str,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return one change of a deposit as its history stores it: by whom, and what its status was and is."""
    context = current_context()
    return {
        "deposit_id": deposit_id,
        "at": at,
        "actor_id": context.actor_id,
        "actor_name": context.actor_name,
        "kind": str(command),
        "from_status": before,
        "to_status": after,
        "reason": reason,
        "detail": detail or {},
        "correlation_id": context.correlation_id,
    }


async def add_event(
    session: WriteSession,
    command: DepositCommand,
    deposit: Deposit,
    at: datetime,
    *,
    before: str | None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write the history of one change."""
    await add_events(session, command, [(deposit, before)], at, reason=reason, detail=detail)


async def add_events(
    session: WriteSession,
    command: DepositCommand,
    deposits: Iterable[tuple[Deposit, str | None]],
    at: datetime,
    *,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write the history of one change of several deposits, each with the status it had before."""
    rows = [
        event_row(command, deposit.id, at, before=before, after=deposit.status, reason=reason, detail=detail)
        for deposit, before in deposits
    ]
    await write_each(session, [Write(_NOTE, rows)])


async def in_trash(session: ReadSession, limit: int, before: datetime | None = None) -> list[str]:
    """Return deposits in the trash, the oldest first; with `before`, those that went there before."""
    statement = select(Deposit.id).where(Deposit.deleted_at.is_not(None), Deposit.purged_at.is_(None))
    if before is not None:
        statement = statement.where(Deposit.deleted_at < before)
    return list((await session.scalars(statement.order_by(Deposit.deleted_at, Deposit.id).limit(limit))).all())


async def claim_trash(session: WriteSession, deposit_ids: Sequence[str]) -> list[Deposit]:
    """Return those of these deposits that are still in the trash, alone until the end of the transaction."""
    statement = (
        select(Deposit)
        .where(in_texts(Deposit.id, deposit_ids), Deposit.deleted_at.is_not(None), Deposit.purged_at.is_(None))
        .order_by(Deposit.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(statement)).all())
