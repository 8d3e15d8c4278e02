"""Tables of notifications, of what people do not want to be told, and of what is told outside of the app."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import BigKey, Json, UtcDateTime

_WAITING = text("state = 'waiting'")


class Notification(Base):
    """One message to one person. `data` names the object to open; the text is made by the reader's language."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_user", "user_id", "seq"),
        Index(
            "ix_notifications_unread",
            "user_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    type: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NotificationMute(Base):
    """One kind that one person does not want to be told of. What is muted is not stored."""

    __tablename__ = "notification_mutes"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)


class SealedSecret(Base):
    """A secret that has to be read again, sealed with the key of this installation (see `sealing.py`)."""

    __tablename__ = "sealed_secrets"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_name: Mapped[str] = mapped_column(Text)


class ChannelMessage(Base):
    """One message to the outside, written in the transaction that decided on it and sent afterwards. `key` is what there
    is one message of: the same digest of the same day is not sent twice, however often its job runs."""

    __tablename__ = "channel_messages"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'failed', 'off')", name="state"),
        CheckConstraint("(ended_at IS NULL) = (state = 'waiting')", name="ended"),
        UniqueConstraint("key", name="uq_channel_messages_key"),
        Index("ix_channel_messages_waiting", "not_before", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_channel_messages_created_at", "created_at"),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)
