"""Request and answer shapes of rejected records. Requests refuse unknown fields, except on the kept endpoints."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_boost.assignments.schemas import Excluded, Id, Strict
from crm_boost.databases.schemas import DealtRecordOut
from crm_boost.replacement.policy_settings import MAX_REPLACEMENTS

MAX_JUDGED = 500
Judged = Annotated[list[Id], Field(min_length=1, max_length=MAX_JUDGED)]
Chosen = Annotated[list[Id], Field(min_length=1, max_length=100_000)]
Note = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Count = Annotated[int, Field(ge=0, le=100_000, strict=True)]


class ValidateRequest(Strict):
    """`is_valid` null takes the verdict back. Rejecting needs a reason; `version` is the one the caller saw."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"record_ids": ["0194f5c2"], "is_valid": False, "reason": "wrong_number", "version": 3}]
        },
    )

    record_ids: Judged
    is_valid: bool | None
    reason: Reason | None = None
    note: Note | None = None
    version: Annotated[int, Field(ge=0)] | None = None


class ReplacementDetail(BaseModel):
    """What became of one rejected record: the id of the record dealt in its place, or why there is none."""

    record_id: str
    replaced_by: str | None = None
    failed: str | None = None


class Validated(BaseModel):
    success: bool
    validation_status: str | None
    updated_count: int
    auto_replaced: int
    replacement_failed: int
    replacement_message: str | None = None
    replacement_details: list[ReplacementDetail]


class ValidatedWithRecords(Validated):
    """`records` are those changed and the new ones, as they are now."""

    records: list[DealtRecordOut]


class ReasonCount(BaseModel):
    reason: str
    count: int


class StaffInvalid(BaseModel):
    staff_id: str
    staff_name: str
    module: str
    count: int
    by_reason: list[ReasonCount]
    alert_opened_at: datetime | None = None


class InvalidSummary(BaseModel):
    total: int
    staff: list[StaffInvalid]


class ArchivedRecordOut(DealtRecordOut):
    archived_at: datetime
    reason: str | None = None
    replaced_by: str | None = None
    replaced_by_customer: str | None = None


class ProcessRequest(Strict):
    """Without `record_ids`: all that this staff has rejected in the module. `replace_count` 0 archives only."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"module": "memberwd", "staff_id": "0194f5c1", "replace_count": 5}]},
    )

    module: Id
    staff_id: Id
    record_ids: Chosen | None = None
    replace_count: Count


class Shortage(BaseModel):
    database_id: str
    database_name: str
    missing: int


class Processed(BaseModel):
    operation_id: str
    archived_count: int
    new_assigned_count: int
    skipped_reserved: int
    shortage: list[Shortage]


class ReturnRequest(Strict):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"record_ids": ["0194f5c2"], "note": "Try again in the evening."}]},
    )

    record_ids: Chosen
    note: Note | None = None


class Returned(BaseModel):
    """`skipped`: records that were left as they are, by reason."""

    returned_count: int
    skipped: list[Excluded]


class RestoreRequest(Strict):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"record_ids": ["0194f5c2"]}]})

    record_ids: Chosen


class Restored(BaseModel):
    """`skipped`: records that are not archived, by the state they are in; `unknown` ones are in no module of the caller."""

    operation_id: str
    restored_count: int
    skipped: list[Excluded]


class DismissRequest(Strict):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"module": "memberwd", "staff_id": "0194f5c1"}]}
    )

    module: Id
    staff_id: Id | None = None


class Dismissed(BaseModel):
    cleared_count: int


class RuleUpdate(Strict):
    """What is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"auto_replace_invalid": True, "max_replacements_per_batch": 10}]},
    )

    auto_replace_invalid: Annotated[bool, Field(strict=True)] | None = None
    max_replacements_per_batch: Annotated[int, Field(ge=0, le=MAX_REPLACEMENTS, strict=True)] | None = None


class KeptRuleUpdate(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"auto_replace_invalid": True, "max_replacements_per_batch": 10}]}
    )

    auto_replace_invalid: bool | None = None
    max_replacements_per_batch: Annotated[int, Field(ge=0, le=MAX_REPLACEMENTS)] | None = None


class RuleOut(BaseModel):
    auto_replace_invalid: bool
    max_replacements_per_batch: int
    updated_at: datetime | None = None
    updated_by: str | None = None


class KeptValidateRequest(BaseModel):
    """`reason` is a code, its words, or any text."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"record_ids": ["0194f5c2"], "is_valid": False, "reason": "wrong number"}]}
    )

    record_ids: Judged
    is_valid: bool
    reason: Reason | None = None


class KeptProcessRequest(BaseModel):
    """Nothing is dealt anew unless it is asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"auto_assign_quantity": 5}]})

    auto_assign_quantity: Annotated[int, Field(ge=0, le=100_000)] = 0


class KeptStaffInvalid(BaseModel):
    id: str = Field(serialization_alias="_id", validation_alias="_id")
    staff_name: str
    count: int
    records: list[DealtRecordOut]


class KeptInvalid(BaseModel):
    total_invalid: int
    by_staff: list[KeptStaffInvalid]


class KeptDealt(Shortage):
    assigned_count: int


class KeptProcessed(BaseModel):
    """`assignment_details` and `details` are the same: existing clients of the modules ask for one or the other."""

    success: bool
    count: int
    archived_count: int
    new_assigned_count: int
    skipped_reserved: int
    message: str
    operation_id: str
    assignment_details: list[KeptDealt]
    details: list[KeptDealt]


class KeptDatabaseArchived(BaseModel):
    database_id: str
    database_name: str
    count: int
    records: list[ArchivedRecordOut]


class KeptArchived(BaseModel):
    total: int
    by_database: list[KeptDatabaseArchived]


class KeptRestored(BaseModel):
    success: bool
    restored_count: int
    operation_id: str


class KeptDiscarded(BaseModel):
    success: bool
    deleted_count: int
    operation_id: str


class KeptNotification(BaseModel):
    id: str
    staff_id: str
    staff_name: str
    record_count: int
    reason: str
    type: str
    created_at: datetime


class KeptNotifications(BaseModel):
    """`summary` has, for each module with kept addresses, `{module}_notifications` and `{module}_invalid_records`."""

    notifications: list[KeptNotification]
    summary: dict[str, Any]
