"""Request and answer shapes of My customers and of work on a record. Kept endpoints ignore unknown fields."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_boost.contacts.verdicts import RespondStatus, WhatsappStatus
from crm_boost.databases.schemas import DealtRecordOut
from crm_boost.kit.text import SeveralLines, SingleLine

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Version = Annotated[int, Field(ge=0, lt=2**31, strict=True)]
Title = Annotated[SingleLine, StringConstraints(max_length=200)]
GroupKind = Literal["batch", "database"]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})


def _kept_example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GroupCounts(BaseModel):
    ada: int
    ceklis1: int
    tidak: int
    respond_ya: int
    respond_tidak: int
    validated: int
    invalid: int
    unvalidated: int


class GroupOut(BaseModel):
    """A staff's records of one batch, or of one database in modules without batches.

    `new_count` are those received since the group was opened last, `worked_count` those with any mark.
    """

    kind: GroupKind
    id: str
    module: str
    title: str
    custom_title: str | None = None
    database_id: str
    database_name: str
    product_id: str
    product_name: str
    record_count: int
    created_at: datetime
    is_pinned: bool
    new_count: int
    worked_count: int
    counts: GroupCounts


class GroupUpdate(Strict):
    """`title` is for batches; an empty one takes it away."""

    model_config = _example(title="Morning calls", is_pinned=True)

    title: Title | None = None
    is_pinned: bool | None = None


class Marks(Strict):
    """The marks to set: one that is left out stays, `null` clears it."""

    model_config = _example(whatsapp_status="ada", respond_status="ya")

    whatsapp_status: WhatsappStatus | None = None
    respond_status: RespondStatus | None = None


class RecordMarks(Marks):
    """`version` is the one the caller saw; without it the marks are set whatever they are now."""

    model_config = _example(record_id="01a2", whatsapp_status="ada", version=0)

    record_id: Id
    version: Version | None = None


class MarksRequest(Strict):
    model_config = _example(marks=[{"record_id": "01a2", "whatsapp_status": "ada", "version": 0}])

    marks: Annotated[list[RecordMarks], Field(min_length=1, max_length=500)]


class ContactOut(BaseModel):
    """The marks of a record as they are now."""

    id: str
    version: int
    whatsapp_status: WhatsappStatus | None
    whatsapp_status_at: datetime | None = None
    respond_status: RespondStatus | None
    respond_status_at: datetime | None = None


class MarkConflict(BaseModel):
    """Somebody changed this field after the version named: both values, and who set theirs when."""

    record_id: str
    field: str
    yours: str | None
    theirs: str | None
    by_name: str
    at: datetime
    version: int


class MarksOut(BaseModel):
    records: list[ContactOut]
    conflicts: list[MarkConflict]
    missing: list[str]


class KeptWhatsapp(BaseModel):
    model_config = _kept_example(whatsapp_status="ceklis1")

    whatsapp_status: WhatsappStatus | None


class KeptRespond(BaseModel):
    model_config = _kept_example(respond_status="ya")

    respond_status: RespondStatus | None


class KeptBulk(BaseModel):
    """A status that is left out or `null` stays as it is: existing clients send both."""

    model_config = _kept_example(record_ids=["01a2", "01a3"], whatsapp_status="tidak")

    record_ids: Annotated[list[Id], Field(min_length=1, max_length=500)]
    whatsapp_status: WhatsappStatus | None = None
    respond_status: RespondStatus | None = None


class KeptBulkOut(BaseModel):
    success: Literal[True] = True
    updated_count: int
    unchanged_count: int


class NoteRequest(Strict):
    model_config = _example(text="Call after 17:00")

    text: Annotated[SeveralLines, StringConstraints(min_length=1, max_length=2000)]


class NoteOut(BaseModel):
    id: str
    at: datetime
    author_name: str
    text: str


class TimelineEntry(BaseModel):
    """One thing that happened to a record. `from` and `to` are states, or values of the mark that `kind` names."""

    model_config = ConfigDict(populate_by_name=True)

    at: datetime
    record_id: str
    actor_name: str
    kind: str
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    reason: str | None = None
    note: str | None = None
    text: str | None = None
    holder_name: str | None = None


class KeptBatch(BaseModel):
    id: str
    database_id: str
    database_name: str
    product_id: str
    product_name: str
    custom_title: str
    is_pinned: bool
    record_count: int
    ada_count: int
    ceklis1_count: int
    tidak_count: int
    respond_ya_count: int
    respond_tidak_count: int
    created_at: datetime


class KeptTitle(BaseModel):
    model_config = _kept_example(title="Morning calls")

    title: Title


class KeptPin(BaseModel):
    model_config = _kept_example(is_pinned=True)

    is_pinned: bool


class KeptName(BaseModel):
    model_config = _kept_example(custom_name="Evening calls")

    custom_name: Title


class KeptNamed(BaseModel):
    id: str
    custom_name: str


class KeptBatchWithRecords(BaseModel):
    id: str
    custom_name: str
    title: str
    database_id: str
    database_name: str
    product_id: str
    product_name: str
    created_at: datetime
    active_count: int
    validated_count: int
    invalid_count: int
    unvalidated_count: int
    records: list[DealtRecordOut]


class KeptInvalidated(BaseModel):
    """`records` are at most a page of them, `count` is all."""

    count: int
    records: list[DealtRecordOut]
