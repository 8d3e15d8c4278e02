"""Request and response shapes of imports of deposits (spec 2.2, 4.2)."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from crm_boost.deposits.importing_cells import DateOrder
from crm_boost.uploads.shared_schemas import (
    DetectedColumn,
    ImportFailure,
    OwnerCount,
    ProgressOut,
    Sheet,
    SourceColumn,
)

Id = Annotated[str, Field(min_length=1, max_length=200)]


class DepositMapping(BaseModel):
    """Which column (from 0) is what; null where there is none. `product_id` and `staff_id` are of the rows that name
    none themselves; `date_order`: which figure of 03/04/2025 is the day."""

    model_config = ConfigDict(extra="forbid")

    date: SourceColumn | None = None
    customer: SourceColumn | None = None
    name: SourceColumn | None = None
    product: SourceColumn | None = None
    amount: SourceColumn | None = None
    multiplier: SourceColumn | None = None
    note: SourceColumn | None = None
    staff: SourceColumn | None = None
    product_id: Id | None = None
    staff_id: Id | None = None
    date_order: DateOrder = DateOrder.DAY_FIRST


class DepositImportUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"sheet": "March", "header_row": 1}]})

    sheet: str | None = Field(default=None, max_length=200)
    header_row: int | None = Field(default=None, ge=0, le=1_000_000)
    mapping: DepositMapping | None = None


class DepositImportCommit(BaseModel):
    """`duplicates`: leave out what looks like a deposit that is there already, or book it, flagged."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"duplicates": "skip"}]})

    duplicates: Literal["skip", "import"] = "skip"


class DepositDetected(BaseModel):
    date: DetectedColumn
    customer: DetectedColumn
    name: DetectedColumn
    product: DetectedColumn
    amount: DetectedColumn
    multiplier: DetectedColumn
    note: DetectedColumn
    staff: DetectedColumn


class DepositFault(BaseModel):
    """Why rows cannot be booked, by the first fault of each. `field`: the column at fault."""

    reason: str
    field: str
    count: int


class SameDepositFile(BaseModel):
    import_id: str
    imported_at: datetime
    imported_by_name: str


class DepositReport(BaseModel):
    """What the file holds, before anything is written. rows_total = approved + pending + duplicates + rejected + blank;
    `duplicates_pending` of the possible duplicates would wait if they were booked, the others would count."""

    rows_total: int
    approved: int
    pending: int
    duplicates: int
    duplicates_pending: int
    rejected: int
    blank: int
    rejected_reasons: list[DepositFault]
    reserved_by: list[OwnerCount]
    same_file: SameDepositFile | None = None


class DepositResult(BaseModel):
    """rows_total = approved + pending + duplicates + rejected + blank, always."""

    rows_total: int
    approved: int
    pending: int
    duplicates: int
    rejected: int
    blank: int


class DepositImportOut(BaseModel):
    id: str
    filename: str
    size_bytes: int
    state: Literal["analysing", "ready", "importing", "done", "failed", "cancelled", "undone"]
    sheets: list[Sheet]
    sheet: str | None
    header_row: int | None
    columns: list[str]
    preview_rows: list[list[str]]
    mapping: DepositMapping | None
    detected: DepositDetected | None
    report: DepositReport | None
    result: DepositResult | None
    progress: ProgressOut | None
    duplicates: Literal["skip", "import"] | None
    error: ImportFailure | None
    created_at: datetime
    created_by_name: str
    finished_at: datetime | None
    can_undo: bool
    undo_until: datetime | None
