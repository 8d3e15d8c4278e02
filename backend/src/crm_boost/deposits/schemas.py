"""Shapes of the ledger (spec 4.2, 7.2)."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from crm_boost.deposits.states import CustomerType, DepositStatus
from crm_boost.kit.text import SeveralLines, SingleLine

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
LONGEST_CUSTOMER = 300
_MOST = Decimal(10) ** 12
_MOST_TIMES = 1000


def _written_day(value: Any) -> Any:
    """A day is written YYYY-MM-DD: no seconds since 1970, no time of day."""
    if isinstance(value, str) and not _DAY.match(value.strip()):
        raise PydanticCustomError("date_parsing", "Write the day as YYYY-MM-DD.")
    if not isinstance(value, str | date):
        raise PydanticCustomError("date_parsing", "Write the day as YYYY-MM-DD.")
    return value.strip() if isinstance(value, str) else value


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("decimal_parsing", "This is not a number.")
    return value


def _identity(value: str) -> str:
    """An identity has a letter or a digit, and is no formula pasted from a spreadsheet."""
    if not any(character.isalnum() for character in value):
        raise PydanticCustomError("no_identity", "Name the customer: letters or digits are missing.")
    if value.startswith("="):
        raise PydanticCustomError("formula", "This looks like a formula, not like a customer.")
    return value


Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Day = Annotated[date, BeforeValidator(_written_day)]
CustomerId = Annotated[
    SingleLine, StringConstraints(min_length=1, max_length=LONGEST_CUSTOMER), AfterValidator(_identity)
]
CustomerName = Annotated[SingleLine, StringConstraints(max_length=LONGEST_CUSTOMER)]
Note = Annotated[SeveralLines, StringConstraints(max_length=2000)]
Amount = Annotated[Decimal, BeforeValidator(_no_flag), Field(gt=0, le=_MOST)]
Times = Annotated[Decimal, BeforeValidator(_no_flag), Field(gt=0, le=_MOST_TIMES)]


class DepositForm(BaseModel):
    """What is entered. Unknown fields are ignored, as this address always did. `staff_id`: for whom an admin enters it;
    from staff it is ignored. Without `tambahan` the note decides."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "product_id": "0194f5c3",
                    "record_date": "2025-03-01",
                    "customer_id": "ana01",
                    "nominal": 100_000,
                    "depo_kelipatan": 1,
                    "keterangan": "evening",
                }
            ]
        }
    )

    product_id: Id
    record_date: Day
    customer_id: CustomerId
    customer_name: CustomerName | None = None
    nominal: Amount
    depo_kelipatan: Times = Decimal(1)
    keterangan: Note | None = None
    tambahan: bool | None = None
    staff_id: Id | None = None


class DepositChange(BaseModel):
    """What is to be different; what is left out stays. `version`: what the caller has seen, 409 when it is no longer so.
    Product, day and person can be changed by admins only."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"nominal": 150_000, "version": 1}]})

    product_id: Id | None = None
    record_date: Day | None = None
    customer_id: CustomerId | None = None
    customer_name: CustomerName | None = None
    nominal: Amount | None = None
    depo_kelipatan: Times | None = None
    keterangan: Note | None = None
    tambahan: bool | None = None
    staff_id: Id | None = None
    version: Annotated[int, Field(ge=1)] | None = None


class DepositForms(BaseModel):
    """Several forms: to see what each would be, or to book them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "rows": [
                        {
                            "product_id": "0194f5c3",
                            "record_date": "2025-03-01",
                            "customer_id": "ana01",
                            "nominal": 100_000,
                        }
                    ]
                }
            ]
        },
    )

    rows: Annotated[list[DepositForm], Field(min_length=1, max_length=200)]


class Decline(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Booked by its owner already."}]})

    reason: Annotated[SeveralLines, StringConstraints(max_length=500)] | None = None


class ConflictInfo(BaseModel):
    """Who has reserved the customer; the name is for admins only (spec 1.2)."""

    reserved_by_staff_id: str
    reserved_by_staff_name: str | None = None
    reason: str


class DepositOut(BaseModel):
    """One deposit. `customer_type` is null while it does not count."""

    id: str
    product_id: str
    product_name: str
    staff_id: str
    staff_name: str
    record_date: date
    customer_id: str
    customer_key: str
    customer_name: str | None = None
    nominal: float
    depo_kelipatan: float
    depo_total: float
    keterangan: str
    tambahan: bool
    customer_type: CustomerType | None
    approval_status: DepositStatus
    possible_duplicate: bool
    conflict_info: ConflictInfo | None = None
    decline_reason: str | None = None
    reviewed_at: datetime | None = None
    reviewed_by_name: str | None = None
    created_at: datetime
    created_by_name: str
    version: int
    deleted_at: datetime | None = None
    deleted_by_name: str | None = None


class RecordTypeOut(DepositOut):
    record_type: CustomerType


class Reviewed(DepositOut):
    success: bool = True


class DepositEventOut(BaseModel):
    at: datetime
    actor_name: str
    kind: str
    from_status: str | None
    to_status: str
    reason: str | None = None
    detail: dict[str, Any] = {}


class DecidedBy(BaseModel):
    """The deposit that made the first date."""

    id: str
    record_date: date
    created_at: datetime
    created_by_name: str


class Explanation(BaseModel):
    """Why a deposit is NDP or RDP. `reason`: `tambahan`, `first_day`, `after_first_day`, or `does_not_count`."""

    customer_type: CustomerType | None
    reason: str
    staff_id: str
    staff_name: str
    customer_key: str
    product_id: str
    product_name: str
    first_date: date | None = None
    decided_by: DecidedBy | None = None


class DepositDetail(DepositOut):
    explanation: Explanation
    events: list[DepositEventOut]


class FormError(BaseModel):
    """What is wrong with a field of a form; `code` stands for the sentence, `params` for its figures."""

    field: str
    message: str
    code: str
    params: dict[str, int | float | str] = {}


class PreviewRow(BaseModel):
    """What a form would become if it were saved now. `errors` are those of the ledger (closed period, product …)."""

    customer_type: CustomerType | None = None
    reason: str | None = None
    first_date: date | None = None
    approval_status: DepositStatus | None = None
    possible_duplicate: bool = False
    errors: list[FormError] = []


class Preview(BaseModel):
    rows: list[PreviewRow]


class BookedRow(BaseModel):
    """What became of a form: a deposit, or nothing because of these errors."""

    deposit: DepositOut | None = None
    errors: list[FormError] = []


class BookedRows(BaseModel):
    rows: list[BookedRow]


class Deleted(BaseModel):
    message: str
    deleted_id: str
    can_restore: bool


class Trash(BaseModel):
    records: list[DepositOut]
    count: int


class Emptied(BaseModel):
    message: str
    deleted_count: int


class DuplicateStaff(BaseModel):
    staff_id: str
    staff_name: str
    record_count: int
    total_depo: float


class DepositDuplicateGroup(BaseModel):
    """One customer of one product with deposits of two or more staff. Nothing is wrong with that by itself."""

    customer_key: str
    customer_id: str
    product_id: str
    product_name: str
    staff_count: int
    record_count: int
    total_depo: float
    staff: list[DuplicateStaff]


class DepositDuplicates(BaseModel):
    total_duplicates: int
    total_records_involved: int
    duplicates: list[DepositDuplicateGroup]


class LedgerSettings(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"ledger_closed_until": "2025-02-28"}]})

    ledger_closed_until: Day | None = None


class LedgerSettingsOut(BaseModel):
    ledger_closed_until: date | None
    updated_at: datetime | None = None
    updated_by: str | None = None


class KnownCustomer(BaseModel):
    """A customer the caller has booked before, for the entry grid."""

    customer_id: str
    customer_name: str
    customer_key: str
    last_date: date
    forms: int


class RecalculationOut(BaseModel):
    """One run of the recalculation. `updated_count` is all that differed: 0 unless data was damaged."""

    message: str
    updated_count: int
    id: str | None = None
    running: bool = False
    keys_total: int = 0
    keys_done: int = 0
    types_changed: int = 0
    keys_changed: int = 0
    days_changed: int = 0
    started_at: datetime | None = None
    started_by_name: str | None = None
    ended_at: datetime | None = None
