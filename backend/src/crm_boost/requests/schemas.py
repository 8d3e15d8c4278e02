"""Request and answer shapes (spec 2.3, 2.7). The addresses are kept ones: fields nobody asked for are ignored."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from crm_boost.kit.text import SeveralLines
from crm_boost.requests.auto_approval import Hours, Limit
from crm_boost.requests.states import RequestStatus

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Reason = Annotated[SeveralLines, StringConstraints(max_length=500)]

MAX_REVIEWS = 200


class Ask(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"database_id": "0194f5c2", "record_count": 50}]})

    database_id: Id
    record_count: Annotated[int, Field(ge=1, le=100_000, strict=True)]


class Rejection(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Finish the last batch first."}]})

    reason: Reason | None = None


class ReviewAction(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"


class BulkReview(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"request_ids": ["0194f5c2", "0194f5c3"], "action": "approve"}]}
    )

    request_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_REVIEWS)]
    action: ReviewAction
    reason: Reason | None = None


class RequestEventOut(BaseModel):
    at: datetime
    actor_name: str
    from_status: RequestStatus | None = None
    to_status: RequestStatus
    reason: str | None = None


class RequestOut(BaseModel):
    """`record_count` was asked for, `assigned_count` given; `skipped_reserved_count` are records that were held and
    went back, because their customers had been reserved for somebody else meanwhile."""

    id: str
    module: str
    database_id: str
    database_name: str
    product_id: str
    product_name: str
    record_count: int
    status: RequestStatus
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    expires_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewed_by: str | None = None
    reviewed_by_name: str | None = None
    reason: str | None = None
    auto_approved: bool
    skipped_reserved_count: int
    assigned_count: int
    batch_id: str | None = None


class RequestDetail(RequestOut):
    events: list[RequestEventOut]


class RequestStats(BaseModel):
    """Requests by status, and in records: what was asked for and given today (business day), what is held now."""

    pending: int
    approved: int
    rejected: int
    cancelled: int
    expired: int
    total: int
    today_requested: int
    today_assigned: int
    held_records: int


class BulkResult(BaseModel):
    """`status` is the request's status now, or `unknown`; `error` says why it was not reviewed."""

    id: str
    status: str
    error: str | None = None


class BulkReviewed(BaseModel):
    success_count: int
    failed_count: int
    results: list[BulkResult]


class RequestableDatabase(BaseModel):
    """What staff see of a database they may ask records of (spec 2.3): name, product and counts only."""

    id: str
    name: str
    product_id: str
    product_name: str
    available_count: int
    is_auto_approved: bool
    pending_request_id: str | None = None


class AutoApprovalUpdate(BaseModel):
    """What is left out stays as it is; `null` takes a limit away."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": True, "max_records_per_request": None}]})

    enabled: bool | None = None
    max_records_per_request: Limit | None = None
    max_records_per_staff_per_day: Limit | None = None
    hold_hours: Hours | None = None


class AutoApprovalOut(BaseModel):
    enabled: bool
    max_records_per_request: int | None
    max_records_per_staff_per_day: int | None
    hold_hours: int
    updated_at: datetime | None = None
    updated_by: str | None = None


def _left_out(value: Any) -> Any:
    return None if value in ("", "null") else value


OfDatabase = Annotated[bool | None, BeforeValidator(_left_out)]
"""`true`, `false`, or nothing: as the global setting says."""


class AutoApprovalOfDatabase(BaseModel):
    auto_approve: bool | None
    message: str
