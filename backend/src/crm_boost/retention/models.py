"""Tables of retention: customers of a product as their deposits make them, counts over days, and what people put aside."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import Json, UtcDateTime
from crm_boost.retention.returns import RETURNS


class RetentionCustomer(Base):
    """A customer of one product, over everybody's deposits (`scope` empty) or over those of one staff (their id).

    `staff_id` made the latest deposit, `deposit_id`. A row without deposits is one whose deposits are gone.
    """

    __tablename__ = "retention_customers"
    __table_args__ = (
        CheckConstraint("(deposits = 0) = (last_date IS NULL)", name="dates_with_deposits"),
        Index("ix_retention_customers_last", "scope", "last_date", "customer_key", "product_id"),
        Index("ix_retention_customers_deposits", "scope", "deposits", "customer_key", "product_id"),
        Index("ix_retention_customers_omset", "scope", "total", "customer_key", "product_id"),
        Index("ix_retention_customers_score", "scope", "score", "customer_key", "product_id"),
        Index("ix_retention_customers_new", "scope", "ndp_date"),
        {"sqlite_with_rowid": False},
    )

    # The id of a staff, or empty: a key cannot be absent, so it refers to nothing.
    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_key: Mapped[str] = mapped_column(Text, primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), primary_key=True)
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    deposit_id: Mapped[str | None] = mapped_column(ForeignKey("omset_records.id"))
    first_date: Mapped[date | None] = mapped_column(Date)
    last_date: Mapped[date | None] = mapped_column(Date)
    ndp_date: Mapped[date | None] = mapped_column(Date)
    deposits: Mapped[int] = mapped_column(Integer)
    days: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(BigInteger)
    score: Mapped[int] = mapped_column(Integer)


class RetentionCount(Base):
    """How many customers have something in common (`facts.Kind`). What is counted nowhere has no row, or a zero."""

    __tablename__ = "retention_counts"
    # Clustered by scope and day: a range of days is read in one piece.
    __table_args__ = ({"sqlite_with_rowid": False},)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    other: Mapped[date] = mapped_column(Date, primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), primary_key=True)
    customers: Mapped[int] = mapped_column(Integer)


returns_table = Table(
    "retention_returns",
    Base.metadata,
    # The id of a staff, or empty; that of a product, or empty: whatever product. As above they refer to nothing.
    Column("scope", Text, primary_key=True),
    Column("product_id", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    *(Column(name, Integer, nullable=False) for name in RETURNS),
    # A range of days is read in one piece.
    sqlite_with_rowid=False,
)
"""How many customers came on a day, by how long before they had come last in that scope (`returns.RETURNS`)."""


class RetentionLock(Base):
    """The lock of a customer, whatever staff and product: two who change their deposits do not settle side by side. It
    holds nothing else, and is not needed where writers take turns (SQLite)."""

    __tablename__ = "retention_locks"

    customer_key: Mapped[str] = mapped_column(Text, primary_key=True)


class RetentionDismissal(Base):
    """Somebody does not want to see an alert; `until` is the first day on which they see it again."""

    __tablename__ = "retention_dismissals"
    __table_args__ = (Index("ix_retention_dismissals_until", "until"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    customer_key: Mapped[str] = mapped_column(Text, primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), primary_key=True)
    until: Mapped[date] = mapped_column(Date)


class RetentionBriefing(Base):
    """What a staff was shown on a day: it stays the same until the next one. `content` holds keys and totals."""

    __tablename__ = "retention_briefings"
    __table_args__ = (Index("ix_retention_briefings_day", "day"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
