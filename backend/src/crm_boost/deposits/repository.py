"""All SQL that changes the ledger. Order of locks: customers, then reservations and records, then roll-ups.

Every change of a deposit happens under the lock of its customer, so deposits themselves need none.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from sqlalchemy import Row, Select, Table, bindparam, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from crm_boost.db.dialect import has_parallel_writers, in_texts, inserting
from crm_boost.db.session import ReadSession, WriteSession
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

_built: dict[tuple[str, str], Any] = {}


class Rows(NamedTuple):
    """Rows to write by a statement, which is built once for each database: building it would cost more than everything
    else of a booking. `name` stands for the statement."""

    name: str
    build: Callable[[], Any]
    rows: Sequence[dict[str, Any]]


async def write_rows(
    session: WriteSession, name: str, build: Callable[[], Any], rows: Sequence[dict[str, Any]]
) -> None:
    """Write rows in the order given by a statement that is built once for each database."""
    await write_each(session, [Rows(name, build, rows)])


async def write_each(session: WriteSession, writes: Iterable[Rows]) -> None:
    """Write rows of several tables, one after the other. They go past the mapper, which knows nothing of them."""
    database = session.get_bind().dialect.name
    statements = []
    for name, build, rows in writes:
        if (database, name) not in _built:
            _built[database, name] = build()
        if rows:
            statements.append((_built[database, name], rows))

    def run(inner: Session) -> None:
        connection = inner.connection()
        for statement, rows in statements:
            connection.execute(statement, rows)

    if statements:
        await session.run_sync(run)


async def lock_customers(session: WriteSession, keys: Iterable[Key]) -> None:
    """Hold the customers of these keys alone until the end of the transaction, in one order for everybody. SQLite has one
    writer."""
    if not has_parallel_writers(session):
        return

    def build() -> Any:
        statement = inserting(session, _customer)
        same = {"staff_id": statement.excluded.staff_id}
        return statement.on_conflict_do_update(index_elements=list(_customer.primary_key), set_=same)

    customers = sorted({(key.staff_id, key.customer_key) for key in keys})
    rows = [{"staff_id": staff, "customer_key": customer} for staff, customer in customers]
    await write_rows(session, "lock customers", build, rows)


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
).where(_deposit.c.customer_type.is_not(None))
_ENTRIES_OF_ONE = _ENTRIES.where(
    _deposit.c.staff_id == bindparam("of_staff"), _deposit.c.customer_key == bindparam("of_customer")
)


async def entries_of(session: ReadSession, keys: Collection[Key]) -> dict[Key, dict[str, Entry]]:
    """Return the counting deposits by id of these keys, and of every other key of their customers."""
    customers = sorted({(key.staff_id, key.customer_key) for key in keys})
    statement, given = _ENTRIES_OF_ONE, {}
    if len(customers) == 1:
        given = dict(zip(("of_staff", "of_customer"), customers[0], strict=True))
    else:
        statement = _ENTRIES.where(tuple_(_deposit.c.staff_id, _deposit.c.customer_key).in_(customers))
    found: dict[Key, dict[str, Entry]] = {key: {} for key in keys}
    for row in await plain(session, statement, given):
        kind = CustomerType(row.customer_type)
        entry = Entry(row.id, row.record_date, row.tambahan, row.nominal, row.total, kind)
        found.setdefault(Key(row.staff_id, row.customer_key, row.product_id), {})[entry.id] = entry
    return found


async def plain(session: ReadSession, statement: Any, given: dict[str, Any]) -> Sequence[Row[Any]]:
    """Return the rows of a statement over tables, past the mapper: it would cost more than the statement."""
    return await session.run_sync(lambda inner: inner.connection().execute(statement, given).all())


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


def keys_to_store(session: WriteSession, standings: Mapping[Key, Standing]) -> Rows:
    """Return what has to be written for these keys."""

    def build() -> Any:
        statement = inserting(session, _key)
        changed = {name: statement.excluded[name] for name in ("first_date", "last_date", "forms")}
        return statement.on_conflict_do_update(index_elements=list(_key.primary_key), set_=changed)

    rows = [
        {**key._asdict(), "first_date": found.first_date, "last_date": found.last_date, "forms": found.forms}
        for key, found in sorted(standings.items())
    ]
    return Rows("store keys", build, rows)


def deposits_to_enter(deposits: Iterable[Deposit]) -> Rows:
    """Return what has to be written for new deposits."""
    rows = [{name: getattr(deposit, name) for name in _DEPOSIT_COLUMNS} for deposit in deposits]
    return Rows("enter deposits", lambda: insert(_deposit), rows)


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


async def grounds_of(session: ReadSession, form: Deposit, since: datetime) -> Grounds:
    """Read what a booking is decided by; `since`: from when on an identical form is a possible duplicate. One statement,
    built once: a booking consists of little else than statements."""
    place = (session.get_bind().dialect.name, f"grounds {session.business.reservation_scope}")
    if place not in _built:
        _built[place] = _asking_for_grounds(session)
    names = ("staff_id", "product_id", "customer_key", "record_date", "nominal", "multiplier", "note", "tambahan")
    given = {f"of_{name}": getattr(form, name) for name in names}
    (row,) = await plain(session, _built[place], {**given, "of_since": since})
    return Grounds(bool(row.twin), bool(row.is_taken), bool(row.has_reservation))


def _asking_for_grounds(session: ReadSession) -> Select[*tuple[Any, ...]]:
    def of(name: str) -> Any:
        return bindparam(f"of_{name}", type_=getattr(Deposit, name).type)

    same = ("staff_id", "product_id", "customer_key", "record_date", "nominal", "multiplier", "note", "tambahan")
    twin = select(Deposit.id).where(
        *(getattr(Deposit, name) == of(name) for name in same),
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
    context = current_context()
    row = {
        "deposit_id": deposit.id,
        "at": at,
        "actor_id": context.actor_id,
        "actor_name": context.actor_name,
        "kind": str(command),
        "from_status": before,
        "to_status": deposit.status,
        "reason": reason,
        "detail": detail or {},
        "correlation_id": context.correlation_id,
    }
    await write_rows(session, "add event", lambda: insert(_event), [row])


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
