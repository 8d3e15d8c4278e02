"""Tables of follow-ups and their counters."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import UtcDateTime
from crm_boost.followups.states import FollowUpState

_SNOOZED = "snoozed_until IS NOT NULL"


class FollowUp(Base):
    """Somebody who answered yes to the staff of one hand-out: the row of a contact, and what follows from it.

    `state` is derived (`settling.py`) from the contact, the record and the last deposit; it is stored so that lists need
    not look for it. `outcome` and `snoozed_until` are what a person said about the answer of `respond_at`: another answer
    begins afresh. `respond_on` is the business date of `respond_at`.
    """

    __tablename__ = "follow_ups"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(str(state)) for state in FollowUpState)})", name="state"),
        CheckConstraint("outcome IN ('done', 'lost')", name="outcome"),
        ForeignKeyConstraint(["record_seq", "deal_rank"], ["contacts.record_seq", "contacts.deal_rank"]),
        # One for each way to narrow the list: it is read in the order of an index, whatever is asked for.
        Index("ix_follow_ups_state", "state", "respond_at", "record_id"),
        Index("ix_follow_ups_staff", "staff_id", "state", "respond_at", "record_id"),
        Index("ix_follow_ups_product", "product_id", "state", "respond_at", "record_id"),
        Index("ix_follow_ups_database", "database_id", "state", "respond_at", "record_id"),
        Index("ix_follow_ups_staff_product", "staff_id", "product_id", "state", "respond_at", "record_id"),
        Index("ix_follow_ups_staff_database", "staff_id", "database_id", "state", "respond_at", "record_id"),
        Index("ix_follow_ups_customer", "staff_id", "customer_key", "product_id"),
        Index("ix_follow_ups_record_id", "record_id"),
        Index(
            "ix_follow_ups_snoozed",
            *("snoozed_until", "record_id", "staff_id", "product_id", "database_id", "respond_on", "state"),
            sqlite_where=text(_SNOOZED),
            postgresql_where=text(_SNOOZED),
        ),
        {"sqlite_with_rowid": False},
    )

    record_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    deal_rank: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    record_id: Mapped[str] = mapped_column(Text)
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"))
    database_id: Mapped[str] = mapped_column(ForeignKey("databases.id"))
    customer_key: Mapped[str] = mapped_column(Text)
    respond_at: Mapped[datetime] = mapped_column(UtcDateTime)
    respond_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    snoozed_until: Mapped[date | None] = mapped_column(Date)


class FollowUpTotal(Base):
    """How many follow-ups of one staff and database are in a state. A row only where there are some."""

    __tablename__ = "follow_up_totals"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - declared so by the base

    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), primary_key=True)
    database_id: Mapped[str] = mapped_column(ForeignKey("databases.id"), primary_key=True)
    state: Mapped[str] = mapped_column(Text, primary_key=True)
    people: Mapped[int] = mapped_column(Integer)


class FollowUpDay(Base):
    """How many open follow-ups of one staff and database are of a day of response. Only the youngest days are ever read:
    what is older is all critical. A row only where there are some."""

    __tablename__ = "follow_up_days"
    __table_args__ = (
        Index("ix_follow_up_days_staff", "staff_id", "respond_on"),
        {"sqlite_with_rowid": False},
    )

    respond_on: Mapped[date] = mapped_column(Date, primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), primary_key=True)
    database_id: Mapped[str] = mapped_column(ForeignKey("databases.id"), primary_key=True)
    people: Mapped[int] = mapped_column(Integer)
