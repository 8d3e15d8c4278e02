"""All SQL of lists of deposits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from crm_boost.databases.customer_key import customer_key, search_fold
from crm_boost.db.dialect import in_texts, like_pattern, lowered
from crm_boost.db.session import ReadSession
from crm_boost.deposits.models import Deposit, DepositDay, DepositEvent, DepositKey
from crm_boost.deposits.repository import COUNTS
from crm_boost.deposits.states import CustomerType, DepositStatus
from crm_boost.identity.models import User
from crm_boost.kit.paging import Page, page_of
from crm_boost.products.models import Product

_Owner = aliased(User, name="deposit_owner")
_Reserver = aliased(User, name="reserver")

SHOWN: tuple[DepositStatus, ...] = (DepositStatus.APPROVED, DepositStatus.PENDING)
"""What a list shows unless something else is asked for."""

COUNT_CAP = 1_000
"""How far the matches of a search are counted."""


@dataclass(frozen=True, slots=True)
class DepositFilter:
    """Which deposits are asked for; both days are included."""

    statuses: Sequence[DepositStatus] = SHOWN
    product_id: str | None = None
    staff_id: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    customer_type: CustomerType | None = None
    q: str | None = None
    customer_key: str | None = None
    """All deposits of exactly this customer, however the identity was written."""

    @property
    def is_of_customers(self) -> bool:
        """Whether single customers are asked for, which no roll-up knows."""
        return bool(self.q and self.q.strip()) or self.customer_key is not None


def _shown() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Deposit,
            Product.name.label("product_name"),
            _Owner.name.label("staff_name"),
            _Reserver.name.label("reserver_name"),
        )
        .join(Product, Product.id == Deposit.product_id)
        .join(_Owner, _Owner.id == Deposit.staff_id)
        .outerjoin(_Reserver, _Reserver.id == Deposit.reserved_by)
    )


def _between(column: Any, wanted: DepositFilter) -> list[ColumnElement[bool]]:
    where = []
    if wanted.start_date is not None:
        where.append(column >= wanted.start_date)
    if wanted.end_date is not None:
        where.append(column <= wanted.end_date)
    return where


def _conditions(wanted: DepositFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [Deposit.deleted_at.is_(None), *_between(Deposit.record_date, wanted)]
    where.append(Deposit.status.in_([str(status) for status in wanted.statuses]))
    if wanted.product_id is not None:
        where.append(Deposit.product_id == wanted.product_id)
    if wanted.staff_id is not None:
        where.append(Deposit.staff_id == wanted.staff_id)
    if wanted.customer_type is not None:
        where.append(Deposit.customer_type == wanted.customer_type)
    if wanted.customer_key is not None:
        where.append(Deposit.customer_key == customer_key(wanted.customer_key))
    if wanted.q and wanted.q.strip():
        where.append(_contains(wanted.q))
    return where


def _contains(q: str) -> ColumnElement[bool]:
    """A part of the identity, the name or the note."""
    key, text = like_pattern(customer_key(q)), like_pattern(search_fold(q))
    return or_(
        Deposit.customer_key.like(key, escape="\\"),
        lowered(Deposit.customer_name).like(text, escape="\\"),
        lowered(Deposit.note).like(text, escape="\\"),
    )


async def list_deposits(
    session: ReadSession, wanted: DepositFilter, *, after: tuple[date, str] | None, limit: int, counted: bool = True
) -> Page[Any]:
    """Return rows of deposits, the latest day first; on the first page with their number."""
    total = await _count(session, wanted) if counted and after is None else None
    statement = _shown().where(*_conditions(wanted)).order_by(Deposit.record_date.desc(), Deposit.id.desc())
    if after is not None:
        statement = statement.where(tuple_(Deposit.record_date, Deposit.id) < tuple_(*after))
    rows = list((await session.execute(statement.limit(limit + 1))).all())
    return page_of(rows, limit, total, lambda row: (row[0].record_date.isoformat(), row[0].id))


async def _count(session: ReadSession, wanted: DepositFilter) -> int | None:
    """Count without reading what counts: that is in the roll-ups. A search is counted up to `COUNT_CAP`."""
    if wanted.is_of_customers:
        matches = select(Deposit.id).where(*_conditions(wanted)).limit(COUNT_CAP + 1).subquery()
        found = await session.scalar(select(func.count()).select_from(matches)) or 0
        return found if found <= COUNT_CAP else None
    total = 0
    if DepositStatus.APPROVED in wanted.statuses:
        forms = {
            None: DepositDay.ndp_forms + DepositDay.rdp_forms,
            CustomerType.NDP: DepositDay.ndp_forms,
            CustomerType.RDP: DepositDay.rdp_forms,
        }[wanted.customer_type]
        where = _between(DepositDay.record_date, wanted)
        if wanted.product_id is not None:
            where.append(DepositDay.product_id == wanted.product_id)
        if wanted.staff_id is not None:
            where.append(DepositDay.staff_id == wanted.staff_id)
        total += int(await session.scalar(select(func.coalesce(func.sum(forms), 0)).where(*where)) or 0)
    if set(wanted.statuses) != {DepositStatus.APPROVED}:
        waiting = select(func.count()).select_from(Deposit)
        waiting = waiting.where(*_conditions(wanted), Deposit.status != str(DepositStatus.APPROVED))
        total += await session.scalar(waiting) or 0
    return total


async def list_pending(session: ReadSession, *, after: tuple[date, str] | None, limit: int) -> Page[Any]:
    """Return the deposits that wait for a decision, the earliest day first."""
    where = [Deposit.status == str(DepositStatus.PENDING), Deposit.deleted_at.is_(None)]
    total = None
    if after is None:
        total = await session.scalar(select(func.count()).select_from(Deposit).where(*where))
    statement = _shown().where(*where).order_by(Deposit.record_date, Deposit.id).limit(limit + 1)
    if after is not None:
        statement = statement.where(tuple_(Deposit.record_date, Deposit.id) > tuple_(*after))
    rows = list((await session.execute(statement)).all())
    return page_of(rows, limit, total, lambda row: (row[0].record_date.isoformat(), row[0].id))


async def list_trash(session: ReadSession, *, after: tuple[datetime, str] | None, limit: int) -> Page[Any]:
    """Return what is in the trash, the latest first."""
    where = [Deposit.deleted_at.is_not(None), Deposit.purged_at.is_(None)]
    total = None
    if after is None:
        total = await session.scalar(select(func.count()).select_from(Deposit).where(*where))
    statement = _shown().where(*where).order_by(Deposit.deleted_at.desc(), Deposit.id.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(tuple_(Deposit.deleted_at, Deposit.id) < tuple_(*after))
    rows = list((await session.execute(statement)).all())
    return page_of(rows, limit, total, lambda row: (row[0].deleted_at.isoformat(), row[0].id))


async def one(session: ReadSession, deposit_id: str) -> Row[*tuple[Any, ...]] | None:
    """Return the row of a deposit, also of one in the trash."""
    statement = _shown().where(Deposit.id == deposit_id, Deposit.purged_at.is_(None))
    return (await session.execute(statement.execution_options(populate_existing=True))).first()


async def several(session: ReadSession, deposit_ids: Sequence[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the rows of these deposits."""
    statement = _shown().where(in_texts(Deposit.id, deposit_ids))
    return (await session.execute(statement.execution_options(populate_existing=True))).all()


async def events_of(session: ReadSession, deposit_id: str) -> list[DepositEvent]:
    """Return the history of a deposit, the oldest first."""
    statement = select(DepositEvent).where(DepositEvent.deposit_id == deposit_id).order_by(DepositEvent.seq)
    return list((await session.scalars(statement)).all())


async def first_of_key(session: ReadSession, deposit: Deposit) -> tuple[date | None, Deposit | None]:
    """Return the stored first date of a deposit's key, and the deposit that made it: the first one entered for it."""
    first = await session.scalar(
        select(DepositKey.first_date).where(
            DepositKey.staff_id == deposit.staff_id,
            DepositKey.customer_key == deposit.customer_key,
            DepositKey.product_id == deposit.product_id,
        )
    )
    if first is None:
        return None, None
    statement = (
        select(Deposit)
        .where(
            COUNTS,
            Deposit.staff_id == deposit.staff_id,
            Deposit.customer_key == deposit.customer_key,
            Deposit.product_id == deposit.product_id,
            Deposit.record_date == first,
            ~Deposit.tambahan,
        )
        .order_by(Deposit.created_at, Deposit.id)
        .limit(1)
    )
    return first, (await session.scalars(statement)).first()


async def known_customers(session: ReadSession, staff_id: str, product_id: str | None, q: str, limit: int) -> list[Any]:
    """Return customers that a staff has booked before and whose key begins with `q`, the latest first."""
    latest = (
        select(
            DepositKey.customer_key,
            func.max(DepositKey.last_date).label("last_date"),
            func.sum(DepositKey.forms).label("forms"),
        )
        .where(
            DepositKey.staff_id == staff_id,
            DepositKey.forms > 0,
            DepositKey.customer_key.like(like_pattern(customer_key(q))[1:], escape="\\"),
        )
        .group_by(DepositKey.customer_key)
        .order_by(func.max(DepositKey.last_date).desc(), DepositKey.customer_key)
        .limit(limit)
    )
    if product_id is not None:
        latest = latest.where(DepositKey.product_id == product_id)
    found = latest.subquery()
    newest = (
        select(Deposit.id)
        .where(COUNTS, Deposit.staff_id == staff_id, Deposit.customer_key == found.c.customer_key)
        .order_by(Deposit.record_date.desc(), Deposit.id.desc())
        .limit(1)
        .correlate(found)
        .scalar_subquery()
    )
    statement = (
        select(Deposit.customer_id, Deposit.customer_name, found)
        .join(Deposit, Deposit.id == newest)
        .order_by(found.c.last_date.desc(), found.c.customer_key)
    )
    return list((await session.execute(statement)).all())


async def duplicate_groups(session: ReadSession, wanted: DepositFilter, limit: int) -> tuple[int, int, list[Any]]:
    """Return how many (customer, product) pairs have counting deposits of two or more staff, how many deposits these
    are, and up to `limit` of the pairs with their figures by staff."""
    pairs = select(
        Deposit.customer_key,
        Deposit.product_id,
        func.count().label("record_count"),
        func.count(Deposit.staff_id.distinct()).label("staff_count"),
    ).where(COUNTS, *_between(Deposit.record_date, wanted))
    if wanted.product_id is not None:
        pairs = pairs.where(Deposit.product_id == wanted.product_id)
    grouped = (
        pairs.group_by(Deposit.customer_key, Deposit.product_id)
        .having(func.count(Deposit.staff_id.distinct()) > 1)
        .subquery()
    )
    counted = select(func.count(), func.coalesce(func.sum(grouped.c.record_count), 0)).select_from(grouped)
    groups, records = (await session.execute(counted)).one()
    shown = select(grouped).order_by(grouped.c.record_count.desc(), grouped.c.customer_key, grouped.c.product_id)
    some = shown.limit(limit).subquery()
    by_staff = (
        select(
            some.c.customer_key,
            some.c.product_id,
            Product.name.label("product_name"),
            func.min(Deposit.customer_id).label("customer_id"),
            Deposit.staff_id,
            User.name.label("staff_name"),
            func.count().label("record_count"),
            func.sum(Deposit.total).label("total"),
        )
        .select_from(some)
        .join(
            Deposit,
            and_(
                Deposit.customer_key == some.c.customer_key,
                Deposit.product_id == some.c.product_id,
                COUNTS,
                *_between(Deposit.record_date, wanted),
            ),
        )
        .join(Product, Product.id == some.c.product_id)
        .join(User, User.id == Deposit.staff_id)
        .group_by(
            some.c.record_count, some.c.customer_key, some.c.product_id, Product.name, Deposit.staff_id, User.name
        )
        .order_by(some.c.record_count.desc(), some.c.customer_key, some.c.product_id, User.name, Deposit.staff_id)
    )
    return groups, int(records), list((await session.execute(by_staff)).all())


async def staff_names(session: ReadSession, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of people, removed ones too."""
    return {row.id: row.name for row in await session.execute(select(User.id, User.name).where(in_texts(User.id, ids)))}


async def product_names(session: ReadSession, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of products, retired ones too."""
    found = await session.execute(select(Product.id, Product.name).where(in_texts(Product.id, ids)))
    return {row.id: row.name for row in found}
