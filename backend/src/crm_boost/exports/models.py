"""Table of exports: one row per file that somebody asked for (spec 5.5)."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import Json, UtcDateTime


class Export(Base):
    """One export. `worker` and `heartbeat_at` say who is writing it, so that what a dead process left is recognised.

    `file_name` is random and says nothing; `secret` signs the links to this file alone.
    """

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted', 'expired')", name="state"
        ),
        CheckConstraint("format IN ('csv', 'xlsx')", name="format"),
        CheckConstraint("state <> 'done' OR (file_name IS NOT NULL AND expires_at IS NOT NULL)", name="done"),
        Index("ix_exports_created_by", "created_by", "created_at", "id"),
        Index("ix_exports_state", "state", "created_at"),
        Index("ix_exports_created_at", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    filters: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str | None] = mapped_column(Text)
    rows_done: Mapped[int] = mapped_column(BigInteger, default=0)
    rows_total: Mapped[int | None] = mapped_column(BigInteger)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    error_code: Mapped[str | None] = mapped_column(Text)
    error_message: Mapped[str | None] = mapped_column(Text)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    worker: Mapped[str | None] = mapped_column(Text)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
