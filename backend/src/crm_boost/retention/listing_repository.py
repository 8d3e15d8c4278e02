"""All SQL that lists customers: by what they deposited, and by how long ago (spec 5.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from crm_boost.contacts.service import Reach
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_numbers, in_texts, like_pattern, unindexed
from crm_boost.db.session import ReadSession
from crm_boost.deposits.models import Deposit
from crm_boost.identity.models import User
from crm_boost.products.models import Product
from crm_boost.retention.facts import COMPANY, Unit
from crm_boost.retention.models import RetentionCustomer, RetentionDismissal

SortBy = Literal["deposits", "omset", "recent", "loyalty"]
Which = Literal["all", "ndp", "rdp", "loyal"]
LOYAL_FROM = 50
COUNT_CAP = 1_000
"""How far customers that no stored count tells are counted."""

_c = RetentionCustomer
_UNIT = (_c.customer_key, _c.product_id)
_SORT: dict[str, Any] = {"deposits": _c.deposits, "omset": _c.total, "recent": _c.last_date, "loyalty": _c.score}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers of a scope: those with a deposit in `[start, end)`; `q` is how their key begins."""

    scope: str
    start: date
    end: date
    which: Which = "all"
    product_id: str | None = None
    q: str = ""


def _shown() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *_UNIT,
            _c.staff_id,
            _c.first_date,
            _c.last_date,
            _c.ndp_date,
            _c.deposits,
            _c.days,
            _c.total,
            _c.score,
            Deposit.customer_id,
            Deposit.customer_name,
            Product.name.label("product_name"),
            User.name.label("staff_name"),
        )
        .join(Deposit, Deposit.id == _c.deposit_id)
        .join(Product, Product.id == _c.product_id)
        .join(User, User.id == _c.staff_id)
    )


def _conditions(wanted: Wanted, sort: SortBy | None = None) -> list[ColumnElement[bool]]:
    # The index of what the list is sorted by has to lead: it is read from its end, as far as a page needs.
    last_date = _c.last_date if sort in (None, "recent") else unindexed(_c.last_date)
    ndp_date = unindexed(_c.ndp_date)
    is_new = and_(ndp_date >= wanted.start, ndp_date < wanted.end)
    one = aliased(Deposit)
    inside = select(one.id).where(
        one.customer_type.is_not(None),
        one.customer_key == _c.customer_key,
        one.product_id == _c.product_id,
        one.record_date >= wanted.start,
        one.record_date < wanted.end,
    )
    if wanted.scope != COMPANY:
        inside = inside.where(one.staff_id == wanted.scope)
    where = [
        _c.scope == wanted.scope,
        last_date >= wanted.start,
        _c.first_date < wanted.end,
        # Who came last in the range came in it; only of others it has to be looked up.
        or_(unindexed(_c.last_date) < wanted.end, _c.first_date >= wanted.start, inside.exists()),
    ]
    if wanted.which == "ndp":
        where.append(is_new)
    elif wanted.which == "rdp":
        where.append(or_(_c.ndp_date.is_(None), ~is_new))
    elif wanted.which == "loyal":
        where.append(_c.score >= LOYAL_FROM)
    if wanted.product_id is not None:
        where.append(_c.product_id == wanted.product_id)
    if wanted.q:
        where.append(_c.customer_key.like(like_pattern(wanted.q)[1:], escape="\\"))
    return where


async def customers(
    session: ReadSession, wanted: Wanted, sort: SortBy, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Any]:
    """Return `limit` and one more of the customers wanted, the largest first."""
    order = (_SORT[sort], *_UNIT)
    statement = _shown().where(*_conditions(wanted, sort))
    if after is not None:
        statement = statement.where(tuple_(*order) < tuple_(*after))
    statement = statement.order_by(*(column.desc() for column in order)).limit(limit + 1)
    return (await session.execute(statement)).all()


async def count_customers(session: ReadSession, wanted: Wanted) -> int | None:
    """Count up to the cap; None where there are more."""
    matches = select(_c.customer_key).where(*_conditions(wanted)).limit(COUNT_CAP + 1).subquery()
    found = await session.scalar(select(func.count()).select_from(matches)) or 0
    return found if found <= COUNT_CAP else None


@dataclass(frozen=True, slots=True)
class Quiet:
    """Customers by the day of their latest deposit with anyone, of `[start, end)`; `again_from`: who came last on this day
    or later is meant only with two deposits or more."""

    start: date | None
    end: date
    again_from: date | None = None
    owner: str | None = None
    product_id: str | None = None


def _quiet(wanted: Quiet, lead: Any) -> list[ColumnElement[bool]]:
    """Return the conditions; `lead` is what the days are read from."""
    where = [_c.scope == COMPANY, lead.last_date < wanted.end]
    if wanted.start is not None:
        where.append(lead.last_date >= wanted.start)
    if wanted.again_from is not None:
        where.append(or_(_c.last_date < wanted.again_from, _c.deposits > 1))
    if wanted.product_id is not None:
        where.append(_c.product_id == wanted.product_id)
    return where


def _with_own(statement: Select[*tuple[Any, ...]], viewer: str | None) -> Select[*tuple[Any, ...]]:
    """Let staff read their own deposits with the customer, and nobody else's."""
    if viewer is None:
        return statement
    own = aliased(RetentionCustomer)
    same = and_(own.scope == viewer, own.customer_key == _c.customer_key, own.product_id == _c.product_id)
    columns = (own.deposits, own.days, own.total, own.score, own.first_date)
    names = [f"own_{column.key}" for column in columns]
    return statement.add_columns(*(c.label(name) for c, name in zip(columns, names, strict=True))).join(own, same)


async def quiet(
    session: ReadSession,
    wanted: Quiet,
    *,
    viewer: str | None,
    hidden_from: tuple[str, date] | None,
    after: tuple[Any, ...] | None,
    limit: int,
    longest_first: bool = True,
) -> Sequence[Any]:
    """Return `limit` and one more of these customers, those who are away longest first (or last). `viewer`: a staff, who
    reads their own figures; `hidden_from`: (user, today), whose dismissed alerts are left out."""
    statement, lead = _shown(), _c
    if wanted.owner is not None:
        # Whose latest deposit with anyone was made with the owner was last with the owner on that day.
        lead = aliased(RetentionCustomer)
        same = and_(lead.customer_key == _c.customer_key, lead.product_id == _c.product_id)
        statement = statement.join(lead, same).where(lead.scope == wanted.owner, _c.staff_id == wanted.owner)
    order = (lead.last_date, lead.customer_key, lead.product_id)
    statement = _with_own(statement.where(*_quiet(wanted, lead)), viewer)
    if hidden_from is not None:
        user_id, today = hidden_from
        dismissed = select(RetentionDismissal.until).where(
            RetentionDismissal.user_id == user_id,
            RetentionDismissal.customer_key == _c.customer_key,
            RetentionDismissal.product_id == _c.product_id,
            RetentionDismissal.until > today,
        )
        statement = statement.where(~dismissed.exists())
    if after is not None:
        place = tuple_(*order) > tuple_(*after) if longest_first else tuple_(*order) < tuple_(*after)
        statement = statement.where(place)
    statement = statement.order_by(*(column.asc() if longest_first else column.desc() for column in order))
    return (await session.execute(statement.limit(limit + 1))).all()


async def units(session: ReadSession, wanted: Sequence[Unit], viewer: str) -> dict[Unit, Any]:
    """Return these customers as they are now, those that still have deposits."""
    statement = _with_own(_shown(), viewer).where(
        _c.scope == COMPANY, in_texts(_c.customer_key, sorted({unit.customer_key for unit in wanted})), _c.deposits > 0
    )
    return {Unit(row.customer_key, row.product_id): row for row in await session.execute(statement)}


async def contacts(session: ReadSession, customer_keys: Sequence[str], reach: Reach) -> dict[str, tuple[str, str]]:
    """Return a phone number of each customer and the database it is from: of the newest record within reach. Two
    statements."""
    newest = (
        select(RecordKey.record_seq)
        .join(Record, Record.seq == RecordKey.record_seq)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .where(
            RecordKey.customer_key == _c.customer_key,
            or_(Record.phone_e164.is_not(None), Record.phone != ""),
            CustomerDatabase.state == DatabaseState.READY,
            CustomerDatabase.deleted_at.is_(None),
            Record.state != RecordState.TRASHED,
        )
        .order_by(RecordKey.record_seq.desc())
        .limit(1)
    )
    if reach.modules is not None:
        newest = newest.where(in_texts(CustomerDatabase.module, reach.modules))
    if reach.holder is not None:
        newest = newest.where(Record.assigned_to == reach.holder, Record.state == RecordState.ASSIGNED)
    wanted = (
        select(_c.customer_key, newest.correlate(_c).scalar_subquery().label("seq"))
        .where(_c.scope == COMPANY, in_texts(_c.customer_key, sorted(set(customer_keys))))
        .distinct()
    )
    seqs = {row.customer_key: row.seq for row in await session.execute(wanted) if row.seq is not None}
    statement = (
        select(Record.seq, Record.phone, Record.phone_e164, CustomerDatabase.name)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .where(in_numbers(Record.seq, sorted(seqs.values())))
    )
    found = {row.seq: (row.phone_e164 or row.phone, row.name) for row in await session.execute(statement)}
    return {key: found[seq] for key, seq in seqs.items()}
