"""All SQL that shows requests, and the databases that staff may ask records of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, case, func, select, tuple_

from crm_boost.databases.counts_repository import counts_by_state
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_texts, like_pattern, lowered, unindexed
from crm_boost.db.session import ReadSession
from crm_boost.kit.paging import Page, page_of
from crm_boost.products.models import Product
from crm_boost.requests.models import RecordRequest, RequestEvent
from crm_boost.requests.states import RequestStatus
from crm_boost.reservations.matching import is_of_product, leads_to
from crm_boost.reservations.models import ReservationKey

_request = cast(Table, RecordRequest.__table__)
_event = cast(Table, RequestEvent.__table__)
_database = cast(Table, CustomerDatabase.__table__)
_product = cast(Table, Product.__table__)
_q, _d, _p, _e = _request.c, _database.c, _product.c, _event.c

_OPTIONAL = ("expires_at", "reviewed_at", "reviewed_by", "reviewed_by_name", "reason", "batch_id")


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests are asked for."""

    staff_id: str | None = None
    database_id: str | None = None
    status: RequestStatus | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return them as conditions."""
        wanted = ((_q.staff_id, self.staff_id), (_q.database_id, self.database_id), (_q.status, self.status))
        return [column == value for column, value in wanted if value is not None]


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(_request, _d.name.label("database_name"), _d.product_id, _p.name.label("product_name"))
        .join(_database, _d.id == _q.database_id)
        .join(_product, _p.id == _d.product_id)
    )


def _row(found: Any) -> dict[str, Any]:
    """Shape one request; what it has not got (yet) is left out."""
    shaped = {
        "id": found.id,
        "module": found.module,
        "database_id": found.database_id,
        "database_name": found.database_name,
        "product_id": found.product_id,
        "product_name": found.product_name,
        "record_count": found.record_count,
        "status": found.status,
        "requested_by": found.staff_id,
        "requested_by_name": found.requested_by_name,
        "requested_at": found.requested_at,
        "auto_approved": found.auto_approved,
        "skipped_reserved_count": found.skipped_reserved_count,
        "assigned_count": found.assigned_count,
    }
    for name in _OPTIONAL:
        value = getattr(found, name)
        if value is not None:
            shaped[name] = value
    return shaped


async def list_requests(
    session: ReadSession, wanted: RequestFilter, *, after: int | None, limit: int
) -> Page[dict[str, Any]]:
    """Return requests, the newest first. The total is counted for the first page."""
    where = wanted.conditions()
    total: int | None = None
    if after is None:
        total = (await session.execute(select(func.count()).select_from(_request).where(*where))).scalar_one()
    statement = _rows().where(*where).order_by(_q.seq.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(_q.seq < after)
    page = page_of(list((await session.execute(statement)).all()), limit, total, lambda row: (row.seq,))
    page.rows = [_row(found) for found in page.rows]
    return page


async def get_request(session: ReadSession, request_id: str, staff_id: str | None = None) -> dict[str, Any] | None:
    """Return one request, of one staff only where given."""
    statement = _rows().where(_q.id == request_id, *RequestFilter(staff_id=staff_id).conditions())
    found = (await session.execute(statement)).first()
    return None if found is None else _row(found)


async def events_of(session: ReadSession, request_id: str) -> list[dict[str, Any]]:
    """Return what happened to a request, oldest first."""
    statement = (
        select(_e.at, _e.actor_name, _e.from_status, _e.to_status, _e.reason)
        .join(_request, _q.seq == _e.request_seq)
        .where(_q.id == request_id)
        .order_by(_e.seq)
    )
    found = await session.execute(statement)
    return [{name: value for name, value in row._mapping.items() if value is not None} for row in found]


async def stats(session: ReadSession, staff_id: str | None, since: datetime) -> dict[str, int]:
    """Return requests by status, and the records asked for and given since `since`, of one staff or of everybody."""
    asked = case((_q.requested_at >= since, _q.record_count), else_=0)
    given = case((_q.reviewed_at >= since, _q.assigned_count), else_=0)
    statement = (
        select(_q.status, func.count().label("n"), func.sum(asked).label("asked"), func.sum(given).label("given"))
        .where(*RequestFilter(staff_id=staff_id).conditions())
        .group_by(_q.status)
    )
    by_status = {row.status: row for row in await session.execute(statement)}
    counts = {str(status): by_status[status].n if status in by_status else 0 for status in RequestStatus}
    held = select(func.count()).select_from(Record).where(Record.held_for.is_not(None))
    if staff_id is not None:
        held = held.where(Record.held_for == staff_id)
    return {
        **counts,
        "total": sum(counts.values()),
        "today_requested": sum(int(row.asked) for row in by_status.values()),
        "today_assigned": sum(int(row.given) for row in by_status.values()),
        "held_records": (await session.execute(held)).scalar_one(),
    }


async def requestable(
    session: ReadSession,
    staff_id: str,
    modules: Sequence[str],
    *,
    q: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Page[dict[str, Any]]:
    """Return the live databases of these modules, newest first, with what this staff could be given of each.

    Five statements, however many databases; nothing of a record is in the answer.
    """
    where: list[ColumnElement[bool]] = [
        _d.state == DatabaseState.READY,
        _d.deleted_at.is_(None),
        _d.module.in_(modules),
    ]
    if q:
        pattern = like_pattern(q.strip().lower())
        where.append(
            lowered(_d.name).like(pattern, escape="\\") | lowered(_p.name).like(pattern, escape="\\"),
        )
    columns = (_d.id, _d.name, _d.product_id, _p.name.label("product_name"), _d.auto_approve, _d.uploaded_at)
    joined = select(*columns).join(_product, _p.id == _d.product_id).where(*where)
    total: int | None = None
    if after is None:
        total = await session.scalar(select(func.count()).select_from(joined.subquery()))
    statement = joined.order_by(_d.uploaded_at.desc(), _d.id.desc()).limit(limit + 1)
    if after is not None:
        statement = statement.where(tuple_(_d.uploaded_at, _d.id) < tuple_(*after))
    found = list((await session.execute(statement)).all())
    page = page_of(found, limit, total, lambda row: (row.uploaded_at.isoformat(), row.id))
    ids = [row.id for row in page.rows]
    counts = await counts_by_state(session, ids)
    own = await _own_reserved(session, ids, staff_id)
    pending = await _pending(session, ids, staff_id)
    page.rows = [
        {
            "id": row.id,
            "name": row.name,
            "product_id": row.product_id,
            "product_name": row.product_name,
            "available_count": counts[row.id].get(RecordState.AVAILABLE, 0) + own.get(row.id, 0),
            "auto_approve": row.auto_approve,
            **({"pending_request_id": pending[row.id]} if row.id in pending else {}),
        }
        for row in page.rows
    ]
    return page


async def _own_reserved(session: ReadSession, database_ids: Sequence[str], staff_id: str) -> dict[str, int]:
    """Return, by database, how many reserved records wait for this staff: these he is not refused (spec 2.3)."""
    statement = (
        select(Record.database_id, func.count(Record.seq.distinct()))
        .select_from(ReservationKey)
        .join(RecordKey, leads_to(RecordKey.customer_key))
        .join(Record, Record.seq == RecordKey.record_seq)
        .where(
            ReservationKey.staff_id == staff_id,
            in_texts(unindexed(Record.database_id), database_ids),
            unindexed(Record.state) == RecordState.RESERVED,
            is_of_product(session, Record.product_id),
        )
        .group_by(unindexed(Record.database_id))
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def _pending(session: ReadSession, database_ids: Sequence[str], staff_id: str) -> dict[str, str]:
    """Return, by database, the newest request of this staff that waits."""
    statement = (
        select(_q.database_id, _q.id)
        .where(_q.staff_id == staff_id, _q.status == RequestStatus.PENDING, in_texts(_q.database_id, database_ids))
        .order_by(_q.seq)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}
