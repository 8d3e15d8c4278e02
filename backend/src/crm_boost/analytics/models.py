"""Tables of work figures and of how people arrange their charts."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.analytics.response_times import BAND
from crm_boost.db.base import Base, partial_index
from crm_boost.db.types import Json, UtcDateTime

TENTHS = tuple(f"n{number:02}" for number in range(BAND))
"""The columns of response_counts that count by the tenth of an hour."""


class WorkItem(Base):
    """What one hand-out that somebody worked on says in figures: one row beside each contact, follows it and the ledger.

    Days are business dates. `wa_*` are set while there is a WA status, `respond_*` while there is an answer; the seconds
    run from the hand-out to the first check and, of a customer who said yes, to the first answer. `deposited_on` is the
    day of the holder's first counting deposit of the customer and the database's product on or after a yes. The
    customer is kept here because records are removed from the trash for good, and the work on them is not.
    """

    __tablename__ = "work_items"
    __table_args__ = (
        CheckConstraint("(wa_status IS NULL) = (wa_on IS NULL)", name="wa"),
        CheckConstraint("(respond_status IS NULL) = (respond_on IS NULL)", name="respond"),
        CheckConstraint("deposited_on IS NULL OR deposited_on >= respond_on", name="deposited"),
        # Staff come first: figures of everybody go from one to the next, those of one read a single range.
        Index(
            "ix_work_items_handed",
            "staff_id",
            "handed_on",
            "deal_rank",
            "record_seq",
            "database_id",
            "wa_seconds",
            "respond_seconds",
        ),
        partial_index("ix_work_items_wa", "wa_on IS NOT NULL", "staff_id", "wa_on", "database_id", "wa_status"),
        partial_index(
            "ix_work_items_respond",
            "respond_on IS NOT NULL",
            "staff_id",
            "respond_on",
            "database_id",
            "respond_status",
            "deposited_on",
        ),
        # The one time next to a median is found by how long it took.
        partial_index(
            "ix_work_items_check", "wa_seconds IS NOT NULL", "staff_id", "wa_seconds", "handed_on", "database_id"
        ),
        partial_index(
            "ix_work_items_yes",
            "respond_seconds IS NOT NULL",
            "staff_id",
            "respond_seconds",
            "handed_on",
            "database_id",
        ),
        partial_index("ix_work_items_customer", "respond_status = 'ya'", "staff_id", "customer_key"),
        Index("ix_work_items_database", "database_id"),
        {"sqlite_with_rowid": False},
    )

    record_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    deal_rank: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    database_id: Mapped[str] = mapped_column(ForeignKey("databases.id"))
    customer_key: Mapped[str] = mapped_column(Text)
    handed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handed_on: Mapped[date] = mapped_column(Date)
    wa_status: Mapped[str | None] = mapped_column(Text)
    wa_on: Mapped[date | None] = mapped_column(Date)
    wa_seconds: Mapped[int | None] = mapped_column(BigInteger)
    respond_status: Mapped[str | None] = mapped_column(Text)
    respond_on: Mapped[date | None] = mapped_column(Date)
    respond_seconds: Mapped[int | None] = mapped_column(BigInteger)
    deposited_on: Mapped[date | None] = mapped_column(Date)


class WorkDay(Base):
    """The roll-up: what the work of one staff on one database adds up to, by day.

    Up to `checked_deposited` the day is that of the hand-out: what has become of what was handed out then. The `done_*`
    count marks on the day on which they were set, so they say what was done then, whenever it had been handed out.
    """

    __tablename__ = "work_daily"
    __table_args__ = (
        # With what was handed out: that is added up since the beginning.
        Index("ix_work_daily_staff", "staff_id", "day", "assigned"),
        Index("ix_work_daily_database", "database_id"),
        # Clustered by day: a month is read in one piece.
        {"sqlite_with_rowid": False},
    )

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    database_id: Mapped[str] = mapped_column(ForeignKey("databases.id"), primary_key=True)
    assigned: Mapped[int] = mapped_column(Integer)
    ada: Mapped[int] = mapped_column(Integer)
    ceklis1: Mapped[int] = mapped_column(Integer)
    tidak: Mapped[int] = mapped_column(Integer)
    yes: Mapped[int] = mapped_column(Integer)
    no: Mapped[int] = mapped_column(Integer)
    checked_yes: Mapped[int] = mapped_column(Integer)
    deposited: Mapped[int] = mapped_column(Integer)
    checked_deposited: Mapped[int] = mapped_column(Integer)
    done_ada: Mapped[int] = mapped_column(Integer)
    done_ceklis1: Mapped[int] = mapped_column(Integer)
    done_tidak: Mapped[int] = mapped_column(Integer)
    done_yes: Mapped[int] = mapped_column(Integer)
    done_no: Mapped[int] = mapped_column(Integer)


RESPONSE_COUNTS = Table(
    "response_counts",
    Base.metadata,
    Column("block", Integer, primary_key=True, autoincrement=False),
    # The id of a product, or empty: a key cannot be absent, so it refers to nothing.
    Column("scope", Text, primary_key=True),
    Column("staff_id", Text, ForeignKey("users.id"), primary_key=True),
    Column("timed", Integer, primary_key=True, autoincrement=False),
    Column("band", Integer, primary_key=True, autoincrement=False),
    Column("times", Integer, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    *(Column(name, Integer, nullable=False) for name in TENTHS),
    # Clustered by block: a period is read in a few pieces.
    sqlite_with_rowid=False,
)
"""How many first checks and first yes's (`response_times.Timed`) took how long, by the block of days of the hand-out. A row
is a band; `n00` and so on are how many took each tenth of an hour of it. What is counted nowhere has no row, or zeros."""


class UserPreference(Base):
    """What one person has arranged to their liking, by name."""

    __tablename__ = "user_preferences"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(Json)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
