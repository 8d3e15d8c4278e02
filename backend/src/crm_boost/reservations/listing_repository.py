"""All SQL that shows reservations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_texts, like_pattern, lowered
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User
from crm_boost.kit.paging import Page, page_of
from crm_boost.products.models import Product
from crm_boost.reservations.models import ConflictEntry, Reservation, ReservationEvent
from crm_boost.reservations.states import ACTIVE, ARCHIVED, ReservationStatus

_Owner = aliased(User, name="owner")
_Holder = aliased(User, name="conflict_holder")


@dataclass(frozen=True, slots=True)
class ReservationFilter:
    """Which reservations are asked for."""

    statuses: Sequence[ReservationStatus] = tuple(ACTIVE)
    product_id: str | None = None
    staff_id: str | None = None
    q: str | None = None


def _shown() -> Select[*tuple[Any, ...]]:
    return (
        select(Reservation, Product.name.label("product_name"), _Owner.name.label("staff_name"))
        .join(Product, Product.id == Reservation.product_id)
        .join(_Owner, _Owner.id == Reservation.staff_id)
        .where(Reservation.purged_at.is_(None))
    )


def _conditions(wanted: ReservationFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [Reservation.status.in_([str(status) for status in wanted.statuses])]
    if wanted.product_id is not None:
        where.append(Reservation.product_id == wanted.product_id)
    if wanted.staff_id is not None:
        where.append(Reservation.staff_id == wanted.staff_id)
    if wanted.q and wanted.q.strip():
        pattern = like_pattern(wanted.q.strip().lower())
        searched = (Reservation.customer_id, Reservation.customer_name, Reservation.phone_number)
        where.append(or_(*(lowered(column).like(pattern, escape="\\") for column in searched)))
    return where


async def list_reservations(
    session: ReadSession, wanted: ReservationFilter, *, after: tuple[datetime, str] | None, limit: int
) -> Page[Any]:
    """Return rows (Reservation, product_name, staff_name), the newest first. Two statements, however many."""
    where = _conditions(wanted)
    total = None
    if after is None:
        counted = select(func.count()).select_from(Reservation).where(Reservation.purged_at.is_(None), *where)
        total = await session.scalar(counted)
    statement = _shown().where(*where).order_by(Reservation.created_at.desc(), Reservation.id.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(tuple_(Reservation.created_at, Reservation.id) < tuple_(*after))
    rows = list((await session.execute(statement)).all())
    return page_of(rows, limit, total, lambda row: (row[0].created_at.isoformat(), row[0].id))


async def counts_by_status(session: ReadSession, staff_id: str | None) -> dict[str, int]:
    """Return how many reservations there are of each status; with `staff_id`, of that person."""
    statement = (
        select(Reservation.status, func.count()).where(Reservation.purged_at.is_(None)).group_by(Reservation.status)
    )
    if staff_id is not None:
        statement = statement.where(Reservation.staff_id == staff_id)
    return {row[0]: row[1] for row in await session.execute(statement)}


async def rows_of(session: ReadSession, reservation_ids: Sequence[str]) -> dict[str, Any]:
    """Return rows (Reservation, product_name, staff_name) by id."""
    statement = _shown().where(in_texts(Reservation.id, reservation_ids)).execution_options(populate_existing=True)
    return {row[0].id: row for row in await session.execute(statement)}


async def events_of(session: ReadSession, reservation_id: str) -> list[ReservationEvent]:
    """Return the history of a reservation, the oldest first."""
    statement = (
        select(ReservationEvent).where(ReservationEvent.reservation_id == reservation_id).order_by(ReservationEvent.seq)
    )
    return list((await session.scalars(statement)).all())


async def approved_after(session: ReadSession, after: str, limit: int) -> list[Reservation]:
    """Return the next approved reservations in the order of their ids."""
    statement = (
        select(Reservation)
        .where(Reservation.status == ReservationStatus.APPROVED, Reservation.id > after)
        .order_by(Reservation.id)
        .limit(limit)
    )
    return list((await session.scalars(statement)).all())


async def records_of_customers(session: ReadSession, keys: Sequence[str], product_id: str) -> Sequence[Any]:
    """Return (state, holder, holder's name, held for, count) of the records of these customers, over all modules."""
    statement = (
        select(
            Record.state,
            Record.assigned_to,
            _Holder.name.label("holder_name"),
            Record.held_for,
            func.count().label("count"),
        )
        .select_from(RecordKey)
        .join(Record, Record.seq == RecordKey.record_seq)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .outerjoin(_Holder, _Holder.id == Record.assigned_to)
        .where(
            in_texts(RecordKey.customer_key, keys),
            Record.state != RecordState.TRASHED,
            CustomerDatabase.state == DatabaseState.READY,
        )
        .group_by(Record.state, Record.assigned_to, _Holder.name, Record.held_for)
    )
    if session.business.reservation_scope == "product":
        statement = statement.where(Record.product_id == product_id)
    return (await session.execute(statement)).all()


async def duplicate_values(session: ReadSession, column: str, limit: int) -> list[str]:
    """Return values of `customer_key` or `phone_number` that several active reservations share."""
    value = Reservation.customer_key if column == "customer_key" else Reservation.phone_number
    statement = (
        select(value)
        .where(Reservation.status.in_(sorted(ACTIVE)), value != "")
        .group_by(value)
        .having(func.count() > 1)
        .order_by(value)
        .limit(limit)
    )
    return list((await session.scalars(statement)).all())


async def with_values(session: ReadSession, column: str, values: Sequence[str]) -> Sequence[Any]:
    """Return the active reservations with one of these values, as `list_reservations` does."""
    value = Reservation.customer_key if column == "customer_key" else Reservation.phone_number
    statement = _shown().where(Reservation.status.in_(sorted(ACTIVE)), in_texts(value, values))
    return (await session.execute(statement.order_by(value, Reservation.id))).all()


@dataclass(frozen=True, slots=True)
class ConflictFilter:
    """Which entries of the conflict log are asked for: `staff_id` held or owned, begun in `[began_from, began_before)`."""

    is_open: bool | None = None
    staff_id: str | None = None
    product_id: str | None = None
    began_from: datetime | None = None
    began_before: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the filter as conditions."""
        where: list[ColumnElement[bool]] = []
        if self.is_open is not None:
            where.append(ConflictEntry.ended_at.is_(None) if self.is_open else ConflictEntry.ended_at.is_not(None))
        if self.staff_id is not None:
            where.append(or_(ConflictEntry.staff_id == self.staff_id, ConflictEntry.owner_id == self.staff_id))
        if self.product_id is not None:
            where.append(ConflictEntry.product_id == self.product_id)
        if self.began_from is not None:
            where.append(ConflictEntry.began_at >= self.began_from)
        if self.began_before is not None:
            where.append(ConflictEntry.began_at < self.began_before)
        return where


async def list_conflicts(
    session: ReadSession, wanted: ConflictFilter, *, after: int | None, limit: int
) -> Page[dict[str, Any]]:
    """Return the conflict log, the newest first."""
    where = wanted.conditions()
    total = None
    if after is None:
        total = await session.scalar(select(func.count()).select_from(ConflictEntry).where(*where))
    statement = (
        select(
            ConflictEntry,
            Product.name.label("product_name"),
            CustomerDatabase.name.label("database_name"),
            _Holder.name.label("staff_name"),
            _Owner.name.label("owner_name"),
            Record.id.label("record_id"),
            CustomerDatabase.module,
        )
        .join(Product, Product.id == ConflictEntry.product_id)
        .join(Record, Record.seq == ConflictEntry.record_seq)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .join(_Holder, _Holder.id == ConflictEntry.staff_id)
        .join(_Owner, _Owner.id == ConflictEntry.owner_id)
        .where(*where)
        .order_by(ConflictEntry.seq.desc())
        .limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(ConflictEntry.seq < after)
    rows = list((await session.execute(statement)).all())
    page = page_of(rows, limit, total, lambda row: (row[0].seq,))
    page.rows = [_conflict_row(row) for row in page.rows]
    return page


def _conflict_row(row: Any) -> dict[str, Any]:
    entry: ConflictEntry = row[0]
    shaped = {
        "id": str(entry.seq),
        "customer_id": entry.customer_key,
        "product_id": entry.product_id,
        "product_name": row.product_name,
        "database_name": row.database_name,
        "staff_id": entry.staff_id,
        "staff_name": row.staff_name,
        "reserved_by_id": entry.owner_id,
        "reserved_by_name": row.owner_name,
        "began_at": entry.began_at,
        "record_id": row.record_id,
        "module": row.module,
        "is_open": entry.ended_at is None,
    }
    if entry.ended_at is not None:
        shaped["ended_at"] = entry.ended_at
    return shaped


ARCHIVE = tuple(sorted(ARCHIVED))
