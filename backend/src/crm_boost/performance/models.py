"""Table of targets."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import BigKey, UtcDateTime

OF_EVERYBODY = "staff_id IS NULL"
OF_ONE = "staff_id IS NOT NULL"


class StaffTarget(Base):
    """What is expected from a day on: of one staff, or, without a staff, of everybody who has no targets of their own.

    All four figures are NULL where, from that day on, the staff goes back to what is expected of everybody. The money
    is in minor units.
    """

    __tablename__ = "staff_targets"
    __table_args__ = (
        CheckConstraint(
            "(monthly_omset IS NULL) = (daily_ndp IS NULL) AND (monthly_omset IS NULL) = (daily_rdp IS NULL)"
            " AND (monthly_omset IS NULL) = (required_success_days IS NULL)",
            name="all_or_none",
        ),
        CheckConstraint("staff_id IS NOT NULL OR monthly_omset IS NOT NULL", name="default_is_known"),
        CheckConstraint(
            "monthly_omset > 0 AND daily_ndp > 0 AND daily_rdp > 0 AND required_success_days BETWEEN 1 AND 31",
            name="bounds",
        ),
        Index(
            "uq_staff_targets_default",
            "effective_from",
            unique=True,
            sqlite_where=text(OF_EVERYBODY),
            postgresql_where=text(OF_EVERYBODY),
        ),
        Index(
            "uq_staff_targets_staff",
            "staff_id",
            "effective_from",
            unique=True,
            sqlite_where=text(OF_ONE),
            postgresql_where=text(OF_ONE),
        ),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    effective_from: Mapped[date] = mapped_column(Date)
    monthly_omset: Mapped[int | None] = mapped_column(BigInteger)
    daily_ndp: Mapped[int | None] = mapped_column(Integer)
    daily_rdp: Mapped[int | None] = mapped_column(Integer)
    required_success_days: Mapped[int | None] = mapped_column(Integer)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_name: Mapped[str] = mapped_column(Text)
