"""Books and takes back what a file holds, all of it in one transaction (spec 2.2, 4.2).

The rules are those of one deposit; what is different is the number of statements, which follows the chunks of the file
and not its rows. Order of locks: all customers of the file, then roll-ups, then reservations.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, TypeVar

from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.deposits import importing_repository as importing
from crm_boost.deposits import repository
from crm_boost.deposits.classification import Key
from crm_boost.deposits.errors import ImportTouched, PeriodClosed
from crm_boost.deposits.events import DepositsImported
from crm_boost.deposits.grounds import books_of
from crm_boost.deposits.importing_rows import Booking, Names, names_of
from crm_boost.deposits.ledger import Touched, store_changes
from crm_boost.deposits.rollups import RollupChanges
from crm_boost.deposits.states import DepositStatus
from crm_boost.deposits.transitions import DepositCommand
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.ids import new_id
from crm_boost.reservations import cleanup
from crm_boost.reservations import repository as reservations
from crm_boost.reservations.matching import Owner, owners_of_each

CHUNK = 200
_LOCKED_AT_ONCE = 5000

_Item = TypeVar("_Item")
Tell = Callable[[int], None]
"""Told how many rows more are done."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with what the ledger says of it: it looks like one that is there, and who else has its customer."""

    booking: Booking
    is_twin: bool
    reserved_by: Owner | None


@dataclass(slots=True)
class Booked:
    """What became of the rows."""

    approved: int = 0
    pending: int = 0
    duplicates: list[int] = field(default_factory=list)
    """The rows that were left out as possible duplicates."""


async def names(session: ReadSession) -> Names:
    """Return what the names in a file stand for."""
    return names_of(await importing.products(session), await importing.people(session))


async def judge(session: ReadSession, bookings: Sequence[Booking], tell: Tell) -> list[Judged]:
    """Return what the ledger says of each row now; nothing is written."""
    judged: list[Judged] = []
    for some in _by_customers(bookings):
        found = await _judge_some(session, some)
        judged += found
        tell(len(found))
    return judged


async def book_all(
    session: WriteSession, import_id: str, source: str, bookings: Sequence[Booking], *, skip_twins: bool, tell: Tell
) -> Booked:
    """Book the rows of a file. `source` is named in the history of each deposit; `skip_twins` leaves out what looks like
    a deposit that is there, otherwise it is booked and flagged."""
    booked, changes = Booked(), RollupChanges()
    approved: dict[Key, date] = {}
    await _lock(session, {booking.key for booking in bookings})
    for some in _by_customers(bookings):
        judged = await _judge_some(session, some)
        wanted = [one for one in judged if not (skip_twins and one.is_twin)]
        booked.duplicates += [one.booking.row for one in judged if skip_twins and one.is_twin]
        for one in wanted:
            key, on = one.booking.key, one.booking.on
            if one.reserved_by is None:
                booked.approved += 1
                approved[key] = max(on, approved.get(key, on))
            else:
                booked.pending += 1
        if wanted:
            _add(changes, await _book_some(session, import_id, source, wanted))
        tell(len(judged))
    await store_changes(session, changes)
    await _move_clocks(session, approved)
    await session.emit(DepositsImported(import_id, booked.approved, booked.pending))
    await announce(session, "deposits", {})
    return booked


async def take_back(session: WriteSession, import_id: str, source: str) -> int:
    """Put everything that an import booked into the trash, and return how many deposits that are. Refused when one of
    them was changed since, or counts in a period that is closed."""
    await _lock(session, {_key(row) for row in await importing.of_import(session, import_id)})
    rows = await importing.of_import(session, import_id)
    changed = sum(row.version > 1 or row.deleted_at is not None for row in rows)
    if changed:
        message = f"{changed} of these deposits were changed, decided about or deleted since."
        raise ImportTouched(message, changed=changed)
    books = await books_of(session)
    closed = sum(row.customer_type is not None and books.is_closed(row.record_date) for row in rows)
    if closed:
        message = f"The books are closed up to {books.closed_until}; {closed} of these deposits count there."
        raise PeriodClosed(message, closed_until=str(books.closed_until), closed=closed)
    changes, by_key = RollupChanges(), _grouped((_key(row), row) for row in rows)
    for some in _by_customer_chunks(by_key):
        touched = Touched(await repository.entries_of(session, some.keys()))
        gone = [(key, row) for key, found in some.items() for row in found]
        for key, row in gone:
            if row.customer_type is not None:
                touched.ends(key, row.id)
        await importing.to_trash(session, [row.id for _, row in gone], utc_now(), current_context().actor_name)
        now = utc_now()
        events = [
            repository.event_row(DepositCommand.DELETE, row.id, now, before=row.status, after=row.status, reason=source)
            for _, row in gone
        ]
        await importing.insert_events(session, events)
        _add(changes, await touched.classify(session))
    await store_changes(session, changes)
    await _set_last_deposits(session, by_key.keys())
    await announce(session, "deposits", {})
    return len(rows)


# --- one chunk -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _New:
    """A deposit about to be stored, with the columns of its table."""

    id: str
    staff_id: str
    product_id: str
    record_date: date
    customer_id: str
    customer_key: str
    customer_name: str
    nominal: int
    multiplier: int
    total: int
    note: str
    tambahan: bool
    status: str
    possible_duplicate: bool
    reserved_by: str | None
    created_at: datetime
    created_by: str | None
    created_by_name: str
    version: int = 1
    customer_type: str | None = None


_COLUMNS = tuple(column.name for column in fields(_New))


async def _judge_some(session: ReadSession, bookings: Mapping[Key, Sequence[Booking]]) -> list[Judged]:
    seen: set[Any] = {
        (_key(row), row.record_date, row.tambahan, row.nominal, row.total)
        for row in await importing.deposits_of(session, bookings.keys())
    }
    owners = await owners_of_each(session, sorted({(key.customer_key, key.product_id) for key in bookings}))
    judged = []
    for key, some in bookings.items():
        theirs = owners.get((key.customer_key, key.product_id), [])
        other = theirs[0] if theirs and all(owner.staff_id != key.staff_id for owner in theirs) else None
        for booking in some:
            judged.append(Judged(booking, booking.fingerprint in seen, other))
            seen.add(booking.fingerprint)
    return judged


async def _book_some(session: WriteSession, import_id: str, source: str, judged: Sequence[Judged]) -> RollupChanges:
    touched = Touched(await repository.entries_of(session, {one.booking.key for one in judged}))
    deposits = [(_deposit(one), one.booking.row) for one in judged]
    for deposit, _ in deposits:
        if deposit.status == DepositStatus.APPROVED:
            touched.begins(deposit)
    changes = await touched.classify(session)
    await importing.insert_deposits(
        session,
        [{name: getattr(deposit, name) for name in _COLUMNS} for deposit, _ in deposits],
        [{"deposit_id": deposit.id, "import_id": import_id} for deposit, _ in deposits],
    )
    now = utc_now()
    events = [
        repository.event_row(
            DepositCommand.BOOK,
            deposit.id,
            now,
            before=None,
            after=deposit.status,
            reason=source,
            detail={"import_id": import_id, "row": row},
        )
        for deposit, row in deposits
    ]
    await importing.insert_events(session, events)
    return changes


def _add(total: RollupChanges, more: RollupChanges) -> None:
    for into, rows in ((total.days, more.days), (total.staff_days, more.staff_days), (total.months, more.months)):
        for key, amounts in rows.items():
            known = into.setdefault(key, [0] * len(amounts))  # type: ignore[arg-type]
            for place, amount in enumerate(amounts):
                known[place] += amount


async def _lock(session: WriteSession, keys: Collection[Key]) -> None:
    """Hold all customers of a file before anything is changed: whoever holds a roll-up waits for no customer."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), _LOCKED_AT_ONCE):
        await repository.lock_customers(session, wanted[start : start + _LOCKED_AT_ONCE])


async def _move_clocks(session: WriteSession, approved: Mapping[Key, date]) -> None:
    """Deposits that count move the clocks of their owners' reservations, and bring back those that have ended."""
    await _set_last_deposits(session, approved.keys())
    for keys in _chunks(sorted(approved)):
        lost = await importing.lost_reservations(session, [key.customer_key for key in keys])
        for key in sorted(lost & set(keys)):
            await cleanup.deposit_counted(session, key.product_id, key.customer_key, key.staff_id, approved[key])


async def _set_last_deposits(session: WriteSession, keys: Collection[Key]) -> None:
    for some in _chunks(sorted({key.customer_key for key in keys})):
        # In one order for everybody, before they are written all at once.
        if moved := await importing.reservations_to_move(session, some):
            await reservations.claim(session, moved)
            await repository.set_last_deposits(session, some)


def _deposit(one: Judged) -> _New:
    booking, context = one.booking, current_context()
    return _New(
        id=new_id(),
        staff_id=booking.key.staff_id,
        product_id=booking.key.product_id,
        record_date=booking.on,
        customer_id=booking.customer_id,
        customer_key=booking.key.customer_key,
        customer_name=booking.customer_name,
        nominal=booking.money.nominal,
        multiplier=booking.money.multiplier,
        total=booking.money.total,
        note=booking.note,
        tambahan=booking.tambahan,
        status=str(DepositStatus.APPROVED if one.reserved_by is None else DepositStatus.PENDING),
        possible_duplicate=one.is_twin,
        reserved_by=None if one.reserved_by is None else one.reserved_by.staff_id,
        created_at=utc_now(),
        created_by=context.actor_id,
        created_by_name=context.actor_name,
    )


def _key(row: Any) -> Key:
    return Key(row.staff_id, row.customer_key, row.product_id)


def _grouped(items: Iterable[tuple[Key, _Item]]) -> dict[Key, list[_Item]]:
    found: dict[Key, list[_Item]] = defaultdict(list)
    for key, item in items:
        found[key].append(item)
    return found


def _chunks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _by_customer_chunks(by_key: Mapping[Key, list[_Item]]) -> Iterator[dict[Key, list[_Item]]]:
    """Cut what is grouped by key into chunks that have all keys of their customers."""
    customers = _grouped_keys(by_key)
    for some in _chunks(sorted(customers)):
        yield {key: by_key[key] for customer in some for key in customers[customer]}


def _grouped_keys(keys: Iterable[Key]) -> dict[tuple[str, str], list[Key]]:
    found: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key in sorted(keys):
        found[key.staff_id, key.customer_key].append(key)
    return found


def _by_customers(bookings: Sequence[Booking]) -> Iterator[dict[Key, list[Booking]]]:
    """Cut rows into chunks; all rows of a customer are judged together, in the order of the file."""
    return _by_customer_chunks(_grouped((booking.key, booking) for booking in bookings))
