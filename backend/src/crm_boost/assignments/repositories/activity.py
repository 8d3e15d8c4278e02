"""What happened to one database: commands on its records, changes of itself, and its upload; the last one first."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    exists,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.databases.models import CustomerDatabase
from crm_boost.db.audit import AuditEntry
from crm_boost.db.dialect import in_numbers, unindexed
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User
from crm_boost.kit.paging import Page, page_of

_UPLOAD, _AUDIT, _OPERATION = 0, 1, 2
"""The sources, in the order of what stands first at the same instant."""

_operation = cast(Table, Operation.__table__)
_history = cast(Table, RecordHistory.__table__)
_audit = cast(Table, AuditEntry.__table__)
_o, _h, _a = _operation.c, _history.c, _audit.c

Place = tuple[datetime, int, int]
"""Where a page ends: instant, source, number."""


async def list_activity(
    session: ReadSession, database: CustomerDatabase, *, after: Place | None, limit: int
) -> Page[dict[str, Any]]:
    """Return what happened to a database, the last first, each with how many of its records were moved, of whom.

    Each source is read by an index in this order, until the page is full. Commands on several databases, of which there
    are few, are looked up one by one in the history. Nothing is counted beyond the page.
    """
    in_range = _h.record_seq.between(database.first_seq, database.last_seq)
    own = _of_operations(_o.database_id == database.id)
    touches = exists().where(_h.operation_seq == _o.seq, in_range)
    across = _of_operations(and_(_o.database_id.is_(None), _o.module == database.module, touches))
    about = and_(_a.object_kind == "database", _a.object_id == database.id)
    changes = (
        _columns(_AUDIT, _a.seq, _a.at, _a.actor_name, _a.action, null().cast(Text), null().cast(Text))
        .select_from(_audit)
        .where(about)
    )
    parts = [
        *(_page(part, _o.at, _o.seq, _OPERATION, after, limit) for part in (own, across)),
        _page(changes, unindexed(_a.at), _a.seq, _AUDIT, after, limit),
    ]
    if after is None or (database.uploaded_at, _UPLOAD) < after[:2]:
        upload = _columns(
            _UPLOAD,
            literal(0),
            CustomerDatabase.uploaded_at,
            CustomerDatabase.uploaded_by_name,
            literal("import"),
            null().cast(Text),
            null().cast(Text),
        ).where(CustomerDatabase.id == database.id)
        parts.append(upload)
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    order = (found.c.at.desc(), found.c.source.desc(), found.c.seq.desc())
    rows = list((await session.execute(select(found).order_by(*order).limit(limit + 1))).all())
    page = page_of(rows, limit, None, lambda row: (row.at.isoformat(), row.source, row.seq))
    operations = [row.seq for row in page.rows if row.source == _OPERATION]
    people = await _people(session, operations, in_range)
    page.rows = [_row(row, people[row.seq] if row.source == _OPERATION else None) for row in page.rows]
    return page


def _columns(source: int, seq: Any, at: Any, actor: Any, kind: Any, reason: Any, ident: Any) -> Select[Any]:
    return select(
        literal(source).label("source"),
        seq.label("seq"),
        at.label("at"),
        actor.label("actor_name"),
        kind.label("kind"),
        reason.label("reason"),
        ident.label("operation_id"),
    )


def _of_operations(condition: ColumnElement[bool]) -> Select[Any]:
    columns = _columns(_OPERATION, _o.seq, _o.at, _o.actor_name, _o.kind, _o.reason, _o.id)
    return columns.select_from(_operation).where(condition)


def _page(statement: Select[Any], at: Any, seq: Any, source: int, after: Place | None, limit: int) -> Select[Any]:
    """Cut one source to what can be on the page: it is read in its own order, so an index ends it."""
    if after is not None:
        when, seen, number = after
        if source == seen:
            statement = statement.where(tuple_(at, seq) < tuple_(literal(when), literal(number)))
        else:
            statement = statement.where(at <= when if source < seen else at < when)
    return statement.order_by(at.desc(), seq.desc()).limit(limit + 1)


async def _people(
    session: ReadSession, operations: Sequence[int], in_range: ColumnElement[bool]
) -> dict[int, list[dict[str, Any]]]:
    """Return how many records of the database each operation moved, by who has them from it or had them before."""
    counted = (
        select(
            _h.operation_seq,
            func.coalesce(_h.to_holder, _h.from_holder).label("staff_id"),
            func.count().label("records"),
        )
        .where(in_numbers(_h.operation_seq, operations), in_range)
        .group_by(_h.operation_seq, func.coalesce(_h.to_holder, _h.from_holder))
        .subquery()
    )
    statement = (
        select(counted, User.name.label("staff_name"))
        .outerjoin(User, User.id == counted.c.staff_id)
        .order_by(counted.c.records.desc(), User.name)
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in await session.execute(statement):
        found[row.operation_seq].append(
            {"staff_id": row.staff_id, "staff_name": row.staff_name, "record_count": row.records}
        )
    return found


def _row(row: Any, people: list[dict[str, Any]] | None) -> dict[str, Any]:
    shaped = {"id": f"{row.source}-{row.seq}", "at": row.at, "actor_name": row.actor_name, "kind": row.kind}
    if row.reason is not None:
        shaped["reason"] = row.reason
    if people is not None:
        shaped["operation_id"] = row.operation_id
        shaped["record_count"] = sum(one["record_count"] for one in people)
        shaped["staff"] = [one for one in people if one["staff_name"] is not None]
    return shaped
