"""What goes in and out of exports."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from crm_boost.databases.table_file import FileFormat
from crm_boost.exports.columns import Language
from crm_boost.exports.states import ExportState

FilterValue = str | int | float | bool | None


class ExportAsk(BaseModel):
    """Which list, narrowed how; the filters are those of the list's own address."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "omset", "filters": {"start_date": "2025-03-01", "end_date": "2025-03-31"}}]
        },
    )

    kind: Annotated[str, Field(max_length=60)]
    filters: Annotated[dict[Annotated[str, Field(max_length=60)], FilterValue], Field(max_length=30)] = {}

    def given(self) -> dict[str, Any]:
        """Return the filters that say something."""
        return {name: value for name, value in self.filters.items() if value is not None}


class ExportOrder(ExportAsk):
    """An export to be written."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "omset",
                    "filters": {"start_date": "2025-03-01", "end_date": "2025-03-31"},
                    "format": "csv",
                    "language": "en",
                }
            ]
        }
    )

    format: FileFormat = "xlsx"
    language: Language = "en"


class ExportPreview(BaseModel):
    """How many rows it would be; left out where nobody counts that far."""

    rows: int | None = None


class ExportOut(BaseModel):
    """One export."""

    id: str
    kind: str
    format: FileFormat
    language: Language
    filters: dict[str, Any]
    state: ExportState
    rows_done: int
    rows_total: int | None = None
    size_bytes: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    created_by: str
    created_by_name: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    expires_at: datetime | None = None
    is_own: bool


class ExportLink(BaseModel):
    """Where the file can be fetched, for a few minutes, by whoever has the link."""

    url: str
    expires_at: datetime
