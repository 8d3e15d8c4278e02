"""Shapes of reservations (spec 3.4, 7.6, 7.9)."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_boost.kit.text import AsSent
from crm_boost.reservations.states import ReservationStatus

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
CustomerId = Annotated[AsSent, StringConstraints(min_length=1, max_length=300)]
OptionalText = Annotated[AsSent, StringConstraints(max_length=300)] | None


class Reserve(BaseModel):
    """Unknown fields are ignored, as these addresses always did."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "ana01",
                    "product_id": "0194f5c3",
                    "staff_id": "0194f5c1",
                    "phone_number": "0812 1000 0001",
                }
            ]
        }
    )

    customer_id: CustomerId
    product_id: Id
    staff_id: Id | None = None
    customer_name: OptionalText = None
    phone_number: OptionalText = None
    aliases: Annotated[list[CustomerId], Field(max_length=20)] = []


class BulkReserve(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"customer_ids": ["ana01", "budi02"], "product_id": "0194f5c3", "staff_id": "0194f5c1"}]
        }
    )

    customer_ids: Annotated[
        list[Annotated[AsSent, StringConstraints(max_length=300)]], Field(min_length=1, max_length=1000)
    ]
    product_id: Id
    staff_id: Id


class Rejection(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Somebody else looks after this customer."}]})

    reason: OptionalText = None


class BulkCommand(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reservation_ids": ["0194f5c6"], "action": "approve"}]}
    )

    reservation_ids: Annotated[list[Id], Field(min_length=1, max_length=500)]
    action: Annotated[str, StringConstraints(pattern="^(approve|reject|release|extend)$")]
    reason: OptionalText = None


class Permanence(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"is_permanent": True}]})

    is_permanent: bool | None = None


class ReservationOut(BaseModel):
    """`remaining_days` and `expires_on` are there for approved ones that can expire."""

    id: str
    customer_id: str
    customer_key: str
    customer_name: str | None = None
    phone_number: str | None = None
    aliases: list[str]
    product_id: str
    product_name: str
    staff_id: str
    staff_name: str
    status: ReservationStatus
    is_permanent: bool
    auto_reassigned: bool
    created_at: datetime
    created_by: str | None = None
    created_by_name: str
    approved_at: datetime | None = None
    approved_by: str | None = None
    approved_by_name: str | None = None
    last_omset_date: date | None = None
    days_since_last_omset: int | None = None
    remaining_days: int | None = None
    expires_on: date | None = None
    ended_at: datetime | None = None
    ended_by_name: str | None = None
    deleted_reason: str | None = None
    grace_days_used: int | None = None


class Changed(ReservationOut):
    """A reservation after a command, and what the command did to records."""

    invalidated_records: int = 0
    restored_records: int = 0
    notified_staff_count: int = 0
    records_marked_reserved: int = 0
    records_unreserved: int = 0
    dropped_from_requests: int = 0


class Skipped(BaseModel):
    customer_id: str
    reason: str


class BulkReserved(BaseModel):
    success: bool
    added_count: int
    skipped_count: int
    invalidated_conflicts: int
    added: list[str]
    skipped: list[Skipped]
    records_marked_reserved: int
    notified_staff_count: int


class BulkResult(BaseModel):
    id: str
    status: str | None = None
    error: str | None = None


class BulkChanged(BaseModel):
    success_count: int
    failed_count: int
    results: list[BulkResult]


class PermanentOut(BaseModel):
    message: str
    is_permanent: bool


class ReservationEventOut(BaseModel):
    at: datetime
    actor_name: str
    kind: str
    from_status: str | None
    to_status: str
    reason: str | None = None
    detail: dict[str, Any] = {}


class ReservationDetail(ReservationOut):
    events: list[ReservationEventOut]


class HolderCount(BaseModel):
    staff_id: str
    staff_name: str
    count: int


class Impact(BaseModel):
    """What approving or moving would do now. `conflicts`: records held by others, by holder."""

    records: int
    to_be_reserved: int
    dropped_from_requests: int
    conflicts: list[HolderCount]
    taken_by: str | None = None


class DuplicateGroup(BaseModel):
    """Active reservations of what looks like one customer: the same identity in several products, or one phone."""

    kind: str
    value: str
    reservations: list[ReservationOut]


class Duplicates(BaseModel):
    total: int
    duplicates: list[DuplicateGroup]


class CleanupConfigOut(BaseModel):
    global_grace_days: int
    warning_days: int
    product_overrides: dict[str, int]
    updated_at: datetime | None = None
    updated_by: str | None = None


class CleanupEntry(BaseModel):
    id: str
    customer_id: str
    product_name: str
    staff_id: str
    staff_name: str
    remaining_days: int | None = None
    expires_on: date | None = None


class CleanupPreview(BaseModel):
    config: CleanupConfigOut
    total_approved_members: int
    expiring_soon_count: int
    will_be_deleted_count: int
    permanent_members_count: int
    expiring_soon: list[CleanupEntry]
    will_be_deleted: list[CleanupEntry]
    permanent_members: list[CleanupEntry]


class CleanupRun(BaseModel):
    success: bool
    message: str
    expired_count: int
    warned_count: int


class ConflictOut(BaseModel):
    """One entry of the conflict log; `ended_at` is missing while it lasts."""

    id: str
    customer_id: str
    product_id: str
    product_name: str
    database_name: str
    staff_id: str
    staff_name: str
    reserved_by_id: str
    reserved_by_name: str
    began_at: datetime
    ended_at: datetime | None = None
    record_id: str
    module: str
    is_open: bool
