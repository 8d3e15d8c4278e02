"""Lists of rejected and of archived records, by keyset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import aliased

from crm_boost.databases.models import Record
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import unindexed
from crm_boost.db.session import ReadSession
from crm_boost.kit.paging import Page, page_of
from crm_boost.pools.rows import dealt_row, dealt_select
from crm_boost.pools.search import matching, search_term
from crm_boost.replacement.repositories.replacements import is_invalid_now, live_databases


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are asked for, in modules open to the caller."""

    modules: Sequence[str]
    staff_id: str | None = None
    reason: str | None = None
    database_id: str | None = None
    q: str | None = None


def _narrowed(
    session: ReadSession, statement: Select[*tuple[Any, ...]], wanted: Wanted, state: Sequence[ColumnElement[bool]]
) -> Select[*tuple[Any, ...]]:
    statement = statement.where(*state)
    if wanted.reason is not None:
        statement = statement.where(Record.validation_reason == wanted.reason)
    if wanted.database_id is not None:
        statement = statement.where(unindexed(Record.database_id) == wanted.database_id)
    term = search_term(wanted.q)
    return matching(session, statement, term) if term is not None else statement


async def _total(session: ReadSession, wanted: Wanted, state: Sequence[ColumnElement[bool]]) -> int:
    counted = _narrowed(session, select(Record.seq), wanted, state)
    return (await session.scalar(select(func.count()).select_from(counted.subquery()))) or 0


def _invalid(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = is_invalid_now(wanted.modules)
    if wanted.staff_id is not None:
        conditions.append(Record.assigned_to == wanted.staff_id)
    return conditions


async def list_invalid(
    session: ReadSession, wanted: Wanted, *, after: tuple[str, str, int] | None, limit: int
) -> Page[dict[str, Any]]:
    """Return records that are assigned and rejected, by holder and database. Counted for the first page."""
    order = (Record.assigned_to, Record.database_id, Record.seq)
    keys = _narrowed(session, select(Record.seq), wanted, _invalid(wanted))
    if after is not None:
        keys = keys.where(tuple_(*order) > tuple_(*after))
    page_keys = keys.order_by(*order).limit(limit + 1).subquery("page_keys")
    statement = dealt_select(session).join(page_keys, page_keys.c.seq == Record.seq).order_by(*order)
    rows = list((await session.execute(statement)).all())
    total = await _total(session, wanted, _invalid(wanted)) if after is None else None
    page = page_of(rows, limit, total, lambda row: (row.assigned_to, row.database_id, row.seq))
    page.rows = [dealt_row(row) for row in page.rows]
    return page


def _archived(wanted: Wanted) -> list[ColumnElement[bool]]:
    """The index of archived records, the last one first, leads; everything else is only looked at."""
    conditions = [
        Record.archived_at.is_not(None),
        unindexed(Record.state) == RecordState.ARCHIVED,
        unindexed(Record.database_id).in_(live_databases(wanted.modules)),
    ]
    if wanted.staff_id is not None:
        conditions.append(unindexed(Record.assigned_to) == wanted.staff_id)
    return conditions


async def list_archived(
    session: ReadSession, wanted: Wanted, *, after: tuple[datetime, int] | None, limit: int
) -> Page[dict[str, Any]]:
    """Return archived records, the last one first, each with the customer who was dealt in its place."""
    order = (Record.archived_at.desc(), Record.seq.desc())
    keys = _narrowed(session, select(Record.seq), wanted, _archived(wanted))
    if after is not None:
        keys = keys.where(tuple_(Record.archived_at, Record.seq) < tuple_(*after))
    page_keys = keys.order_by(*order).limit(limit + 1).subquery("page_keys")
    dealt = aliased(Record, name="dealt")
    statement = (
        dealt_select(session)
        .add_columns(Record.archived_at, dealt.id.label("dealt_id"), dealt.row_data.label("dealt_row_data"))
        .add_columns(dealt.customer_key.label("dealt_customer_key"))
        .join(page_keys, page_keys.c.seq == Record.seq)
        .outerjoin(dealt, dealt.id == Record.replaced_by)
        .order_by(*order)
    )
    rows = list((await session.execute(statement)).all())
    total = await _total(session, wanted, _archived(wanted)) if after is None else None
    page = page_of(rows, limit, total, lambda row: (row.archived_at.isoformat(), row.seq))
    page.rows = [_archived_row(row) for row in page.rows]
    return page


def _archived_row(row: Any) -> dict[str, Any]:
    shaped = {**dealt_row(row), "archived_at": row.archived_at}
    if row.validation_reason is not None:
        shaped["reason"] = row.validation_reason
    if row.dealt_id is not None:
        # The other record is of the same file, so its columns mean the same.
        cells, username = orjson.loads(row.dealt_row_data), row.file_mapping.get("username")
        in_file = username is not None and username < len(cells)
        shaped["replaced_by"] = row.dealt_id
        shaped["replaced_by_customer"] = cells[username] if in_file else row.dealt_customer_key
    return shaped


async def count_archived(session: ReadSession, module: str) -> dict[str, int]:
    """Return how many records of a module are archived, by database."""
    statement = (
        select(Record.database_id, func.count()).where(*_archived(Wanted([module]))).group_by(Record.database_id)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}
