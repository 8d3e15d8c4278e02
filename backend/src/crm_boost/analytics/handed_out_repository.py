"""The SQL behind response times and funnels: pages of what one staff was handed out. The rows of a page are chosen from
indexes alone, as far as what they are sorted by is in one; only those shown are read (ADR 55)."""

from enum import StrEnum
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, Table, and_, func, null, select, union_all
from sqlalchemy import cast as as_type

from crm_boost.analytics.models import WorkItem
from crm_boost.analytics.paging import Slice
from crm_boost.analytics.scope import Scope
from crm_boost.analytics.work_repository import in_product
from crm_boost.assignments.repositories.moves import rank_of
from crm_boost.contacts.models import Contact
from crm_boost.databases.models import Record
from crm_boost.db.session import ReadSession


class Stage(StrEnum):
    """How far a hand-out has come; each stage is within the one before."""

    ASSIGNED = "assigned"
    WA_CHECKED = "wa_checked"
    RESPONDED = "responded"
    DEPOSITED = "deposited"


_BY_RANK = "assigned_at"
"""Ranks follow the instant of the hand-out, and its days follow ranks."""
_WORKED_ON = {"wa_hours": WorkItem.wa_seconds, "respond_hours": WorkItem.respond_seconds}
_NOTHING = as_type(null(), BigInteger)
_COLUMNS = ("staff_id", "database_id", "customer_key", "handed_at")
_MARKS = ("wa_status", "wa_on", "wa_seconds", "respond_status", "respond_on", "respond_seconds", "deposited_on")


async def handed_out(
    session: ReadSession, scope: Scope, staff_id: str, stage: Stage, sort: str, wanted: Slice
) -> list[dict[str, Any]]:
    """Return hand-outs of one staff in the period that have come to a stage; without one, also those nobody has worked
    on, which are records they hold. Those without a value to sort by come last either way."""
    parts = [_worked_on(scope, staff_id, stage, sort, wanted)]
    if stage is Stage.ASSIGNED:
        parts.append(_untouched(scope, staff_id, sort, wanted))
    both = union_all(*parts).subquery()
    page = select(both).order_by(*_keys(both.c, sort, wanted)).limit(wanted.limit).offset(wanted.offset).subquery()
    item, record = cast(Table, WorkItem.__table__).c, cast(Table, Record.__table__).c
    of_record = (record.assigned_to, record.database_id, record.customer_key, record.assigned_at)
    shown = zip(_COLUMNS, of_record, strict=True)
    statement = (
        select(
            page.c.record_seq,
            page.c.deal_rank,
            *(func.coalesce(item[name], column).label(name) for name, column in shown),
            *(item[name] for name in _MARKS),
        )
        .select_from(page)
        .outerjoin(WorkItem, and_(item.record_seq == page.c.record_seq, item.deal_rank == page.c.deal_rank))
        .outerjoin(Record, record.seq == page.c.record_seq)
        .order_by(*_keys(page.c, sort, wanted))
    )
    return [dict(row._mapping) for row in await session.execute(statement)]


def _keys(columns: Any, sort: str, wanted: Slice) -> list[Any]:
    keys = (
        [columns.deal_rank, columns.record_seq]
        if sort == _BY_RANK
        else [columns.value, columns.deal_rank, columns.record_seq]
    )
    ordered = wanted.ordered(*keys)
    return [columns.value.is_(None), *ordered] if sort in _WORKED_ON else ordered


def _first(statement: Any, ordered: list[Any], wanted: Slice) -> Any:
    """Return those of a part that can be on the page."""
    return select(statement.order_by(*ordered).limit(wanted.offset + wanted.limit).subquery())


def _worked_on(scope: Scope, staff_id: str, stage: Stage, sort: str, wanted: Slice) -> Any:
    item = WorkItem
    own: list[ColumnElement[bool]] = [
        item.staff_id == staff_id,
        item.handed_on >= scope.start,
        item.handed_on < scope.end,
        *in_product(item.database_id, scope),
    ]
    # There are seconds where there is a mark, and of a yes; they are in the index.
    if stage is not Stage.ASSIGNED:
        own.append(item.wa_seconds.is_not(None))
    if stage in {Stage.RESPONDED, Stage.DEPOSITED}:
        own.append(item.respond_seconds.is_not(None))
    if stage is Stage.DEPOSITED:
        own.append(item.deposited_on.is_not(None))
    value = _WORKED_ON.get(sort, item.customer_key if sort == "customer_id" else _NOTHING)
    statement = select(item.record_seq, item.deal_rank, value.label("value")).where(*own)
    if sort != _BY_RANK:
        return _first(statement, _keys(statement.selected_columns, sort, wanted), wanted)
    # As the index is ordered.
    return _first(statement, wanted.ordered(item.handed_on, item.deal_rank, item.record_seq), wanted)


def _untouched(scope: Scope, staff_id: str, sort: str, wanted: Slice) -> Any:
    start, end = scope.instants
    contact = select(Contact.record_seq).where(Contact.record_seq == Record.seq, Contact.deal_rank == Record.deal_rank)
    own = [
        Record.assigned_to == staff_id,
        Record.deal_rank >= rank_of(start),
        Record.deal_rank < rank_of(end),
        ~contact.exists(),
        *in_product(Record.database_id, scope),
    ]
    by_customer = sort == "customer_id"
    value = (Record.customer_key if by_customer else _NOTHING).label("value")
    statement = select(Record.seq.label("record_seq"), Record.deal_rank, value).where(*own)
    keys = [*([Record.customer_key] if by_customer else []), Record.deal_rank, Record.seq]
    return _first(statement, wanted.ordered(*keys), wanted)
