"""Table of requests."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import BigKey, UtcDateTime
from crm_boost.requests.states import RequestStatus

_STATUSES = ", ".join(repr(str(status)) for status in RequestStatus)
_OPEN = text("status = 'pending'")


class RecordRequest(Base):
    """A staff asks for a number of records of a database; while it is pending, exactly these are held for them."""

    __tablename__ = "record_requests"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUSES})", name="status"),
        Index("ix_record_requests_status", "status", "seq"),
        Index("ix_record_requests_staff", "staff_id", "seq"),
        Index("ix_record_requests_database", "database_id", "seq"),
        Index("ix_record_requests_expiry", "expires_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    module: Mapped[str] = mapped_column(Text)
    database_id: Mapped[str] = mapped_column(ForeignKey("databases.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    record_count: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    requested_by_name: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_by: Mapped[str | None] = mapped_column(Text)
    reviewed_by_name: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    auto_approved: Mapped[bool] = mapped_column(default=False)
    batch_id: Mapped[str | None] = mapped_column(Text)
    assigned_count: Mapped[int] = mapped_column(Integer, default=0)
    skipped_reserved_count: Mapped[int] = mapped_column(Integer, default=0)


class RequestEvent(Base):
    """One change of the status of a request (spec 1.5)."""

    __tablename__ = "request_events"
    __table_args__ = (
        Index("ix_request_events_request", "request_seq", "seq"),
        Index("ix_request_events_at", "at", "seq"),
        Index("ix_request_events_actor", "actor_id", "at", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    request_seq: Mapped[int] = mapped_column(ForeignKey("record_requests.seq"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    from_status: Mapped[str | None] = mapped_column(Text)
    to_status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(Text)
