"""Tables of what checks found, and of repairs with what they changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import BigKey, Json, UtcDateTime


class HealthFinding(Base):
    """What one check found when everything was last looked at. `since`: from when on it found something without a
    break; `told_at`: when people were told of that. Both are empty while it finds nothing."""

    __tablename__ = "health_findings"
    __table_args__ = (CheckConstraint("count >= 0", name="count"),)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    sample: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HealthRepair(Base):
    """One repair that somebody ran: what it was for, how much it changed, and whether it was undone."""

    __tablename__ = "health_repairs"
    __table_args__ = (CheckConstraint("changed > 0", name="changed"),)

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    module: Mapped[str | None] = mapped_column(Text)
    changed: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_name: Mapped[str | None] = mapped_column(Text)


class HealthRepairEntry(Base):
    """One thing a repair changed: what it was and what it became, so that it can be put back."""

    __tablename__ = "health_repair_entries"
    __table_args__ = (Index("ix_health_repair_entries_repair", "repair_seq", "seq"),)

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    repair_seq: Mapped[int] = mapped_column(BigInteger, ForeignKey("health_repairs.seq"))
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any]] = mapped_column(Json)
    after: Mapped[dict[str, Any]] = mapped_column(Json)
