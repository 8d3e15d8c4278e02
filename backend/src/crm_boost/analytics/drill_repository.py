"""All SQL of drill-downs: the hand-outs and deposits behind a mark, by ranges of one staff or of a few days."""

from collections.abc import Collection, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select

from crm_boost.analytics.deposit_repository import of_scope
from crm_boost.analytics.models import WorkItem
from crm_boost.analytics.paging import Slice
from crm_boost.analytics.scope import Scope
from crm_boost.analytics.work_repository import in_product
from crm_boost.contacts.models import Contact
from crm_boost.contacts.verdicts import YES
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.db.dialect import in_numbers, in_rows, in_texts, unindexed
from crm_boost.db.session import ReadSession
from crm_boost.deposits.classification import Key
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import COUNTS
from crm_boost.deposits.states import CustomerType
from crm_boost.identity.models import User
from crm_boost.products.models import Product


class Outcome(StrEnum):
    """What became of a yes."""

    ALL = "all"
    CONVERTED = "converted"
    PENDING = "pending"


class Measure(StrEnum):
    """What was done."""

    CHECKED = "checked"
    ADA = "ada"
    CEKLIS1 = "ceklis1"
    TIDAK = "tidak"
    YES = "respond_ya"
    NO = "respond_tidak"


_ITEM = (
    WorkItem.record_seq,
    WorkItem.deal_rank,
    WorkItem.staff_id,
    WorkItem.database_id,
    WorkItem.customer_key,
    WorkItem.handed_at,
    WorkItem.wa_status,
    WorkItem.wa_on,
    WorkItem.wa_seconds,
    WorkItem.respond_status,
    WorkItem.respond_on,
    WorkItem.respond_seconds,
    WorkItem.deposited_on,
)


def _sorted(statement: Any, column: Any, ties: Sequence[Any], wanted: Slice) -> Any:
    return statement.order_by(*wanted.ordered(column, *ties)).limit(wanted.limit).offset(wanted.offset)


_ANSWERS = {"respond_at": "respond_on", "assigned_at": "handed_at", "customer_id": "customer_key"}


async def answered(
    session: ReadSession, scope: Scope, staff_id: str, outcome: Outcome, sort: str, wanted: Slice, *, by_answer: bool
) -> list[dict[str, Any]]:
    """Return who said yes to one staff: of what was handed out in the period or, `by_answer`, who answered in it."""
    day = WorkItem.respond_on if by_answer else WorkItem.handed_on
    statement = select(*_ITEM).where(
        WorkItem.staff_id == staff_id,
        day >= scope.start,
        day < scope.end,
        WorkItem.respond_on.is_not(None),
        WorkItem.respond_status == YES,
        *in_product(WorkItem.database_id, scope),
    )
    if outcome is not Outcome.ALL:
        is_open = WorkItem.deposited_on.is_(None)
        statement = statement.where(is_open if outcome is Outcome.PENDING else ~is_open)
    column = getattr(WorkItem, _ANSWERS[sort])
    statement = _sorted(statement, column, (WorkItem.record_seq, WorkItem.deal_rank), wanted)
    return [dict(row._mapping) for row in await session.execute(statement)]


async def done(
    session: ReadSession, scope: Scope, staff_ids: Sequence[str], measure: Measure, wanted: Slice
) -> list[dict[str, Any]]:
    """Return what these staff did in the period, by the day it was done."""
    answers = measure in {Measure.YES, Measure.NO}
    day = WorkItem.respond_on if answers else WorkItem.wa_on
    statement = select(*_ITEM, day.label("done_on")).where(
        in_texts(WorkItem.staff_id, staff_ids),
        day.is_not(None),
        day >= scope.start,
        day < scope.end,
        *in_product(WorkItem.database_id, scope),
    )
    if answers:
        is_yes = WorkItem.respond_status == YES
        statement = statement.where(is_yes if measure is Measure.YES else ~is_yes)
    elif measure is not Measure.CHECKED:
        statement = statement.where(WorkItem.wa_status == measure.value)
    statement = _sorted(statement, day, (WorkItem.record_seq, WorkItem.deal_rank), wanted)
    return [dict(row._mapping) for row in await session.execute(statement)]


async def shown(session: ReadSession, items: Sequence[dict[str, Any]]) -> dict[tuple[int, int], dict[str, Any]]:
    """Return what a row shows of its record: the record's id and the customer as it stands in the file, as far as the
    record is still there, database, product, and when the marks were set."""
    seqs = sorted({item["record_seq"] for item in items})
    databases = {item["database_id"] for item in items}
    named = await session.execute(
        select(
            CustomerDatabase.id,
            CustomerDatabase.name,
            CustomerDatabase.module,
            CustomerDatabase.mapping,
            Product.id.label("product_id"),
            Product.name.label("product"),
        )
        .join(Product, Product.id == CustomerDatabase.product_id)
        .where(in_texts(CustomerDatabase.id, sorted(databases)))
    )
    names = {row.id: row for row in named}
    records = {
        row.seq: row
        for row in await session.execute(
            select(Record.seq, Record.id, Record.row_data, Record.display_name).where(in_numbers(Record.seq, seqs))
        )
    }
    times = {
        (row.record_seq, row.deal_rank): row
        for row in await session.execute(
            select(Contact.record_seq, Contact.deal_rank, Contact.wa_at, Contact.respond_at).where(
                in_numbers(Contact.record_seq, seqs)
            )
        )
    }
    found = {}
    for item in items:
        key = (item["record_seq"], item["deal_rank"])
        database, record, marked = names[item["database_id"]], records.get(key[0]), times.get(key)
        row = {
            "customer_id": item["customer_key"],
            "customer_key": item["customer_key"],
            "product_id": database.product_id,
            "product": database.product,
            "database_id": database.id,
            "database": database.name,
            "module": database.module,
            "wa_at": marked.wa_at if marked else None,
            "respond_at": marked.respond_at if marked else None,
        }
        if record is not None:
            cells, place = orjson.loads(record.row_data), database.mapping.get("username")
            row["record_id"] = record.id
            if place is not None and place < len(cells):
                row["customer_id"] = cells[place]
            if record.display_name:
                row["customer_name"] = record.display_name
        found[key] = row
    return found


async def deposits_of(session: ReadSession, keys: Collection[Key]) -> dict[Key, list[tuple[date, int]]]:
    """Return day and amount of the counting deposits of each of these keys."""
    columns = (Deposit.staff_id, Deposit.customer_key, Deposit.product_id)
    statement = select(*columns, Deposit.record_date, Deposit.total)
    found: dict[Key, list[tuple[date, int]]] = {}
    if not keys:
        return found
    for staff_id, customer, product, day, total in await session.execute(
        statement.where(COUNTS, in_rows(columns, sorted(set(keys))))
    ):
        found.setdefault(Key(staff_id, customer, product), []).append((day, total))
    return found


def _listed(scope: Scope) -> list[ColumnElement[bool]]:
    # What counts is never deleted; saying so lets the indexes of lists be used.
    return [*of_scope(scope), Deposit.deleted_at.is_(None)]


async def customers_of(
    session: ReadSession, scope: Scope, sort: str, wanted: Slice
) -> tuple[list[dict[str, Any]], int]:
    """Return the customers whose deposits in the period are one staff's, by product, and how many there are."""
    is_ndp = func.max(case((Deposit.customer_type == CustomerType.NDP, 1), else_=0))
    grouped = (
        select(
            Deposit.customer_key,
            Deposit.product_id,
            func.max(Deposit.customer_id).label("customer_id"),
            func.max(Deposit.customer_name).label("customer_name"),
            is_ndp.label("is_ndp"),
            cast(func.sum(Deposit.total), BigInteger).label("total_amount"),
            func.count().label("deposit_count"),
            func.min(Deposit.record_date).label("first_deposit"),
            func.max(Deposit.record_date).label("last_deposit"),
        )
        .where(*_listed(scope))
        .group_by(Deposit.customer_key, Deposit.product_id)
        .subquery()
    )
    total = await session.scalar(select(func.count()).select_from(grouped)) or 0
    statement = select(grouped, Product.name.label("product")).join(Product, Product.id == grouped.c.product_id)
    statement = _sorted(statement, grouped.c[sort], (grouped.c.customer_key, grouped.c.product_id), wanted)
    return [dict(row._mapping) for row in await session.execute(statement)], total


_DEPOSIT_COLUMNS = {"date": Deposit.record_date, "amount": Deposit.total, "customer_id": Deposit.customer_key}


async def deposits(
    session: ReadSession,
    scope: Scope,
    sort: str,
    wanted: Slice,
    *,
    kind: CustomerType | None,
    days: Sequence[date] | None = None,
) -> list[dict[str, Any]]:
    """Return the counting deposits of the scope; with `days` only of these."""
    where = _listed(scope)
    if kind is not None:
        where.append(Deposit.customer_type == kind)
    if days is not None:
        where.append(Deposit.record_date.in_(days))
    statement = (
        select(
            Deposit.id,
            Deposit.staff_id,
            User.name.label("staff_name"),
            Deposit.customer_id,
            Deposit.customer_key,
            Deposit.customer_name,
            Deposit.product_id,
            Product.name.label("product"),
            Deposit.total,
            Deposit.record_date,
            Deposit.customer_type,
            Deposit.note,
        )
        .join(User, User.id == unindexed(Deposit.staff_id))
        .join(Product, Product.id == unindexed(Deposit.product_id))
        .where(*where)
    )
    statement = _sorted(statement, _DEPOSIT_COLUMNS[sort], (Deposit.id,), wanted)
    return [dict(row._mapping) for row in await session.execute(statement)]
