"""All SQL of the lists. How many records are in which state is read where every move keeps it (spec 2.6, ADR 52)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select, tuple_, update

from crm_boost.databases.counts_repository import counts_by_state, without_trash
from crm_boost.databases.models import IS_JUDGED, CustomerDatabase, Record, RecordKey
from crm_boost.databases.state_repository import between, is_in, keys_of
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_texts, like_pattern, lowered, unindexed
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.paging import Page, page_of
from crm_boost.pools.file_order_repository import FEW, all_by_row, beyond, shown_records, sorted_by_row
from crm_boost.pools.places import Place, RecordFilter, cursor_keys
from crm_boost.pools.rows import database_row, record_row, record_select
from crm_boost.pools.search import matching, search_order, search_term
from crm_boost.pools.search_repository import count_some, is_answered_by_texts, page_of_matches
from crm_boost.products.models import Product
from crm_boost.reservations.matching import is_of_product, is_taken_by_other, leads_to
from crm_boost.reservations.models import ReservationKey

JUDGED = ("validated", "invalid")
_IS_JUDGED: ColumnElement[bool] = literal_column(f"customer_records.{IS_JUDGED}")


def _ready(module: str | None, *, deleted: bool = False) -> list[ColumnElement[bool]]:
    conditions = [
        CustomerDatabase.state == DatabaseState.READY,
        CustomerDatabase.deleted_at.is_not(None) if deleted else CustomerDatabase.deleted_at.is_(None),
    ]
    if module is not None:
        conditions.append(CustomerDatabase.module == module)
    return conditions


async def list_databases(
    session: ReadSession,
    module: str,
    *,
    q: str | None = None,
    product_id: str | None = None,
    deleted: bool = False,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> Page[dict[str, Any]]:
    """Return databases of a module, newest first, with their counts. Four statements, however many databases."""
    where = _ready(module, deleted=deleted)
    if product_id is not None:
        where.append(CustomerDatabase.product_id == product_id)
    if q:
        pattern = like_pattern(q.strip().lower())
        named = (CustomerDatabase.name, CustomerDatabase.filename)
        where.append(or_(*(lowered(name).like(pattern, escape="\\") for name in named)))
    total = await session.scalar(select(func.count()).select_from(CustomerDatabase).where(*where))
    statement = (
        select(CustomerDatabase, Product.name)
        .join(Product, Product.id == CustomerDatabase.product_id)
        .where(*where)
        .order_by(CustomerDatabase.uploaded_at.desc(), CustomerDatabase.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(tuple_(CustomerDatabase.uploaded_at, CustomerDatabase.id) < tuple_(*after))
    rows = list((await session.execute(statement)).all())
    page = page_of(rows, limit, total, lambda row: (row[0].uploaded_at.isoformat(), row[0].id))
    page.rows = await _with_counts(session, page.rows)
    return page


async def next_database(
    session: ReadSession, module: str, *, product_id: str | None, after: tuple[datetime, str] | None
) -> str | None:
    """Return the id of the database that follows this place of `list_databases`, or of the first one."""
    statement = select(CustomerDatabase.id).where(*_ready(module))
    if product_id is not None:
        statement = statement.where(CustomerDatabase.product_id == product_id)
    if after is not None:
        statement = statement.where(tuple_(CustomerDatabase.uploaded_at, CustomerDatabase.id) < tuple_(*after))
    newest_first = (CustomerDatabase.uploaded_at.desc(), CustomerDatabase.id.desc())
    return await session.scalar(statement.order_by(*newest_first).limit(1))


async def count_records(session: ReadSession, module: str, *, product_id: str | None, state: RecordState | None) -> int:
    """Return how many records the databases of a module have, in one state or in all but the trash."""
    databases = select(CustomerDatabase.id).where(*_ready(module))
    if product_id is not None:
        databases = databases.where(CustomerDatabase.product_id == product_id)
    counts = await counts_by_state(session, list((await session.scalars(databases)).all()))
    found: dict[str, int] = defaultdict(int)
    for of_database in counts.values():
        for name, count in of_database.items():
            found[name] += count
    return found[state] if state is not None else without_trash(found)


async def get_database(
    session: ReadSession, module: str | None, database_id: str, *, deleted: bool | None = False
) -> CustomerDatabase | None:
    """Return a complete database of a module (None: any); `deleted=None` also finds one in the trash."""
    where = [CustomerDatabase.id == database_id, CustomerDatabase.state == DatabaseState.READY]
    if module is not None:
        where.append(CustomerDatabase.module == module)
    if deleted is not None:
        where.append(CustomerDatabase.deleted_at.is_not(None) if deleted else CustomerDatabase.deleted_at.is_(None))
    return (await session.scalars(select(CustomerDatabase).where(*where))).first()


async def database_with_counts(session: ReadSession, database: CustomerDatabase) -> dict[str, Any]:
    """Return the row of one database with its counts."""
    product_name = await session.scalar(select(Product.name).where(Product.id == database.product_id))
    return (await _with_counts(session, [(database, product_name)]))[0]


async def _with_counts(session: ReadSession, rows: Sequence[Any]) -> list[dict[str, Any]]:
    ids = [database.id for database, _ in rows]
    counts = await counts_by_state(session, ids)
    conflicts = await conflict_counts(session, ids)
    return [database_row(db, product_name, counts[db.id], conflicts.get(db.id, 0)) for db, product_name in rows]


def _conflicts(
    session: ReadSession, statement: Select[*tuple[Any, ...]], database_ids: Sequence[str]
) -> Select[*tuple[Any, ...]]:
    """Let a select start from the reservations and lead to the assigned records of customers whom somebody else has
    reserved: of reservations there are far fewer than of assigned records."""
    return (
        statement.select_from(ReservationKey)
        .join(RecordKey, leads_to(RecordKey.customer_key))
        .join(Record, Record.seq == RecordKey.record_seq)
        .where(
            in_texts(unindexed(Record.database_id), database_ids),
            unindexed(Record.state) == RecordState.ASSIGNED,
            is_of_product(session, Record.product_id),
            ReservationKey.staff_id != unindexed(Record.assigned_to),
        )
    )


async def conflict_counts(session: ReadSession, database_ids: Sequence[str]) -> dict[str, int]:
    """Return, by database, how many assigned records belong to customers reserved by somebody else."""
    statement = select(Record.database_id, func.count(Record.seq.distinct()))
    statement = _conflicts(session, statement, database_ids).group_by(unindexed(Record.database_id))
    return {row[0]: row[1] for row in await session.execute(statement)}


async def list_records(
    session: ReadSession, database: CustomerDatabase, wanted: RecordFilter, *, after: Place | None, limit: int
) -> Page[dict[str, Any]]:
    """Return records of a database in file order (or reversed). The total is counted for the first page only, and for a
    search not beyond `COUNT_CAP`.

    Of a database whose records are stored in random order, all of them are in file order, and what is chosen from them
    if it has at most `FEW` records (a search: one page); else they come in the order in which they are stored (ADR 64).
    """
    is_row = database.is_shuffled and wanted.takes_all
    total: int | None = None
    if is_row:
        row_number = after.number if after is not None else None
        rows = await all_by_row(session, database, row_number, descending=wanted.descending, limit=limit + 1)
        if after is None:
            total = len(rows) if len(rows) <= limit else await shown_records(session, database)
    elif after is not None and after.is_row:
        is_row = True
        where = _conditions(session, database, wanted, _range(database, None), is_search=False)
        where.append(beyond(after.number, descending=wanted.descending))
        rows = await sorted_by_row(session, where, descending=wanted.descending, limit=limit + 1)
    else:
        rows, total = await _by_key(session, database, wanted, after.number if after is not None else None, limit)
        if database.is_shuffled and after is None and len(rows) <= limit:
            rows.sort(key=lambda row: row.row_number, reverse=wanted.descending)
        elif database.is_shuffled and total is not None and total <= FEW and not wanted.is_search:
            is_row = True
            where = _conditions(session, database, wanted, _range(database, None), is_search=False)
            rows = await sorted_by_row(session, where, descending=wanted.descending, limit=limit + 1)
    page = page_of(rows, limit, total, lambda row: cursor_keys(database, row, is_row=is_row))
    page.rows = [record_row(row, database.columns, database.mapping) for row in page.rows]
    return page


async def _by_key(
    session: ReadSession, database: CustomerDatabase, wanted: RecordFilter, after: int | None, limit: int
) -> tuple[list[Any], int | None]:
    """Return the rows of a page in the order in which they are stored and one more, and for the first page the total."""
    term = search_term(wanted.q)
    # The keys of the range are this database's alone: the range answers without an index on the database.
    seq_range, order = _range(database, after, descending=wanted.descending), search_order(term)
    if term is not None and is_answered_by_texts(session, term):
        chosen = None if wanted.is_unfiltered else _conditions(session, database, wanted, seq_range, is_search=True)
        return await page_of_matches(
            session,
            term,
            seq_range,
            chosen,
            is_random=database.is_shuffled,
            is_counted=after is None,
            descending=wanted.descending,
            limit=limit,
        )
    where = _conditions(session, database, wanted, seq_range, is_search=term is not None)
    statement = record_select(session).where(*where)
    if term is not None:
        statement = matching(session, statement, term, seq_range)
    statement = statement.order_by(order.desc() if wanted.descending else order).limit(limit + 1)
    rows = list((await session.execute(statement)).all())
    total: int | None = None
    if after is None and len(rows) <= limit:
        total = len(rows)
    elif after is None and term is None:
        total = await _count(session, database, wanted, where)
    elif after is None and term is not None:
        total = await count_some(session, term, seq_range, where)
    return rows, total


def _conditions(
    session: ReadSession,
    database: CustomerDatabase,
    wanted: RecordFilter,
    seq_range: tuple[int, int],
    *,
    is_search: bool,
) -> list[ColumnElement[bool]]:
    """Return what chooses the records. What is scarcest leads, everything else is only looked at: a search, what one
    person holds, conflicts, verdicts (given one by one), states, and last the range of keys alone."""
    leader = _leader(wanted, is_search=is_search)

    def column(name: str, of: Any) -> Any:
        # On PostgreSQL statistics decide; there this changes nothing.
        return of if leader == name else unindexed(of)

    state = unindexed(Record.state)
    where = [state == wanted.state if wanted.state is not None else state != RecordState.TRASHED]
    if leader == "state" and wanted.state is not None:
        where = [is_in(wanted.state)]
    if wanted.assigned_to is not None:
        where.append(column("holder", Record.assigned_to) == wanted.assigned_to)
    if leader == "conflict":
        where.append(Record.seq.in_(_conflicts(session, select(Record.seq), [database.id])))
    elif wanted.is_conflict:
        where.append(is_taken_by_other(session, Record, Record.assigned_to))
    if wanted.validation is not None:
        verdict = column("verdict", Record.validation_status)
        where.append(verdict == wanted.validation if wanted.validation in JUDGED else verdict.is_(None))
    if leader == "verdict":
        where += [_IS_JUDGED, Record.database_id == database.id]
    if not is_search:
        keyed = leader in ("state", "verdict", "range")
        where.append((Record.seq if keyed else unindexed(Record.seq)).between(*seq_range))
    return where


def _leader(wanted: RecordFilter, *, is_search: bool) -> str:
    if is_search:
        return "search"
    if wanted.assigned_to is not None:
        return "holder"
    if wanted.is_conflict:
        return "conflict"
    if wanted.validation in JUDGED:
        return "verdict"
    return "state" if wanted.status is not None else "range"


def _range(database: CustomerDatabase, after: int | None, *, descending: bool = False) -> tuple[int, int]:
    """Return the first and the last key of what a page may show. One range: of two lower bounds SQLite would start at
    the first and read all pages before (page 18,000: 280 ms instead of 1 ms)."""
    first, last = database.first_seq, database.last_seq
    if after is None:
        return first, last
    return (first, min(last, after - 1)) if descending else (max(first, after + 1), last)


async def _count(
    session: ReadSession, database: CustomerDatabase, wanted: RecordFilter, where: list[ColumnElement[bool]]
) -> int:
    """Count the rows of a list that is not a search: from the stored counts and the index of verdicts where these are
    all that is asked for."""
    if wanted.assigned_to is None and wanted.is_conflict and wanted.validation is None:
        return (await conflict_counts(session, [database.id])).get(database.id, 0)
    if wanted.assigned_to is not None or wanted.is_conflict:
        return (await session.scalar(select(func.count()).select_from(Record).where(*where))) or 0
    counts = (await counts_by_state(session, [database.id]))[database.id] if wanted.validation not in JUDGED else {}
    if wanted.validation is not None:
        judged = await _judged_by_state(session, database.id, wanted.validation)
        counts = judged if wanted.validation in JUDGED else {s: n - judged.get(s, 0) for s, n in counts.items()}
    if wanted.status is not None:
        return counts.get(wanted.status, 0)
    return without_trash(counts)


async def _judged_by_state(session: ReadSession, database_id: str, verdict: str) -> dict[str, int]:
    """Return how many records of a database have this verdict (`none`: any at all), by state."""
    verdicts = JUDGED if verdict not in JUDGED else (verdict,)
    statement = (
        select(Record.state, func.count())
        .where(Record.database_id == database_id, Record.validation_status.in_(verdicts), _IS_JUDGED)
        .group_by(unindexed(Record.state))
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def database_names(session: ReadSession, ids: Sequence[str]) -> dict[str, CustomerDatabase]:
    """Return databases by id, whatever their state."""
    rows = await session.scalars(select(CustomerDatabase).where(in_texts(CustomerDatabase.id, ids)))
    return {row.id: row for row in rows}


async def move_records_to_product(session: WriteSession, database_id: str, product_id: str) -> None:
    """Let every record of a database belong to another product. One statement."""
    await session.execute(
        update(Record)
        .where(between(keys_of(database_id)))
        .values(product_id=product_id)
        .execution_options(synchronize_session=False)
    )
