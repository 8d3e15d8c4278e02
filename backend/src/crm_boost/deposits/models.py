"""Tables of the ledger: deposits, what is stored per key, the daily roll-ups, the history, and recalculations."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base, partial_index
from crm_boost.db.types import BigKey, Json, UtcDateTime

_KEPT = "deleted_at IS NULL"
NOT_BOOKED = "kind <> 'book'"
"""Condition of the indexes of what was done to deposits after they were booked."""


class Deposit(Base):
    """One deposit. `customer_type` is set exactly while it counts: approved and not in the trash (spec 4.1).

    Money is in minor units, `multiplier` in hundredths; `total` is their product. `version` grows with every change.
    """

    __tablename__ = "omset_records"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'approved', 'declined')", name="status"),
        CheckConstraint("customer_type IN ('NDP', 'RDP')", name="customer_type"),
        CheckConstraint(
            "(customer_type IS NOT NULL) = (status = 'approved' AND deleted_at IS NULL)", name="counts_when_approved"
        ),
        CheckConstraint("nominal > 0 AND multiplier > 0 AND total > 0", name="amounts"),
        # Of a customer with one staff, and with all of them.
        Index("ix_omset_records_customer", "customer_key", "staff_id", "product_id"),
        partial_index("ix_omset_records_day", _KEPT, "record_date", "id"),
        partial_index("ix_omset_records_staff_day", _KEPT, "staff_id", "record_date", "id"),
        partial_index("ix_omset_records_product_day", _KEPT, "product_id", "record_date", "id"),
        partial_index(
            "ix_omset_records_not_approved", f"status <> 'approved' AND {_KEPT}", "status", "record_date", "id"
        ),
        partial_index("ix_omset_records_trash", "deleted_at IS NOT NULL AND purged_at IS NULL", "deleted_at", "id"),
        partial_index(
            "ix_omset_records_unique",
            "customer_type IS NOT NULL",
            "record_date",
            "staff_id",
            "product_id",
            "customer_type",
            "customer_key",
        ),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"))
    record_date: Mapped[date] = mapped_column(Date)
    customer_id: Mapped[str] = mapped_column(Text)
    customer_key: Mapped[str] = mapped_column(Text)
    customer_name: Mapped[str] = mapped_column(Text)
    nominal: Mapped[int] = mapped_column(BigInteger)
    multiplier: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text)
    tambahan: Mapped[bool] = mapped_column()
    status: Mapped[str] = mapped_column(Text)
    customer_type: Mapped[str | None] = mapped_column(Text)
    possible_duplicate: Mapped[bool] = mapped_column()
    reserved_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    decline_reason: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_by_name: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str | None] = mapped_column(Text)
    created_by_name: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_by_name: Mapped[str | None] = mapped_column(Text)
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DepositKey(Base):
    """What is stored of one (staff, customer, product): its first date, its last one, and how many deposits count."""

    __tablename__ = "omset_keys"
    __table_args__ = (Index("ix_omset_keys_customer", "customer_key", "product_id"),)

    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    customer_key: Mapped[str] = mapped_column(Text, primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), primary_key=True)
    first_date: Mapped[date | None] = mapped_column(Date)
    last_date: Mapped[date | None] = mapped_column(Date)
    forms: Mapped[int] = mapped_column(Integer)


class DepositCustomer(Base):
    """The lock of one customer of one staff, all products: whoever changes a deposit of theirs holds the row, so that two
    do not classify side by side. It holds nothing else, and is not needed where writers take turns (SQLite)."""

    __tablename__ = "omset_customers"

    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    customer_key: Mapped[str] = mapped_column(Text, primary_key=True)


class RollupFigures:
    """The columns that all roll-ups have. `ndp` and `rdp` are distinct customers of that class on a day, `*_forms` are
    deposits, amounts are minor units: `*_nominal` before and `*_total` after the multiplier."""

    ndp: Mapped[int] = mapped_column(Integer)
    rdp: Mapped[int] = mapped_column(Integer)
    ndp_forms: Mapped[int] = mapped_column(Integer)
    rdp_forms: Mapped[int] = mapped_column(Integer)
    ndp_nominal: Mapped[int] = mapped_column(BigInteger)
    rdp_nominal: Mapped[int] = mapped_column(BigInteger)
    ndp_total: Mapped[int] = mapped_column(BigInteger)
    rdp_total: Mapped[int] = mapped_column(BigInteger)


class DepositDay(RollupFigures, Base):
    """The roll-up: what the counting deposits of one staff and product on one day add up to.

    Because a customer is one NDP or RDP per (staff, product, day), every figure of a longer range, a team or a brand is the
    sum of rows. There is a row only where there are deposits; so it is with the coarser roll-ups below.
    """

    __tablename__ = "omset_daily"
    __table_args__ = (
        Index("ix_omset_daily_staff", "staff_id", "record_date"),
        # Clustered by date: a month is read in one piece.
        {"sqlite_with_rowid": False},
    )

    record_date: Mapped[date] = mapped_column(Date, primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), primary_key=True)


class DepositStaffDay(RollupFigures, Base):
    """The same of one staff and day, whatever the product, and different customers (`rollups.UNIQUES`)."""

    __tablename__ = "omset_staff_daily"
    __table_args__ = (
        Index("ix_omset_staff_daily_staff", "staff_id", "record_date"),
        {"sqlite_with_rowid": False},
    )

    record_date: Mapped[date] = mapped_column(Date, primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    ndp_fresh: Mapped[int] = mapped_column(Integer)
    rdp_fresh: Mapped[int] = mapped_column(Integer)
    ndp_last: Mapped[int] = mapped_column(Integer)
    rdp_last: Mapped[int] = mapped_column(Integer)


class DepositMonth(RollupFigures, Base):
    """The same of one staff and product in a calendar month, and how often customers came (`rollups.TIERS`)."""

    __tablename__ = "omset_monthly"
    __table_args__ = (
        Index("ix_omset_monthly_staff", "staff_id", "month"),
        {"sqlite_with_rowid": False},
    )

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    """Its first day."""
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), primary_key=True)
    customers_2: Mapped[int] = mapped_column(Integer)
    customers_3: Mapped[int] = mapped_column(Integer)
    customers_4: Mapped[int] = mapped_column(Integer)


class DepositEvent(Base):
    """One change of a deposit (spec 1.5). Never changed, never removed. `detail` holds what was and what is."""

    __tablename__ = "omset_events"
    __table_args__ = (
        Index("ix_omset_events_deposit", "deposit_id", "seq"),
        # For the audit page. Bookings, by far the most, are not in it and pay nothing for it.
        partial_index("ix_omset_events_at", NOT_BOOKED, "at", "seq"),
        partial_index("ix_omset_events_actor", NOT_BOOKED, "actor_id", "at", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    deposit_id: Mapped[str] = mapped_column(ForeignKey("omset_records.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    from_status: Mapped[str | None] = mapped_column(Text)
    to_status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    correlation_id: Mapped[str] = mapped_column(Text)


class ImportedDeposit(Base):
    """Which deposit came with which import, so that an import can be taken back in one step."""

    __tablename__ = "omset_imported"
    __table_args__ = (Index("ix_omset_imported_import_id", "import_id"),)

    deposit_id: Mapped[str] = mapped_column(ForeignKey("omset_records.id"), primary_key=True)
    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id"))


class Recalculation(Base):
    """One run of "Recalculate NDP/RDP": how far it is, and what it found differing."""

    __tablename__ = "omset_recalculations"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by_name: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it last made progress: one that made none for a while was broken off."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    keys_total: Mapped[int] = mapped_column(Integer)
    keys_done: Mapped[int] = mapped_column(Integer)
    types_changed: Mapped[int] = mapped_column(Integer)
    keys_changed: Mapped[int] = mapped_column(Integer)
    days_changed: Mapped[int] = mapped_column(Integer)
