"""What staff see of their own records, what admins see of all that is dealt, and the history of a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, Table, func, or_, select, tuple_

from crm_boost.assignments.models import Batch, Operation, RecordHistory
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_texts, unindexed
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User
from crm_boost.kit.paging import Page, page_of
from crm_boost.pools.rows import record_row, record_select
from crm_boost.pools.search import matching, search_term
from crm_boost.products.models import Product

_batch = cast(Table, Batch.__table__)
_b = _batch.c

COUNT_CAP = 10_000
"""A search counts its matches up to here."""


@dataclass(frozen=True, slots=True)
class DealtFilter:
    """Which dealt records are asked for."""

    staff_id: str | None = None
    modules: Sequence[str] | None = None
    batch_id: str | None = None
    database_id: str | None = None
    """Records of this database that are in no batch."""
    q: str | None = None


def _live() -> list[ColumnElement[bool]]:
    return [CustomerDatabase.state == DatabaseState.READY, CustomerDatabase.deleted_at.is_(None)]


async def my_groups(session: ReadSession, staff_id: str) -> list[dict[str, Any]]:
    """Return a staff's records by batch, and by database where there are no batches; the newest first."""
    counted = (
        select(
            Record.database_id,
            Record.batch_id,
            func.count().label("record_count"),
            func.max(Record.deal_rank).label("latest"),
            func.min(Record.assigned_at).label("since"),
        )
        .where(Record.assigned_to == staff_id, Record.state == RecordState.ASSIGNED)
        .group_by(Record.database_id, Record.batch_id)
        .subquery()
    )
    statement = (
        select(
            counted,
            CustomerDatabase.module,
            CustomerDatabase.name.label("database_name"),
            Product.name.label("product_name"),
            _b.title,
            _b.created_at,
        )
        .select_from(counted)
        .join(CustomerDatabase, CustomerDatabase.id == counted.c.database_id)
        .join(Product, Product.id == CustomerDatabase.product_id)
        .outerjoin(_batch, _b.id == counted.c.batch_id)
        .where(*_live())
        .order_by(counted.c.latest.desc())
    )
    return [
        {
            "kind": "batch" if row.batch_id is not None else "database",
            "id": row.batch_id if row.batch_id is not None else row.database_id,
            "module": row.module,
            "title": row.title or row.database_name,
            "database_id": row.database_id,
            "database_name": row.database_name,
            "product_name": row.product_name,
            "record_count": row.record_count,
            "created_at": row.created_at if row.created_at is not None else row.since,
        }
        for row in await session.execute(statement)
    ]


async def staff_batches(session: ReadSession, database_id: str, staff_id: str, limit: int) -> list[dict[str, Any]]:
    """Return the batches that a staff has of a database, the newest first, with how many records each holds now."""
    held = (
        select(func.count())
        .where(Record.batch_id == _b.id, Record.state == RecordState.ASSIGNED)
        .correlate(_batch)
        .scalar_subquery()
    )
    statement = (
        select(_b.id, _b.title, _b.created_at, held.label("record_count"))
        .where(_b.staff_id == staff_id, _b.database_id == database_id)
        .order_by(_b.created_at.desc(), _b.id.desc())
        .limit(limit)
    )
    return [
        {"id": row.id, "title": row.title, "record_count": row.record_count, "created_at": row.created_at}
        for row in await session.execute(statement)
    ]


async def list_dealt(
    session: ReadSession, wanted: DealtFilter, *, after: tuple[int, str] | None, limit: int
) -> Page[dict[str, Any]]:
    """Return assigned records of live databases, the newest hand-out first. The total is counted for the first page.

    Rows carry the name and the module of their database.
    """
    shown = select(CustomerDatabase.id).where(*_live())
    if wanted.modules is not None:
        shown = shown.where(in_texts(CustomerDatabase.module, list(wanted.modules)))
    where: list[ColumnElement[bool]] = []
    if wanted.batch_id is not None:
        where.append(Record.batch_id == wanted.batch_id)
    if wanted.staff_id is not None:
        holder = Record.assigned_to if wanted.batch_id is None else unindexed(Record.assigned_to)
        where.append(holder == wanted.staff_id)
    if wanted.database_id is not None:
        where += [Record.database_id == wanted.database_id, Record.batch_id.is_(None)]
    term = search_term(wanted.q)

    def narrowed(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        statement = statement.where(*where)
        return matching(session, statement, term) if term is not None else statement

    total: int | None = None
    if after is None:
        narrow = bool(where) or term is not None
        state, database = (unindexed(c) if narrow else c for c in (Record.state, Record.database_id))
        counted = narrowed(select(Record.seq).where(state == RecordState.ASSIGNED, database.in_(shown)))
        if term is not None:
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
        record_select(session)
        .add_columns(
            CustomerDatabase.name.label("database_name"),
            CustomerDatabase.module.label("module"),
            CustomerDatabase.columns.label("file_columns"),
            CustomerDatabase.mapping.label("file_mapping"),
        )
        .join(page_keys, page_keys.c.seq == Record.seq)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .order_by(Record.deal_rank.desc(), Record.id.desc())
    )
    rows = list((await session.execute(statement)).all())
    page = page_of(rows, limit, total, lambda row: (row.deal_rank, row.id))
    page.rows = [
        {
            **record_row(row, row.file_columns, row.file_mapping),
            "database_id": row.database_id,
            "database_name": row.database_name,
            "module": row.module,
        }
        for row in page.rows
    ]
    return page


async def owns_group(session: ReadSession, staff_id: str, kind: str, group_id: str) -> bool:
    """Whether a staff has (or had) this batch, or holds records of this database."""
    if kind == "batch":
        statement = select(_b.id).where(_b.id == group_id, _b.staff_id == staff_id)
    else:
        statement = select(Record.database_id).where(
            Record.assigned_to == staff_id, Record.database_id == group_id, Record.state == RecordState.ASSIGNED
        )
    return (await session.execute(statement.limit(1))).first() is not None


async def find_record(session: ReadSession, record_id: str, holder: str | None) -> Row[*tuple[Any, ...]] | None:
    """Return a record with where it came from; with `holder`, only when that staff holds it."""
    statement = (
        select(Record.seq, Record.state, CustomerDatabase.uploaded_at, CustomerDatabase.uploaded_by_name)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .where(Record.id == record_id, CustomerDatabase.state == DatabaseState.READY)
    )
    if holder is not None:
        statement = statement.where(
            Record.assigned_to == holder, Record.state == RecordState.ASSIGNED, CustomerDatabase.deleted_at.is_(None)
        )
    return (await session.execute(statement)).first()


async def record_history(session: ReadSession, record_seq: int, about: str | None) -> list[dict[str, Any]]:
    """Return the transitions of a record, oldest first; with `about`, only those to and from that staff."""
    holder = func.coalesce(RecordHistory.to_holder, RecordHistory.from_holder)
    statement = (
        select(
            Operation.at,
            Operation.actor_name,
            Operation.kind,
            Operation.reason,
            RecordHistory.from_state,
            RecordHistory.to_state,
            User.name.label("holder_name"),
        )
        .select_from(RecordHistory)
        .join(Operation, Operation.seq == RecordHistory.operation_seq)
        .outerjoin(User, User.id == holder)
        .where(RecordHistory.record_seq == record_seq)
        .order_by(RecordHistory.operation_seq)
    )
    if about is not None:
        statement = statement.where(or_(RecordHistory.to_holder == about, RecordHistory.from_holder == about))
    entries = []
    for row in await session.execute(statement):
        entry: dict[str, Any] = {
            "at": row.at,
            "actor_name": row.actor_name,
            "kind": row.kind,
            "from_state": row.from_state,
            "to_state": row.to_state,
        }
        if row.reason is not None:
            entry["reason"] = row.reason
        if row.holder_name is not None:
            entry["holder_name"] = row.holder_name
        entries.append(entry)
    return entries


async def receivers(session: ReadSession, roles: Sequence[str]) -> list[dict[str, Any]]:
    """Return active people who may receive records, by name."""
    statement = (
        select(User.id, User.name, User.email)
        .where(User.role.in_(roles), User.is_active, User.deleted_at.is_(None))
        .order_by(User.name, User.id)
    )
    return [{"id": row.id, "name": row.name, "email": row.email} for row in await session.execute(statement)]
