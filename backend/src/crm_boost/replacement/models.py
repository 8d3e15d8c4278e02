"""Tables of replacements and alerts."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import BigKey, UtcDateTime

_OPEN = text("status = 'open'")


class Replacement(Base):
    """One archived record and the one dealt in its place. `by_rule`: made while validating, so it uses quota.

    `quota_key` is what the quota belongs to: a batch, or a staff and a database in modules without batches.
    """

    __tablename__ = "replacements"
    __table_args__ = (
        Index("ix_replacements_quota", "quota_key", sqlite_where=text("by_rule"), postgresql_where=text("by_rule")),
        Index("uq_replacements_archived", "archived_seq", "operation_seq", unique=True),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    operation_seq: Mapped[int] = mapped_column(ForeignKey("operations.seq"))
    module: Mapped[str] = mapped_column(Text)
    database_id: Mapped[str] = mapped_column(ForeignKey("databases.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    batch_id: Mapped[str | None] = mapped_column(Text)
    quota_key: Mapped[str] = mapped_column(Text)
    by_rule: Mapped[bool] = mapped_column()
    archived_seq: Mapped[int] = mapped_column(BigInteger)
    dealt_seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class InvalidAlert(Base):
    """Somebody has rejected records of a module. At most one is open per staff and module; its count is derived."""

    __tablename__ = "invalid_alerts"
    __table_args__ = (
        Index(
            "uq_invalid_alerts_open",
            "staff_id",
            "module",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    module: Mapped[str] = mapped_column(Text)
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    grown_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(Text)
    closed_by_name: Mapped[str | None] = mapped_column(Text)
