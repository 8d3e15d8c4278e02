"""Routes of requests (spec 2.3, 2.7, 7.9). These addresses are kept ones: a repeated review is a 400."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from crm_boost.assignments.dependencies import in_module
from crm_boost.assignments.policies import all_policies
from crm_boost.assignments.policies.base import Policy
from crm_boost.configuration.service import Stored
from crm_boost.db.engine import Database
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, SharingWriter, Writer
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.requests import review_service, service
from crm_boost.requests.auto_approval import AutoApproval
from crm_boost.requests.listing_repository import RequestFilter
from crm_boost.requests.schemas import (
    Ask,
    AutoApprovalOfDatabase,
    AutoApprovalOut,
    AutoApprovalUpdate,
    BulkReview,
    BulkReviewed,
    OfDatabase,
    Rejection,
    RequestableDatabase,
    RequestDetail,
    RequestOut,
    RequestStats,
)
from crm_boost.requests.states import RequestStatus
from crm_boost.requests.transitions import TABLE, RequestCommand
from crm_boost.web.lists import Listing, list_response, rows_response

router = APIRouter(tags=["requests"])


def _may(command: RequestCommand) -> Any:
    permission = TABLE[command].permission
    assert permission is not None
    return Depends(allow(permission, Page.REQUESTS))


Asker = Annotated[Principal, Depends(allow(Permission.REQUESTS_MAKE, Page.REQUESTS))]
RequestReader = Annotated[Principal, Depends(allow(Permission.REQUESTS_READ, Page.REQUESTS))]
Reviewer = Annotated[Principal, Depends(allow(Permission.REQUESTS_REVIEW, Page.REQUESTS))]
Once = Annotated[Idempotency, Depends(idempotency)]
TextId = Annotated[str | None, Query(max_length=200)]


class RequestQuery:
    """Filters of a list of requests."""

    def __init__(
        self, status: RequestStatus | None = None, staff_id: TextId = None, database_id: TextId = None
    ) -> None:
        self.filter = RequestFilter(staff_id, database_id, status)


def _database(request: Request) -> Database:
    """A review is a transaction of its own: what it finds expired stays closed although it is refused."""
    database: Database = request.app.state.database
    return database


Transactions = Annotated[Database, Depends(_database)]


@router.get("/my/requestable-databases", response_model=list[RequestableDatabase])
async def requestable_databases(
    principal: Asker,
    session: Reader,
    request: Request,
    listing: Listing,
    q: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The databases one may ask records of: name, product and counts, newest first."""
    page = await service.requestable_databases(session, principal, q=q, cursor=listing.cursor, limit=listing.limit)
    return list_response(request, page)


@router.post("/download-requests", response_model=RequestOut)
async def ask(principal: Asker, session: SharingWriter, once: Once, body: Ask) -> Response:
    """Ask for a number of records; exactly these are held until somebody decides, or given at once.

    409 with `eligible_count` where there are fewer, and with `room` beyond one's capacity.
    """

    async def effect() -> dict[str, Any]:
        return await service.ask(session, principal, body)

    return rows_response(await once.once(session, effect))


@router.get("/download-requests", response_model=list[RequestOut])
async def list_requests(
    principal: RequestReader,
    session: Reader,
    request: Request,
    listing: Listing,
    wanted: Annotated[RequestQuery, Depends()],
) -> Response:
    """Requests, the newest first; staff see their own."""
    page = await service.list_requests(session, principal, wanted.filter, cursor=listing.cursor, limit=listing.limit)
    return list_response(request, page)


@router.get("/download-requests/stats")
async def request_stats(principal: RequestReader, session: Reader) -> RequestStats:
    """Counts of requests by status, and of records asked for, given and held; staff see their own."""
    return RequestStats.model_validate(await service.stats(session, principal))


@router.get("/download-requests/{request_id}", response_model=RequestDetail)
async def get_request(principal: RequestReader, session: Reader, request_id: str) -> Response:
    """One request with what happened to it."""
    return rows_response(await service.detail(session, principal, request_id))


@router.patch(
    "/download-requests/{request_id}/approve",
    response_model=RequestOut,
    dependencies=[_may(RequestCommand.APPROVE)],
)
async def approve(database: Transactions, request_id: str) -> Response:
    """Give exactly the held records; 400 with `state` when the request was decided before or has expired."""
    return rows_response(await review_service.review(database, request_id, RequestCommand.APPROVE))


@router.patch(
    "/download-requests/{request_id}/reject", response_model=RequestOut, dependencies=[_may(RequestCommand.REJECT)]
)
async def reject(database: Transactions, request_id: str, body: Rejection | None = None) -> Response:
    """Refuse a request, with a reason; its records go back. 400 with `state` when it was decided before."""
    reason = (body.reason or None) if body is not None else None
    return rows_response(await review_service.review(database, request_id, RequestCommand.REJECT, reason))


@router.patch("/download-requests/{request_id}/cancel", response_model=RequestOut)
async def cancel(
    principal: Annotated[Principal, _may(RequestCommand.CANCEL)], database: Transactions, request_id: str
) -> Response:
    """Take back one's own request; its records go back. 400 with `state` when it was decided before."""
    row = await review_service.review(database, request_id, RequestCommand.CANCEL, own=principal.id)
    return rows_response(row)


@router.post("/bulk/requests", response_model=BulkReviewed, response_model_exclude_none=True)
async def review_many(principal: Reviewer, database: Transactions, body: BulkReview) -> dict[str, Any]:
    """Approve or reject many requests, each in a transaction of its own, with a result for each."""
    command = RequestCommand(body.action)
    reason = body.reason or None
    return await review_service.review_many(database, body.request_ids, command, reason)


def _settings(stored: Stored[AutoApproval]) -> dict[str, Any]:
    answer = stored.value.model_dump()
    if stored.updated_at is not None:
        answer.update(updated_at=stored.updated_at, updated_by=stored.updated_by_name)
    return answer


@router.get("/settings/auto-approve", response_model=AutoApprovalOut)
async def get_auto_approval(principal: Reviewer, session: Reader) -> Response:
    """How requests are approved, and for how long records are held."""
    return rows_response(_settings(await service.auto_approval(session)))


@router.put("/settings/auto-approve", response_model=AutoApprovalOut)
async def put_auto_approval(principal: Reviewer, session: Writer, body: AutoApprovalUpdate) -> Response:
    """Change how requests are approved; fields left out stay as they are, `null` takes a limit away."""
    return rows_response(_settings(await service.change_auto_approval(session, body)))


def _add_setting_of_database(policy: Policy) -> None:
    managing = in_module(Permission.DATABASES_MANAGE, policy.module)

    @router.put(
        f"{policy.kept_databases_path}/{{database_id}}/auto-approve/set", name=f"{policy.module}_set_auto_approve"
    )
    async def set_auto_approve(
        own: Annotated[Policy, Depends(managing)], session: Writer, database_id: str, auto_approve: OfDatabase = None
    ) -> AutoApprovalOfDatabase:
        """Approve requests of this database at once (`true`), never (`false`), or, left out, as everywhere."""
        return AutoApprovalOfDatabase.model_validate(
            await service.set_auto_approve(session, own, database_id, auto_approve)
        )


for _policy in all_policies():
    if _policy.takes_requests:
        _add_setting_of_database(_policy)
