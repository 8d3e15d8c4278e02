"""SQL of the audit page: one page out of several tables, each read by an index in the order of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Select, Text, literal, select, tuple_, union_all

from crm_boost.audit.source_repository import SOURCES, Source
from crm_boost.databases.models import CustomerDatabase
from crm_boost.db.dialect import in_texts
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User
from crm_boost.kit.paging import Page, page_of
from crm_boost.products.models import Product

Place = tuple[datetime, int, int]
"""Where a page ends: instant, source, number."""


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """What to show; None: everything. Instants are half-open."""

    kind: str | None = None
    actor_id: str | None = None
    object_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_traces(
    session: ReadSession, wanted: TraceFilter, *, after: Place | None, limit: int
) -> Page[dict[str, Any]]:
    """Return a page of what was done, the last first. Nothing is counted: the answer would cost more than the page."""
    parts = [_part(source, wanted, after, limit) for source in SOURCES if source.may_hold(wanted.kind)]
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    order = (found.c.at.desc(), found.c.source.desc(), found.c.seq.desc())
    rows = list((await session.execute(select(found).order_by(*order).limit(limit + 1))).all())
    page = page_of(rows, limit, None, lambda row: (row.at.isoformat(), row.source, row.seq))
    names = await _names(session, page.rows)
    page.rows = [_shaped(row, names) for row in page.rows]
    return page


def _part(source: Source, wanted: TraceFilter, after: Place | None, limit: int) -> Select[Any]:
    columns = source.table.c
    at, seq = columns["at"], columns["seq"]
    statement = select(
        literal(source.number).label("source"),
        seq.label("seq"),
        at.label("at"),
        columns["actor_id"].label("actor_id"),
        columns["actor_name"].label("actor_name"),
        (literal(source.prefix, Text) + source.action).label("action"),
        source.kind.label("kind"),
        source.object_id.label("object_id"),
        source.detail.label("detail"),
        source.reason.label("reason"),
        source.address.label("address"),
        source.database_id.label("database_id"),
        columns["correlation_id"].label("correlation_id"),
    ).select_from(source.table)
    if source.only is not None:
        statement = statement.where(source.only)
    if wanted.kind is not None and source.kinds is None:
        statement = statement.where(source.kind == wanted.kind)
    if wanted.object_id is not None:
        statement = statement.where(source.object_id == wanted.object_id)
    if wanted.actor_id is not None:
        statement = statement.where(columns["actor_id"] == wanted.actor_id)
    if wanted.since is not None:
        statement = statement.where(at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(at < wanted.until)
    if after is not None:
        when, seen, number = after
        if source.number == seen:
            statement = statement.where(tuple_(at, seq) < tuple_(literal(when), literal(number)))
        else:
            statement = statement.where(at <= when if source.number < seen else at < when)
    return statement.order_by(at.desc(), seq.desc()).limit(limit + 1)


async def list_actors(session: ReadSession) -> list[dict[str, Any]]:
    """Return everybody who can have done something: all users, removed ones too, by name."""
    statement = select(User.id, User.name, User.role).order_by(User.name, User.id)
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def _names(session: ReadSession, rows: Sequence[Any]) -> dict[str, tuple[str, str | None]]:
    """Return the names of the people, databases and products on a page: one statement, whatever the page holds."""
    ids = sorted({i for row in rows for i in (row.object_id, row.database_id) if i})
    no_module = literal(None, Text)
    statement = union_all(
        select(User.id, User.name, no_module.label("module")).where(in_texts(User.id, ids)),
        select(Product.id, Product.name, no_module).where(in_texts(Product.id, ids)),
        select(CustomerDatabase.id, CustomerDatabase.name, CustomerDatabase.module).where(
            in_texts(CustomerDatabase.id, ids)
        ),
    )
    return {row[0]: (row[1], row[2]) for row in await session.execute(statement)}


def _shaped(row: Any, names: dict[str, tuple[str, str | None]]) -> dict[str, Any]:
    about = row.database_id or row.object_id
    name, module = names.get(about, (None, None))
    shaped = {
        "id": f"{row.source}-{row.seq}",
        "at": row.at,
        "actor_id": row.actor_id,
        "actor_name": row.actor_name,
        "action": row.action,
        "kind": row.kind,
        "object_id": row.object_id,
        "object_name": name,
        "database_id": about if module else None,
        "module": module,
        "reason": row.reason,
        "address": row.address,
        "request_id": row.correlation_id,
        "detail": orjson.loads(row.detail) if row.detail else {},
    }
    return {key: value for key, value in shaped.items() if value is not None}
