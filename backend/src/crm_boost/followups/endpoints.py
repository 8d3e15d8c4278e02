"""Routes of follow-ups (spec 5.1, 7.5)."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from crm_boost.access.dependencies import LISTS_CUSTOMERS
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, SharingWriter, Writer
from crm_boost.followups import service
from crm_boost.followups.ladder import Urgency
from crm_boost.followups.reading_repository import FollowUpFilter
from crm_boost.followups.schemas import (
    DepositedOut,
    DoneRequest,
    FollowUpBell,
    FollowUpChoices,
    FollowUpList,
    FollowUpNote,
    FollowUpOut,
    SnoozeRequest,
)
from crm_boost.followups.states import Shown
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.kit.paging import DEFAULT_LIMIT, MAX_LIMIT
from crm_boost.web.lists import Listing, paging_headers, rows_response

router = APIRouter(prefix="/followups", tags=["follow-ups"])

Caller = Annotated[Principal, Depends(allow(Permission.CONTACTS_WORK, Page.FOLLOW_UPS))]
Once = Annotated[Idempotency, Depends(idempotency)]
Text = Annotated[str | None, Query(max_length=200)]


@router.get("", response_model=FollowUpList, dependencies=[LISTS_CUSTOMERS])
async def list_follow_ups(
    principal: Caller,
    session: Reader,
    request: Request,
    page: Listing,
    product_id: Text = None,
    database_id: Text = None,
    staff_id: Text = None,
    urgency: Urgency | None = None,
    state: Shown = "open",
) -> Response:
    """Who answered yes and has not deposited since, the oldest answer first: staff see their own, others everybody's.

    With `state`, those that are snoozed, done, lost or have deposited instead.
    """
    wanted = FollowUpFilter(staff_id, product_id, database_id, None, urgency, state)
    found, summary = await service.listed(session, principal, wanted, cursor=page.cursor, limit=page.limit)
    request.state.row_count = len(found.rows)
    return rows_response({"followups": found.rows, "summary": summary}, paging_headers(request, found))


@router.get("/filters", response_model=FollowUpChoices)
async def list_filters(principal: Caller, session: Reader) -> Response:
    """What the list can be narrowed to: products, databases and people with follow-ups in the caller's reach."""
    return rows_response(await service.filters(session, principal))


@router.get("/notifications", response_model=FollowUpBell, dependencies=[LISTS_CUSTOMERS])
async def bell(
    principal: Caller,
    session: Reader,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> Response:
    """Who has been waiting for a day or longer, the oldest first, counted as in the list."""
    found = await service.bell(session, principal, limit)
    request.state.row_count = len(found["notifications"])
    return rows_response(found)


@router.get("/check-deposited/{record_id}", response_model=DepositedOut)
async def check_deposited(principal: Caller, session: Reader, record_id: str) -> Response:
    """Whether the customer has deposited since the answer."""
    return rows_response(await service.check_deposited(session, principal, record_id))


@router.post("/{record_id}/snooze", response_model=FollowUpOut)
async def snooze(
    principal: Caller, session: SharingWriter, once: Once, record_id: str, body: SnoozeRequest
) -> Response:
    """Hide it until a day."""
    return await _once(once, session, lambda: service.snooze(session, principal, record_id, body.until, body.note))


@router.post("/{record_id}/done", response_model=FollowUpOut)
async def done(
    principal: Caller, session: SharingWriter, once: Once, record_id: str, body: DoneRequest | None = None
) -> Response:
    """Close it: done, or lost."""
    said = body or DoneRequest()
    return await _once(once, session, lambda: service.close(session, principal, record_id, said.outcome, said.note))


@router.post("/{record_id}/reopen", response_model=FollowUpOut)
async def reopen(principal: Caller, session: SharingWriter, once: Once, record_id: str) -> Response:
    """Take back an outcome or a snooze."""
    return await _once(once, session, lambda: service.reopen(session, principal, record_id))


@router.post("/{record_id}/note", response_model=FollowUpOut)
async def write_note(
    principal: Caller, session: SharingWriter, once: Once, record_id: str, body: FollowUpNote
) -> Response:
    """Write a note on the record."""
    return await _once(once, session, lambda: service.write_note(session, principal, record_id, body.text))


async def _once(once: Idempotency, session: Writer, effect: Callable[[], Awaitable[dict[str, Any]]]) -> Response:
    return rows_response(await once.once(session, effect))
