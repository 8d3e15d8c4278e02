"""Response shapes of databases and records (spec 2.7); the rows themselves are made in `pools.rows`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from crm_boost.databases.states import RecordState
from crm_boost.kit.text import SeveralLines, SingleLine


class DatabaseOut(BaseModel):
    id: str
    module: str
    name: str
    description: str
    filename: str
    product_id: str
    product_name: str
    total_records: int
    available_count: int
    requested_count: int
    assigned_count: int
    archived_count: int
    excluded_count: int
    trashed_count: int
    conflict_count: int
    uploaded_at: datetime
    uploaded_by_name: str
    auto_approve: bool | None = None
    """Requests of this database: approved at once, never, or (null) as the global setting says."""
    deleted_at: datetime | None = None


class DatabaseDetail(DatabaseOut):
    columns: list[str]
    mapping: dict[str, int | None]


class DatabaseUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Members west, March"}]})

    name: Annotated[SingleLine, StringConstraints(min_length=1, max_length=200)] | None = None
    description: Annotated[SeveralLines, StringConstraints(max_length=2000)] | None = None
    product_id: str | None = None


class ProductMove(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"product_id": "0194f5c3"}]})

    product_id: str


class RecordOut(BaseModel):
    """`customer_id` is the identifier as it stands in the file; texts that are not known are left out.

    The marks are the present holder's: `version` is 0 before the first of them and grows with each.
    """

    id: str
    row_number: int | None = None
    row_data: dict[str, str]
    customer_id: str
    display_name: str | None = None
    phone_e164: str | None = None
    status: RecordState
    assigned_to: str | None = None
    assigned_to_name: str | None = None
    assigned_at: datetime | None = None
    validation_status: str | None = None
    validation_reason: str | None = None
    batch_id: str | None = None
    reserved_by_name: str | None = None
    is_reservation_conflict: bool
    whatsapp_status: Literal["ada", "ceklis1", "tidak"] | None = None
    whatsapp_status_at: datetime | None = None
    respond_status: Literal["ya", "tidak"] | None = None
    respond_status_at: datetime | None = None
    validation_note: str | None = None
    version: int = 0
    note_count: int = 0


class DealtRecordOut(RecordOut):
    """A record with what is needed of its database where records of several are shown."""

    database_id: str
    database_name: str
    module: str
