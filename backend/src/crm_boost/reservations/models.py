"""Tables of reservations and the keys they protect."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import UtcDateTime


class Reservation(Base):
    """One staff's claim on one customer for one product."""

    __tablename__ = "reserved_members"
    __table_args__ = (
        CheckConstraint(
            "status IN ('pending', 'approved', 'rejected', 'cancelled', 'expired', 'released')", name="status"
        ),
        Index("ix_reserved_members_staff_id", "staff_id"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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
