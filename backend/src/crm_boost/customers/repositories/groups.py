"""A staff's records by group: a batch, or a database where there are no batches. One statement, whatever they hold."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    tuple_,
    update,
)

from crm_boost.assignments.models import Batch
from crm_boost.contacts.models import Contact
from crm_boost.customers.models import GroupView
from crm_boost.customers.repositories.dealt import is_contact_of, live
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import in_texts, inserting, texts_parameter
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Builder, built_once, rows_of
from crm_boost.kit.paging import Page, page_of
from crm_boost.products.models import Product

BATCH, DATABASE = "batch", "database"
_ALL = 1_000_000


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


_COUNTS: dict[str, ColumnElement[bool]] = {
    "ada": Contact.wa_status == "ada",
    "ceklis1": Contact.wa_status == "ceklis1",
    "tidak": Contact.wa_status == "tidak",
    "respond_ya": Contact.respond_status == "ya",
    "respond_tidak": Contact.respond_status == "tidak",
    "validated": Record.validation_status == "validated",
    "invalid": Record.validation_status == "invalid",
    "unvalidated": Record.validation_status.is_(None),
}
_IS_WORKED_ON = or_(
    Contact.wa_status.is_not(None), Contact.respond_status.is_not(None), Record.validation_status.is_not(None)
)


async def groups_of(
    session: ReadSession,
    staff_id: str,
    *,
    modules: Sequence[str] | None = None,
    after: tuple[int, int, str] | None = None,
    limit: int,
) -> Page[dict[str, Any]]:
    """Return a page of a staff's groups with their counts: pinned ones first, then the newest."""
    given: dict[str, Any] = {"of_staff": staff_id, "of_limit": limit + 1}
    if modules is not None:
        given["of_modules"] = list(modules)
    if after is not None:
        given.update(zip(_PLACE, after, strict=True))
    statement = _asking(in_modules=modules is not None, first=after is None)(session)
    rows = list(await rows_of(session, statement, given))
    count = (rows[0].total if rows else 0) if after is None else None
    page = page_of(rows, limit, count, lambda row: (row.is_pinned, row.latest, row.group_id))
    page.rows = [_group(row) for row in page.rows]
    return page


_PLACE = ("of_pinned", "of_latest", "of_group")


@cache
def _asking(*, in_modules: bool, first: bool) -> Builder[Any]:
    """Return what builds the statement, once: building it costs more than grouping a thousand records."""
    return built_once(partial(_groups, in_modules=in_modules, first=first))


def _groups(_session: ReadSession, *, in_modules: bool, first: bool) -> Any:
    staff_id = bindparam("of_staff", type_=Text)
    kind = case((Record.batch_id.is_not(None), BATCH), else_=DATABASE)
    group_id = func.coalesce(Record.batch_id, Record.database_id)
    view = and_(GroupView.user_id == staff_id, GroupView.kind == kind, GroupView.group_id == group_id)
    counted = (
        select(
            Record.database_id,
            Record.batch_id,
            func.count().label("record_count"),
            func.max(Record.deal_rank).label("latest"),
            func.min(Record.assigned_at).label("since"),
            _count(or_(GroupView.seen_at.is_(None), Record.assigned_at > GroupView.seen_at)).label("new_count"),
            _count(_IS_WORKED_ON).label("worked_count"),
            _count(GroupView.is_pinned.is_(True)).label("pins"),
            *(_count(condition).label(f"{name}_count") for name, condition in _COUNTS.items()),
        )
        .select_from(Record)
        .outerjoin(Contact, is_contact_of(Record))
        .outerjoin(GroupView, view)
        .where(Record.assigned_to == staff_id, Record.state == RecordState.ASSIGNED)
        .group_by(Record.database_id, Record.batch_id)
        .subquery()
    )
    where = live()
    if in_modules:
        where.append(in_texts(CustomerDatabase.module, texts_parameter("of_modules")))
    is_pinned = case((counted.c.pins > 0, 1), else_=0)
    place = (is_pinned, counted.c.latest, func.coalesce(counted.c.batch_id, counted.c.database_id))
    total: ColumnElement[Any] = null()
    if first:
        total = func.count().over()
    else:
        kinds = (Integer, BigInteger, Text)
        after: list[Any] = [bindparam(name, type_=of) for name, of in zip(_PLACE, kinds, strict=True)]
        where.append(tuple_(*place) < tuple_(*after))
    return (
        select(
            counted,
            is_pinned.label("is_pinned"),
            place[2].label("group_id"),
            total.label("total"),
            CustomerDatabase.module,
            CustomerDatabase.name.label("database_name"),
            CustomerDatabase.product_id,
            Product.name.label("product_name"),
            Batch.title,
            Batch.created_at,
            Batch.request_id,
        )
        .select_from(counted)
        .join(CustomerDatabase, CustomerDatabase.id == counted.c.database_id)
        .join(Product, Product.id == CustomerDatabase.product_id)
        .outerjoin(Batch, Batch.id == counted.c.batch_id)
        .where(*where)
        .order_by(*(key.desc() for key in place))
        .limit(bindparam("of_limit", type_=Integer))
    )


async def groups_by_id(session: ReadSession, staff_id: str, module: str) -> dict[str, dict[str, Any]]:
    """Return all of a staff's groups of one module by id."""
    found = await groups_of(session, staff_id, modules=[module], limit=_ALL)
    return {group["id"]: group for group in found.rows}


def _group(row: Any) -> dict[str, Any]:
    is_batch = row.batch_id is not None
    shaped = {
        "kind": BATCH if is_batch else DATABASE,
        "id": row.group_id,
        "module": row.module,
        "title": row.title or row.database_name,
        "database_id": row.database_id,
        "database_name": row.database_name,
        "product_id": row.product_id,
        "product_name": row.product_name,
        "record_count": row.record_count,
        "created_at": row.created_at if row.created_at is not None else row.since,
        "is_pinned": bool(row.is_pinned),
        "new_count": row.new_count,
        "worked_count": row.worked_count,
        "counts": {name: getattr(row, f"{name}_count") for name in _COUNTS},
    }
    if row.title:
        shaped["custom_title"] = row.title
    return shaped


async def name_batch(session: WriteSession, staff_id: str, batch_id: str, title: str) -> None:
    """Give a staff's own batch a title; an empty one takes it away."""
    mine = (Batch.id == batch_id) & (Batch.staff_id == staff_id)
    await session.execute(update(Batch).where(mine).values(title=title))


async def put_view(
    session: WriteSession,
    staff_id: str,
    kind: str,
    group_id: str,
    *,
    is_pinned: bool | None = None,
    seen_at: datetime | None = None,
) -> None:
    """Remember that a group is pinned (or not), or until when it was seen; the other stays as it is."""
    changed: dict[str, Any] = {}
    if is_pinned is not None:
        changed["is_pinned"] = is_pinned
    if seen_at is not None:
        changed["seen_at"] = seen_at
    row = {"user_id": staff_id, "kind": kind, "group_id": group_id, "is_pinned": False, **changed}
    statement = inserting(session, GroupView).values(row)
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id", "kind", "group_id"], set_=changed))


async def batch_of(session: ReadSession, staff_id: str, reference: str) -> str | None:
    """Return the id of a staff's own batch, named by itself or by the request it answered."""
    statement = (
        select(Batch.id)
        .where(or_(Batch.id == reference, Batch.request_id == reference), Batch.staff_id == staff_id)
        .order_by(Batch.created_at.desc())
        .limit(1)
    )
    found: str | None = await session.scalar(statement)
    return found
