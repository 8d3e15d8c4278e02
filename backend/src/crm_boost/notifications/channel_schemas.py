"""Shapes of the channel and of digests."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm_boost.notifications.digest_kinds import Digest

Token = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^([0-9]+:[A-Za-z0-9_-]+)?$")]
ChatId = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=64, pattern=r"^(-?[0-9]+|@[A-Za-z0-9_]+)?$")
]


class ChannelChange(BaseModel):
    """`token`: absent, to leave the one that is stored; empty, to remove it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"enabled": True, "chat_id": "-1001234567890", "language": "id", "digests": ["daily_summary"]}]
        },
    )

    enabled: bool
    chat_id: ChatId
    language: Literal["en", "id"]
    digests: Annotated[list[Digest], Field(max_length=len(Digest))]
    token: Token | None = None


class ChannelMessageOut(BaseModel):
    kind: Digest
    state: Literal["waiting", "sent", "failed", "off"]
    attempts: int
    created_at: datetime
    ended_at: datetime | None = None
    error: str | None = None


class ChannelOut(BaseModel):
    """The token itself is never told."""

    enabled: bool
    chat_id: str
    language: Literal["en", "id"]
    digests: list[Digest]
    has_token: bool
    messages: list[ChannelMessageOut]
    updated_at: datetime | None = None
    updated_by_name: str | None = None


class DigestPreview(BaseModel):
    """What would be told if it were time now. `people`: how many would hear of it in the app. `sends`: whether the
    channel is on and wants this digest."""

    digest: Digest
    date: date
    text: str
    people: int
    sends: bool
