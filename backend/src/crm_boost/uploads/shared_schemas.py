"""What imports of records and imports of deposits have in common."""

from typing import Annotated

from pydantic import BaseModel, Field

SourceColumn = Annotated[int, Field(ge=0, le=10_000)]
"""A column of the file, from 0."""


class Sheet(BaseModel):
    name: str
    rows: int | None
    hidden: bool = False


class DetectedColumn(BaseModel):
    column: int | None
    confidence: float


class OwnerCount(BaseModel):
    staff_id: str
    staff_name: str
    count: int


class ProgressOut(BaseModel):
    phase: str
    rows_done: int
    rows_total: int | None
    rate: float | None
    eta_seconds: float | None


class ImportFailure(BaseModel):
    code: str
    message: str
    field: str | None = None
