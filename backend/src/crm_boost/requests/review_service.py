"""Use cases that close requests: approve, reject, cancel, expire (spec 2.3). One code path for one and for many.

Order of locks, always: databases, people, requests, records. What is read before a lock (whose request it is, of which
database) never changes.
"""

from collections.abc import Sequence
from typing import Any

from crm_boost.assignments.errors import AsBadRequest, NothingMoved
from crm_boost.assignments.hand_out import assign_held
from crm_boost.assignments.holds import release_requests
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.repositories.locking import lock_databases, lock_staff
from crm_boost.db.engine import Database
from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import Problem
from crm_boost.requests import listing_repository as listing
from crm_boost.requests import repository
from crm_boost.requests.auto_approval import APPROVER
from crm_boost.requests.errors import NothingHeld, RequestMovedOn, UnknownRequest, moved_on, unknown
from crm_boost.requests.events import RequestClosed
from crm_boost.requests.states import RequestStatus
from crm_boost.requests.transitions import TABLE, RequestCommand

_EXPIRED_BY = "system"


async def review(
    database: Database, request_id: str, command: RequestCommand, reason: str | None = None, *, own: str | None = None
) -> dict[str, Any]:
    """Decide about a request in a transaction of its own and return it as it is then.

    `own`: only a request of this staff exists for the caller. A repeated review is refused with the state the request
    has now: 400, as clients of these addresses expect (spec 7). A request found expired is closed as such, and stays
    so although the review is refused.
    """
    try:
        async with database.write() as session:
            refusal = await _review(session, request_id, command, reason, own)
            row = await listing.get_request(session, request_id)
    except (RequestMovedOn, NothingHeld) as error:
        raise AsBadRequest(error) from error
    if refusal is not None:
        raise AsBadRequest(refusal)
    assert row is not None
    return row


async def review_many(
    database: Database, request_ids: Sequence[str], command: RequestCommand, reason: str | None = None
) -> dict[str, Any]:
    """Decide about requests one by one; what one of them is refused with changes nothing about the others."""
    results: list[dict[str, Any]] = []
    failed = 0
    for request_id in dict.fromkeys(request_ids):
        try:
            row = await review(database, request_id, command, reason)
            results.append({"id": request_id, "status": row["status"]})
        except Problem as error:
            failed += 1
            status = await _status_of(database, request_id, error)
            results.append({"id": request_id, "status": status, "error": error.detail})
    return {"success_count": len(results) - failed, "failed_count": failed, "results": results}


async def _status_of(database: Database, request_id: str, error: Problem) -> str:
    if isinstance(error, UnknownRequest):
        return "unknown"
    async with database.read() as session:
        found = await repository.find_request(session, request_id)
    return str(found.status) if found is not None else "unknown"


async def _review(
    session: WriteSession, request_id: str, command: RequestCommand, reason: str | None, own: str | None
) -> RequestMovedOn | None:
    seen = await repository.find_request(session, request_id)
    if seen is None or own not in (None, seen.staff_id):
        raise unknown(request_id)
    if command is RequestCommand.APPROVE:
        await lock_databases(session, [seen.database_id])
    await lock_staff(session, [seen.staff_id])
    request = await repository.claim_request(session, request_id)
    assert request is not None
    if not TABLE[command].allows(RequestStatus(request.status)):
        raise moved_on(request_id, request.status)
    if request.expires_at <= utc_now():
        await _close(session, [request], RequestCommand.EXPIRE)
        return moved_on(request_id, RequestStatus.EXPIRED)
    if command is RequestCommand.APPROVE:
        await give(session, request, at_once=False)
    else:
        await _close(session, [request], command, reason=reason)
    await announce(session, "requests", {"staff_id": request.staff_id})
    return None


async def give(session: WriteSession, request: Any, *, at_once: bool) -> None:
    """Approve a claimed pending request: its held records, exactly those, go to who asked for them.

    Those whose customers are somebody else's by now go back to the pool and are counted. `at_once`: nobody looked at it.
    """
    try:
        done = await assign_held(session, policy_of(request.module), request.id, request.staff_id)
    except NothingMoved as error:
        raise _nothing_held(request) from error
    if not done.assigned:
        raise _nothing_held(request)
    skipped = await release_requests(session, [request.id], reason="reserved")
    at, context = utc_now(), current_context()
    batch_id = done.per_staff[0].get("batch_id")
    await repository.move(
        session,
        [request.seq],
        TABLE[RequestCommand.APPROVE],
        at,
        actor=APPROVER if at_once else None,
        reviewed_at=at,
        reviewed_by=None if at_once else context.actor_id,
        reviewed_by_name=APPROVER if at_once else context.actor_name,
        auto_approved=at_once,
        assigned_count=done.assigned,
        skipped_reserved_count=request.skipped_reserved_count + skipped,
        batch_id=batch_id,
    )
    await session.emit(
        RequestClosed(
            request.id,
            request.staff_id,
            RequestStatus.APPROVED,
            done.assigned,
            request.database_name,
            batch_id=batch_id,
        )
    )


def _nothing_held(request: Any) -> NothingHeld:
    message = "None of the records held for this request can be given any more. Reject it."
    return NothingHeld(message, id=request.id, state=request.status, eligible_count=0)


async def expire_due(
    session: WriteSession, *, database_id: str | None = None, staff_ids: Sequence[str] | None = None
) -> int:
    """Close the requests whose hold has expired, of one database or of all, and let their records go.

    `staff_ids` are those whose requests may be closed: they are locked already. Without them, whoever is concerned
    is locked here. Returns how many were closed.
    """
    now = utc_now()
    due = repository.is_due(now, database_id)
    if staff_ids is None:
        staff_ids = await repository.askers(session, *due)
        if not staff_ids:
            return 0
        await lock_staff(session, staff_ids)
    requests = await repository.claim_pending(session, *due, repository.is_of_staff(staff_ids))
    if requests:
        await _close(session, requests, RequestCommand.EXPIRE)
    return len(requests)


async def close_of_removed_user(session: WriteSession, user_id: str, *, reason: str) -> int:
    """Cancel what a removed person asked for. The person is locked; the engine lets everything held for them go."""
    requests = await repository.claim_pending(session, repository.is_of_staff([user_id]))
    return await _cancel(session, requests, reason, tell=False)


async def close_of_database(session: WriteSession, database_id: str, *, reason: str) -> int:
    """Cancel what was asked of a database that goes to the trash, and tell who asked. The database is locked; the
    engine lets its records go."""
    of_database = repository.is_of_database(database_id)
    staff_ids = await repository.askers(session, of_database)
    if not staff_ids:
        return 0
    await lock_staff(session, staff_ids)
    requests = await repository.claim_pending(session, of_database, repository.is_of_staff(staff_ids))
    return await _cancel(session, requests, reason, tell=True)


async def _cancel(session: WriteSession, requests: Sequence[Any], reason: str, *, tell: bool) -> int:
    if requests:
        await _move(session, requests, RequestCommand.CANCEL, reason, tell=tell)
        await announce(session, "requests", {})
    return len(requests)


async def _close(
    session: WriteSession, requests: Sequence[Any], command: RequestCommand, *, reason: str | None = None
) -> None:
    """Close claimed requests without giving anything: what they hold goes back to the pool."""
    target = TABLE[command].target
    await release_requests(session, [request.id for request in requests], reason=target)
    await _move(session, requests, command, reason, tell=command is not RequestCommand.CANCEL)
    await announce(session, "requests", {})


async def _move(
    session: WriteSession, requests: Sequence[Any], command: RequestCommand, reason: str | None, *, tell: bool
) -> None:
    transition, at, context = TABLE[command], utc_now(), current_context()
    by_nobody = transition.permission is None
    await repository.move(
        session,
        [request.seq for request in requests],
        transition,
        at,
        reason=reason,
        actor=_EXPIRED_BY if by_nobody else None,
        reviewed_at=at,
        reviewed_by=None if by_nobody else context.actor_id,
        reviewed_by_name=_EXPIRED_BY if by_nobody else context.actor_name,
    )
    if not tell:
        return
    for request in requests:
        await session.emit(
            RequestClosed(
                request.id,
                request.staff_id,
                transition.target,
                request.record_count,
                request.database_name,
                reason=reason,
            )
        )
