"""Tables of reservations, the keys they protect, their history, and the conflicts they caused."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import BigKey, Json, UtcDateTime


class Reservation(Base):
    """One staff's claim on one customer for one product. `claimed_at`: when it was last approved, restored or extended,
    which is when its grace begins if no deposit is later (spec 3.3)."""

    __tablename__ = "reserved_members"
    __table_args__ = (
        CheckConstraint(
            "status IN ('pending', 'approved', 'rejected', 'cancelled', 'expired', 'released')", name="status"
        ),
        Index("ix_reserved_members_staff_id", "staff_id"),
        Index("ix_reserved_members_status", "status", "created_at", "id"),
        Index("ix_reserved_members_customer", "customer_key", "product_id"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    customer_key: Mapped[str] = mapped_column(Text, server_default="")
    customer_name: Mapped[str] = mapped_column(Text, server_default="")
    phone_number: Mapped[str] = mapped_column(Text, server_default="")
    aliases: Mapped[list[str]] = mapped_column(Json, server_default="[]")
    created_by: Mapped[str | None] = mapped_column(Text)
    created_by_name: Mapped[str] = mapped_column(Text, server_default="system")
    approved_by: Mapped[str | None] = mapped_column(Text)
    approved_by_name: Mapped[str | None] = mapped_column(Text)
    is_permanent: Mapped[bool] = mapped_column(server_default=text("false"))
    auto_reassigned: Mapped[bool] = mapped_column(server_default=text("false"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_omset_date: Mapped[date | None] = mapped_column(Date)
    warned_on: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_by_name: Mapped[str | None] = mapped_column(Text)
    ended_reason: Mapped[str | None] = mapped_column(Text)
    grace_days_used: Mapped[int | None] = mapped_column(Integer)
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReservationKey(Base):
    """One customer key (the identifier or an alias) that an active reservation protects.

    The unique index is the promise itself: at most one active reservation per product and key. Rows live exactly as
    long as their reservation is active.
    """

    __tablename__ = "reservation_keys"
    __table_args__ = (
        Index("ix_reservation_keys_reservation_id", "reservation_id"),
        Index(
            "ix_reservation_keys_approved",
            "customer_key",
            "product_id",
            sqlite_where=text("approved"),
            postgresql_where=text("approved"),
        ),
    )

    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), primary_key=True)
    customer_key: Mapped[str] = mapped_column(Text, primary_key=True)
    reservation_id: Mapped[str] = mapped_column(ForeignKey("reserved_members.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    approved: Mapped[bool] = mapped_column()


class ReservationEvent(Base):
    """One change of a reservation (spec 1.5). Never changed, never removed."""

    __tablename__ = "reservation_events"
    __table_args__ = (
        Index("ix_reservation_events_reservation", "reservation_id", "seq"),
        Index("ix_reservation_events_at", "at", "seq"),
        Index("ix_reservation_events_actor", "actor_id", "at", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    reservation_id: Mapped[str] = mapped_column(ForeignKey("reserved_members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    from_status: Mapped[str | None] = mapped_column(Text)
    to_status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    correlation_id: Mapped[str] = mapped_column(Text)


class ConflictEntry(Base):
    """The log of conflicts: a record that one staff holds while its customer is another's. It outlives the conflict."""

    __tablename__ = "reservation_conflicts"
    __table_args__ = (
        Index("ix_reservation_conflicts_began", "began_at", "seq"),
        Index(
            "uq_reservation_conflicts_open",
            "record_seq",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    record_seq: Mapped[int] = mapped_column(BigInteger)
    product_id: Mapped[str] = mapped_column(Text)
    customer_key: Mapped[str] = mapped_column(Text)
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
