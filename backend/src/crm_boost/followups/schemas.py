"""Request and answer shapes of follow-ups."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from crm_boost.contacts.verdicts import WhatsappStatus
from crm_boost.followups.ladder import Urgency
from crm_boost.followups.states import Outcome, Shown
from crm_boost.kit.text import SeveralLines

FollowUpText = Annotated[SeveralLines, StringConstraints(min_length=1, max_length=2000)]


class FollowUpOut(BaseModel):
    """Somebody who answered yes. `state` is `snoozed` until the day of `snoozed_until`."""

    record_id: str
    customer_display: str
    customer_id: str
    customer_key: str
    phone_e164: str | None = None
    product_id: str
    product_name: str
    database_id: str
    database_name: str
    staff_id: str
    staff_name: str
    row_data: dict[str, str]
    respond_date: date
    respond_at: datetime
    days_since_response: int
    reminder_level: int
    reminder_label: str
    urgency: Urgency
    urgency_color: str
    whatsapp_status: WhatsappStatus | None
    state: Shown
    snoozed_until: date | None = None
    note_count: int


class FollowUpSummary(BaseModel):
    """`total` is how many rows the list has (null where that is not counted); the buckets are of those that wait now,
    whatever urgency was asked for. Everybody who said yes and is still assigned is in exactly one of the others."""

    total: int | None
    critical: int
    high: int
    medium: int
    low: int
    deposited: int
    snoozed: int
    done: int
    lost: int


class FollowUpList(BaseModel):
    followups: list[FollowUpOut]
    summary: FollowUpSummary


class FollowUpChoice(BaseModel):
    id: str
    name: str


class FollowUpChoices(BaseModel):
    products: list[FollowUpChoice]
    databases: list[FollowUpChoice]
    staff: list[FollowUpChoice]


class FollowUpBellCounts(BaseModel):
    critical: int
    high: int
    medium: int
    total: int


class FollowUpBell(BaseModel):
    notifications: list[FollowUpOut]
    count: int
    summary: FollowUpBellCounts


class DepositSince(BaseModel):
    deposit_id: str
    record_date: date
    amount: int | float
    customer_type: Literal["NDP", "RDP"]


class DepositedOut(BaseModel):
    record_id: str
    is_deposited: bool
    deposit_info: DepositSince | None


class SnoozeRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"until": "2030-01-31"}]})

    until: date
    note: FollowUpText | None = None


class DoneRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"outcome": "lost"}]})

    outcome: Outcome = "done"
    note: FollowUpText | None = None


class FollowUpNote(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Asked to be called on Monday."}]}
    )

    text: FollowUpText
