"""All SQL that changes requests. Order of locks: databases, people, requests, records."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, Table, func, insert, select, update

from crm_boost.databases.models import CustomerDatabase
from crm_boost.databases.states import DatabaseState
from crm_boost.db.dialect import in_numbers, in_texts
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.context import current_context
from crm_boost.requests.models import RecordRequest, RequestEvent
from crm_boost.requests.states import RequestStatus
from crm_boost.requests.transitions import RequestTransition

_request = cast(Table, RecordRequest.__table__)
_event = cast(Table, RequestEvent.__table__)
_database = cast(Table, CustomerDatabase.__table__)
_q, _d = _request.c, _database.c

Found = Row[*tuple[Any, ...]]
_COLUMNS = (
    _q.seq,
    _q.id,
    _q.module,
    _q.database_id,
    _q.staff_id,
    _q.record_count,
    _q.status,
    _q.expires_at,
    _q.skipped_reserved_count,
    _d.name.label("database_name"),
)


def _requests() -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).join(_database, _d.id == _q.database_id)


async def find_request(session: ReadSession, request_id: str) -> Found | None:
    """Return what deciding about a request needs, without a lock."""
    return (await session.execute(_requests().where(_q.id == request_id))).first()


async def claim_request(session: WriteSession, request_id: str) -> Found | None:
    """The same, alone: of two decisions at the same instant the second sees the first."""
    return next(iter(await _claim(session, _q.id == request_id)), None)


async def claim_pending(session: WriteSession, *conditions: ColumnElement[bool]) -> list[Found]:
    """Return, alone and in one order, the pending requests that match."""
    return await _claim(session, _q.status == RequestStatus.PENDING, *conditions)


async def _claim(session: WriteSession, *conditions: ColumnElement[bool]) -> list[Found]:
    statement = _requests().where(*conditions).order_by(_q.seq).with_for_update(key_share=True, of=_request)
    return list((await session.execute(statement)).all())


def is_due(now: datetime, database_id: str | None = None) -> list[ColumnElement[bool]]:
    """Return the conditions: the hold has expired, in this database or in any."""
    due: list[ColumnElement[bool]] = [_q.status == RequestStatus.PENDING, _q.expires_at <= now]
    if database_id is not None:
        due.append(_q.database_id == database_id)
    return due


def is_of_staff(staff_ids: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition: asked by one of these people."""
    return in_texts(_q.staff_id, staff_ids)


def is_of_database(database_id: str) -> ColumnElement[bool]:
    """Return the condition: asked of this database."""
    return _q.database_id == database_id


async def askers(session: ReadSession, *conditions: ColumnElement[bool]) -> list[str]:
    """Return who made the pending requests that match, so that they can be locked first."""
    statement = select(_q.staff_id).where(_q.status == RequestStatus.PENDING, *conditions).distinct()
    return list((await session.scalars(statement)).all())


async def add_request(session: WriteSession, values: Mapping[str, Any]) -> int:
    """Store a new pending request with its first event; return its key."""
    seq: int = (
        await session.execute(insert(_request).values(status=RequestStatus.PENDING, **values).returning(_q.seq))
    ).scalar_one()
    await _add_events(session, [seq], None, RequestStatus.PENDING, values["requested_at"], None)
    return seq


async def move(
    session: WriteSession,
    seqs: Sequence[int],
    transition: RequestTransition,
    at: datetime,
    *,
    reason: str | None = None,
    actor: str | None = None,
    **values: Any,
) -> None:
    """Let claimed requests take a transition, with its events. `actor` names who did it where nobody was signed in."""
    statement = (
        update(_request)
        .where(in_numbers(_q.seq, seqs), _q.status.in_(sorted(transition.sources)))
        .values(status=transition.target, reason=reason, expires_at=None, **values)
        .returning(_q.seq)
    )
    moved = sorted((await session.scalars(statement)).all())
    if moved:
        (source,) = transition.sources
        await _add_events(session, moved, source, transition.target, at, reason, actor)


async def _add_events(
    session: WriteSession,
    seqs: Sequence[int],
    source: RequestStatus | None,
    target: RequestStatus,
    at: datetime,
    reason: str | None,
    actor: str | None = None,
) -> None:
    context = current_context()
    row = {
        "at": at,
        "actor_id": context.actor_id if actor is None else None,
        "actor_name": actor or context.actor_name,
        "from_status": source,
        "to_status": target,
        "reason": reason,
        "correlation_id": context.correlation_id,
    }
    await session.execute(insert(_event), [{"request_seq": seq, **row} for seq in seqs])


async def given_at_once_since(session: ReadSession, staff_id: str, since: datetime) -> int:
    """Return how many records a staff got by auto-approval since an instant."""
    statement = select(func.coalesce(func.sum(_q.assigned_count), 0)).where(
        _q.staff_id == staff_id, _q.auto_approved, _q.reviewed_at >= since
    )
    return int((await session.execute(statement)).scalar_one())


async def find_database(session: ReadSession, database_id: str, modules: Sequence[str]) -> Found | None:
    """Return a live database of these modules, with its setting."""
    statement = select(_d.id, _d.module, _d.name, _d.auto_approve).where(
        _d.id == database_id, _d.module.in_(modules), _d.state == DatabaseState.READY, _d.deleted_at.is_(None)
    )
    return (await session.execute(statement)).first()


async def set_auto_approve(session: WriteSession, database_id: str, value: bool | None) -> None:
    """Store whether requests of a database are approved at once."""
    await session.execute(update(_database).where(_d.id == database_id).values(auto_approve=value))


async def count_dropped(session: WriteSession, by_request: Sequence[tuple[str, int]]) -> list[Found]:
    """Note how many held records each of these requests lost to reservations; returns the requests."""
    for request_id, count in by_request:
        await session.execute(
            update(_request).where(_q.id == request_id).values(skipped_reserved_count=_q.skipped_reserved_count + count)
        )
    statement = _requests().where(in_texts(_q.id, [request_id for request_id, _ in by_request])).order_by(_q.seq)
    return list((await session.execute(statement)).all())
