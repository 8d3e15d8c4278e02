"""Dealt records in the order of their hand-out: a staff's own, and for admins everybody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, select, tuple_

from crm_boost.assignments.models import Batch
from crm_boost.contacts.models import Contact
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_texts, unindexed
from crm_boost.db.session import ReadSession
from crm_boost.kit.paging import Page, page_of
from crm_boost.pools.rows import dealt_row, dealt_select
from crm_boost.pools.search import matching, search_term
from crm_boost.reservations.matching import is_taken_by_other

COUNT_CAP = 10_000
"""A search, and a filter by marks over everybody's records, counts up to here."""

NONE = "none"
"""The value of a filter that asks for records without a mark."""


@dataclass(frozen=True, slots=True)
class DealtFilter:
    """Which dealt records are asked for."""

    staff_id: str | None = None
    modules: Sequence[str] | None = None
    product_id: str | None = None
    batch_id: str | None = None
    database_id: str | None = None
    """Records of this database that are in no batch."""
    q: str | None = None
    whatsapp: str | None = None
    respond: str | None = None
    validation: str | None = None
    reason: str | None = None
    is_taken: bool = False
    """Records whose customer is reserved by somebody other than the holder."""


def live() -> list[ColumnElement[bool]]:
    """Return the conditions of a database that is neither unfinished nor in the trash."""
    return [CustomerDatabase.state == DatabaseState.READY, CustomerDatabase.deleted_at.is_(None)]


def is_contact_of(record: Any) -> ColumnElement[bool]:
    """Return the condition of a join: the contact of the hand-out that gave the record to its holder."""
    return and_(Contact.record_seq == record.seq, Contact.deal_rank == record.deal_rank)


def _mark(column: Any) -> ScalarSelect[Any]:
    """Return a mark of the record's contact. Looked up per record, so that the order of the list goes on leading: a
    join would let a database start from everybody's contacts."""
    return select(column).where(is_contact_of(Record)).correlate(Record).scalar_subquery()


def _is(column: Any, wanted: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_(None) if wanted == NONE else column == wanted
    return found


def _conditions(session: ReadSession, wanted: DealtFilter) -> list[ColumnElement[bool]]:
    """Return what chooses records; a batch or a holder leads, the others only look at the record."""
    where: list[ColumnElement[bool]] = []
    if wanted.batch_id is not None:
        where.append(Record.batch_id == wanted.batch_id)
    if wanted.staff_id is not None:
        holder = Record.assigned_to if wanted.batch_id is None else unindexed(Record.assigned_to)
        where.append(holder == wanted.staff_id)
    if wanted.database_id is not None:
        where += [unindexed(Record.database_id) == wanted.database_id, Record.batch_id.is_(None)]
    if wanted.validation is not None:
        where.append(_is(Record.validation_status, wanted.validation))
    if wanted.reason is not None:
        where.append(Record.validation_reason == wanted.reason)
    if wanted.whatsapp is not None:
        where.append(_is(_mark(Contact.wa_status), wanted.whatsapp))
    if wanted.respond is not None:
        where.append(_is(_mark(Contact.respond_status), wanted.respond))
    if wanted.is_taken:
        where.append(is_taken_by_other(session, Record, Record.assigned_to))
    return where


async def list_dealt(
    session: ReadSession,
    wanted: DealtFilter,
    *,
    viewer: str | None = None,
    after: tuple[int, str] | None,
    limit: int,
) -> Page[dict[str, Any]]:
    """Return assigned records of live databases, the newest hand-out first. The total is counted for the first page.

    Rows are shaped for the staff `viewer`, when there is one, else for an admin.
    """
    shown = select(CustomerDatabase.id).where(*live())
    if wanted.modules is not None:
        shown = shown.where(in_texts(CustomerDatabase.module, list(wanted.modules)))
    if wanted.product_id is not None:
        shown = shown.where(CustomerDatabase.product_id == wanted.product_id)
    where = _conditions(session, wanted)
    term = search_term(wanted.q)

    def narrowed(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        statement = statement.where(*where)
        return matching(session, statement, term) if term is not None else statement

    total: int | None = None
    if after is None:
        narrow = bool(where) or term is not None
        state, database = (unindexed(c) if narrow else c for c in (Record.state, Record.database_id))
        counted = narrowed(select(Record.seq).where(state == RecordState.ASSIGNED, database.in_(shown)))
        if term is not None or (narrow and wanted.staff_id is None):
            counted = counted.limit(COUNT_CAP)
        total = await session.scalar(select(func.count()).select_from(counted.subquery()))
    # First the keys of the page, in the order of an index by rank; then the rest of these few rows. State and
    # database are looked at in the record: their index is in the order of the file, and would have to be sorted.
    keys = narrowed(
        select(Record.seq).where(
            unindexed(Record.state) == RecordState.ASSIGNED,
            Record.deal_rank.is_not(None),
            unindexed(Record.database_id).in_(shown),
        )
    )
    if after is not None:
        keys = keys.where(tuple_(Record.deal_rank, Record.id) < tuple_(*after))
    page_keys = keys.order_by(Record.deal_rank.desc(), Record.id.desc()).limit(limit + 1).subquery("page_keys")
    statement = (
        dealt_select(session, staff_id=viewer)
        .join(page_keys, page_keys.c.seq == Record.seq)
        .order_by(Record.deal_rank.desc(), Record.id.desc())
    )
    rows = list((await session.execute(statement)).all())
    page = page_of(rows, limit, total, lambda row: (row.deal_rank, row.id))
    page.rows = [dealt_row(row, staff_id=viewer) for row in page.rows]
    return page


async def owns_group(session: ReadSession, staff_id: str, kind: str, group_id: str) -> bool:
    """Whether a staff has (or had) this batch, or holds records of this database."""
    if kind == "batch":
        statement = select(Batch.id).where(Batch.id == group_id, Batch.staff_id == staff_id)
    else:
        # Through the holder: a database may have a million assigned records of others.
        statement = select(Record.database_id).where(
            Record.assigned_to == staff_id,
            unindexed(Record.database_id) == group_id,
            unindexed(Record.state) == RecordState.ASSIGNED,
        )
    return (await session.execute(statement.limit(1))).first() is not None
