"""Request and answer shapes of the engine. Requests refuse unknown fields, except on the kept endpoints."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
RecordIds = Annotated[list[Id], Field(min_length=1, max_length=100_000)]
StaffIds = Annotated[list[Id], Field(min_length=1, max_length=200)]
Quantity = Annotated[int, Field(ge=1, le=100_000, strict=True)]
Weight = Annotated[int, Field(ge=1, le=1000, strict=True)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AssignRequest(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"record_ids": ["0194f5c2"], "staff_ids": ["0194f5c1"]}]})

    record_ids: RecordIds
    staff_ids: StaffIds
    batch_id: Id | None = None


class AssignRandomRequest(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"database_id": "0194f5c4", "staff_ids": ["0194f5c1"], "quantity": 50, "allow_partial": True}]
        }
    )

    database_id: Id
    staff_ids: StaffIds
    quantity: Quantity
    weights: Annotated[list[Weight], Field(min_length=1, max_length=200)] | None = None
    batch_id: Id | None = None
    allow_partial: bool = False


class RecordsRequest(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"record_ids": ["0194f5c2"]}]})

    record_ids: RecordIds


class TrashRequest(RecordsRequest):
    model_config = ConfigDict(json_schema_extra={"examples": [{"record_ids": ["0194f5c2"], "force": False}]})

    force: bool = False


class Excluded(BaseModel):
    reason: str
    count: int


class StaffShare(BaseModel):
    staff_id: str
    staff_name: str
    assigned_count: int
    batch_id: str | None = None


class Blocked(BaseModel):
    record_id: str
    customer: str
    reserved_by: str


class HandOutOut(BaseModel):
    """`excluded` says why fewer were assigned than asked for; `blocked_records` are reserved for somebody else."""

    operation_id: str
    requested_count: int
    assigned_count: int
    excluded: list[Excluded]
    per_staff: list[StaffShare]
    blocked_records: list[Blocked]


class RecallOut(BaseModel):
    operation_id: str
    recalled_count: int


class UndoOut(BaseModel):
    """`skipped_count`: records that have moved on since, or whose former holder may not receive them any more."""

    operation_id: str
    undone_count: int
    skipped_count: int


class TrashOut(BaseModel):
    operation_id: str
    deleted_count: int


class RestoreOut(BaseModel):
    operation_id: str
    restored_count: int


class DatabaseTrashed(BaseModel):
    deleted_id: str
    recalled_count: int
    released_count: int


class DatabaseRestored(BaseModel):
    id: str
    rematched_count: int


class StaffRoom(BaseModel):
    staff_id: str
    staff_name: str
    open_records: int
    capacity: int | None
    room: int | None


class Eligibility(BaseModel):
    eligible: int
    excluded: list[Excluded]
    staff: list[StaffRoom]


class HistoryEntry(BaseModel):
    at: datetime
    actor_name: str
    kind: str
    from_state: str | None
    to_state: str
    reason: str | None = None
    holder_name: str | None = None


class BatchOut(BaseModel):
    """A batch that a hand-out may be added to."""

    id: str
    title: str
    record_count: int
    created_at: datetime


class QualityReason(BaseModel):
    reason: str
    count: int


class QualityCounts(BaseModel):
    """Of the records that are dealt now: `worked` have a mark or a verdict. `archived` are among the rejected ones."""

    dealt_count: int
    archived_count: int
    worked_count: int
    ada_count: int
    ceklis1_count: int
    tidak_count: int
    respond_ya_count: int
    respond_tidak_count: int
    validated_count: int
    invalid_count: int
    reasons: list[QualityReason]


class StaffQuality(QualityCounts):
    staff_id: str
    staff_name: str


class QualityOut(QualityCounts):
    staff: list[StaffQuality]


class ActivityStaff(BaseModel):
    staff_id: str
    staff_name: str
    record_count: int


class DatabaseActivity(BaseModel):
    """`kind` is a command on records, `import`, or what was changed of the database itself (`database.…`); of the
    latter two no records are counted."""

    id: str
    at: datetime
    actor_name: str
    kind: str
    reason: str | None = None
    operation_id: str | None = None
    record_count: int | None = None
    staff: list[ActivityStaff] | None = None


class ReceiverOut(BaseModel):
    id: str
    name: str
    email: str


class KeptAssignRequest(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"record_ids": ["0194f5c2"], "staff_id": "0194f5c1"}]})

    record_ids: RecordIds
    staff_id: Id
    batch_id: Id | None = None


class KeptAssignRandomRequest(BaseModel):
    """`username_field` is accepted and not needed: a database knows its mapping."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"database_id": "0194f5c4", "staff_id": "0194f5c1", "quantity": 50}]}
    )

    database_id: Id
    staff_id: Id
    quantity: Quantity
    username_field: str | None = None
    batch_id: Id | None = None


class KeptRecordsRequest(BaseModel):
    """An empty list is refused by the endpoint itself, with 400 as ever."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"record_ids": ["0194f5c2"]}]})

    record_ids: Annotated[list[Id], Field(max_length=100_000)]


class KeptTrashRequest(KeptRecordsRequest):
    model_config = ConfigDict(json_schema_extra={"examples": [{"record_ids": ["0194f5c2"], "force": False}]})

    force: bool = False


class KeptAssigned(BaseModel):
    operation_id: str
    assigned_count: int
    batch_id: str | None = None
    blocked_records: list[Blocked]


class KeptAssignedRandom(BaseModel):
    operation_id: str
    assigned_count: int
    total_reserved_in_db: int
    remaining_eligible: int
    batch_id: str | None = None


class KeptRecalled(BaseModel):
    operation_id: str
    recalled_count: int


class KeptDeleted(BaseModel):
    operation_id: str
    deleted_count: int
