"""Request and response shapes of imports."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_boost.kit.text import SeveralLines, SingleLine
from crm_boost.uploads.shared_schemas import (
    DetectedColumn,
    ImportFailure,
    OwnerCount,
    ProgressOut,
    Sheet,
    SourceColumn,
)

DatabaseName = Annotated[SingleLine, StringConstraints(min_length=1, max_length=200)]


class MappingChoice(BaseModel):
    """Which column (from 0) is what; null where there is none."""

    model_config = ConfigDict(extra="forbid")

    username: SourceColumn | None = None
    name: SourceColumn | None = None
    phone: SourceColumn | None = None


class ImportUpdate(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"sheet": "Leads", "header_row": 1, "mapping": {"username": 0, "name": 1, "phone": 2}}]
        },
    )

    sheet: str | None = Field(default=None, max_length=200)
    header_row: int | None = Field(default=None, ge=0, le=1_000_000)
    mapping: MappingChoice | None = None
    product_id: str | None = None


class CommitRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Members west", "duplicates": "skip", "reserved": "store"}]},
    )

    name: DatabaseName
    description: Annotated[SeveralLines, StringConstraints(max_length=2000)] = ""
    duplicates: Literal["skip", "import"]
    reserved: Literal["store", "skip"] = "store"


class Detected(BaseModel):
    username: DetectedColumn
    name: DetectedColumn
    phone: DetectedColumn


class ReasonCount(BaseModel):
    reason: str
    count: int


class SameFile(BaseModel):
    database_id: str
    name: str
    module: str
    uploaded_at: datetime


class Report(BaseModel):
    """What the file holds, before anything is written. `reserved_not_duplicate` says what skipping both the duplicates
    and the reserved rows leaves out beyond the duplicates."""

    rows_total: int
    blank: int
    rejected: int
    rejected_reasons: list[ReasonCount]
    duplicates_in_file: int
    duplicates_in_product: int
    reserved: int
    reserved_not_duplicate: int
    reserved_by: list[OwnerCount]
    bad_phones: int
    same_file: SameFile | None = None


class Result(BaseModel):
    """rows_total = stored + duplicates + reserved_skipped + rejected + blank, always."""

    rows_total: int
    stored: int
    duplicates: int
    reserved_skipped: int
    rejected: int
    blank: int
    reserved_stored: int


class ImportOut(BaseModel):
    id: str
    module: str
    product_id: str
    product_name: str
    filename: str
    size_bytes: int
    state: Literal["analysing", "ready", "importing", "done", "failed", "cancelled", "undone"]
    sheets: list[Sheet]
    sheet: str | None
    header_row: int | None
    columns: list[str]
    preview_rows: list[list[str]]
    mapping: MappingChoice | None
    detected: Detected | None
    report: Report | None
    result: Result | None
    progress: ProgressOut | None
    name: str | None
    description: str
    duplicates: Literal["skip", "import"] | None
    reserved: Literal["store", "skip"] | None
    database_id: str | None
    error: ImportFailure | None
    created_at: datetime
    created_by_name: str
    finished_at: datetime | None
    can_undo: bool
    undo_until: datetime | None


class UploadedDatabase(BaseModel):
    """Answer of the one-call uploads (spec 2.7)."""

    model_config = ConfigDict(extra="allow")

    id: str
    name: str
    product_id: str
    product_name: str
    total_records: int
    columns: list[str]
    import_id: str
    result: dict[str, Any]
