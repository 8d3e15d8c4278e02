"""Tables of webhooks and of what is sent to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base, partial_index
from crm_boost.db.types import BigKey, Json, UtcDateTime


class Webhook(Base):
    """An address that is told of events. The secret is sealed (ADR 36): deliveries are signed with it. `failures` counts
    the attempts that failed one after the other, since `failing_since`; `off_reason` says why it was switched off, when
    nobody did it."""

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("(failures = 0) = (failing_since IS NULL)", name="failing"),
        CheckConstraint("deleted_at IS NULL OR NOT is_active", name="deleted"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(Json)
    sealed_secret: Mapped[str] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    off_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_by_name: Mapped[str] = mapped_column(Text)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookDelivery(Base):
    """One event on its way to one webhook, written in the transaction of the event. `event_id` names the event: the same
    for every webhook, every attempt and every further delivery of it."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'failed', 'off')", name="state"),
        CheckConstraint("(ended_at IS NULL) = (state = 'waiting')", name="ended"),
        UniqueConstraint("id", name="uq_webhook_deliveries_id"),
        partial_index("ix_webhook_deliveries_waiting", "state = 'waiting'", "not_before"),
        Index("ix_webhook_deliveries_webhook", "webhook_id", "seq"),
        Index("ix_webhook_deliveries_ended_at", "ended_at"),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id"))
    event_id: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status_code: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
