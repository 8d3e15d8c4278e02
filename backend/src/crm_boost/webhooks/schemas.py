"""Shapes of webhooks."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from crm_boost.kit.text import SingleLine
from crm_boost.webhooks.kinds import HookEvent

HookName = Annotated[SingleLine, StringConstraints(min_length=1, max_length=120)]
HookUrl = Annotated[SingleLine, StringConstraints(min_length=1, max_length=500)]
DeliveryState = Literal["waiting", "sent", "failed", "off"]


def _in_order(events: list[HookEvent]) -> list[HookEvent]:
    return [event for event in HookEvent if event in events]


HookEvents = Annotated[list[HookEvent], Field(min_length=1, max_length=len(HookEvent)), AfterValidator(_in_order)]


class WebhookCreate(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "Accounting", "url": "https://hooks.example.com/crm", "events": ["deposit.counted"]}]
        },
    )

    name: HookName
    url: HookUrl
    events: HookEvents


class WebhookChange(BaseModel):
    """What is absent stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"is_active": False}]})

    name: HookName | None = None
    url: HookUrl | None = None
    events: HookEvents | None = None
    is_active: bool | None = None


class WebhookOut(BaseModel):
    """A webhook; its secret is never told again. `off_reason`: why it was switched off, when nobody did it: `failing` or
    `gone`."""

    id: str
    name: str
    url: str
    events: list[HookEvent]
    is_active: bool
    off_reason: str | None = None
    failures: int
    failing_since: datetime | None = None
    created_at: datetime
    created_by_name: str


class WebhookCreated(WebhookOut):
    secret: str = Field(description="Deliveries are signed with it. Shown this once.")


class WebhookSecret(BaseModel):
    secret: str = Field(description="Deliveries are signed with it from now on. Shown this once.")


class WebhookDeliveryOut(BaseModel):
    """One event on its way to a webhook. `event_id` is the same for every delivery of it. `next_at`: when it is tried
    again; `status_code` and `error`: what came of the last attempt."""

    id: str
    event_id: str
    event: str
    data: dict[str, Any]
    state: DeliveryState
    attempts: int
    happened_at: datetime
    created_at: datetime
    next_at: datetime | None = None
    ended_at: datetime | None = None
    status_code: int | None = None
    error: str | None = None
