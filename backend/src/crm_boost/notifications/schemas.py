"""Shapes of the inbox."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_boost.notifications.kinds import Kind


class NotificationOut(BaseModel):
    id: str
    type: str
    user_id: str
    data: dict[str, Any]
    created_at: datetime
    read_at: datetime | None = None


class Inbox(BaseModel):
    notifications: list[NotificationOut]
    unread: int


class MarkRead(BaseModel):
    """Without `ids`: all of them."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"ids": ["0194f5c9"]}]})

    ids: Annotated[list[Annotated[str, StringConstraints(max_length=200)]], Field(max_length=1000)] | None = None


class MarkUnread(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"ids": ["0194f5c9"]}]})

    ids: Annotated[list[Annotated[str, StringConstraints(max_length=200)]], Field(min_length=1, max_length=1000)]


class NotificationKind(BaseModel):
    """One kind that the reader may be told of. An `essential` one cannot be muted."""

    kind: Kind
    muted: bool
    essential: bool


class NotificationSettings(BaseModel):
    kinds: list[NotificationKind]


class NotificationMutes(BaseModel):
    """Exactly these kinds are muted from now on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"muted": ["digests"]}]})

    muted: Annotated[list[Kind], Field(max_length=len(Kind))]
