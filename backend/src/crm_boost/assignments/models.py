"""Tables of batches, operations and the history of records."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import BigKey, Json, UtcDateTime


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Batch(Base):
    """The records that one hand-out gave to one staff (spec 1.1). Counts are derived, never stored."""

    __tablename__ = "batches"
    __table_args__ = (Index("ix_batches_staff_id", "staff_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    module: Mapped[str] = mapped_column(Text)
    database_id: Mapped[str] = mapped_column(ForeignKey("databases.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    request_id: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Operation(Base):
    """One command on any number of records: who, what, when, why. History rows point here instead of repeating it."""

    __tablename__ = "operations"
    # An operation is undone once: two requests at the same time meet in this index.
    __table_args__ = (
        Index("uq_operations_undoes", "undoes", unique=True),
        # What happened to a database: commands on it alone, and those on several, which name none.
        Index("ix_operations_database_id", "database_id", "at", "seq", **_where("database_id IS NOT NULL")),
        Index("ix_operations_across", "module", "at", "seq", **_where("database_id IS NULL")),
        Index("ix_operations_at", "at", "seq"),
        Index("ix_operations_actor", "actor_id", "at", "seq"),
        Index("ix_operations_drawn", "database_id", "drawn_to", **_where("drawn_to IS NOT NULL")),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    module: Mapped[str | None] = mapped_column(Text)
    database_id: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(Text)
    undoes: Mapped[int | None] = mapped_column(BigInteger)
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    drawn_to: Mapped[int | None] = mapped_column(BigInteger)
    """Up to which key this operation has drawn from its shuffled database. What lies behind the last one was never drawn."""


class RecordHistory(Base):
    """One transition of one record. `from_*` is what the record was, so that an operation can be undone exactly.

    The holder is who has it or, while it is requested, whom it is held for. Kept in the order of operations: a
    command appends its rows at the end of the table.
    """

    __tablename__ = "record_history"
    __table_args__ = (
        # As with the staff and the batch of a record (ADR 63).
        ForeignKeyConstraint(["operation_seq"], ["operations.seq"]).ddl_if(dialect="sqlite"),
        Index("ix_record_history_record", "record_seq", "operation_seq"),
        {"sqlite_with_rowid": False},
    )

    operation_seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    record_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    from_state: Mapped[str] = mapped_column(Text)
    to_state: Mapped[str] = mapped_column(Text)
    from_holder: Mapped[str | None] = mapped_column(Text)
    to_holder: Mapped[str | None] = mapped_column(Text)
    from_batch: Mapped[str | None] = mapped_column(Text)
    to_batch: Mapped[str | None] = mapped_column(Text)
    from_validation: Mapped[str | None] = mapped_column(Text)
    from_reason: Mapped[str | None] = mapped_column(Text)
    from_assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    from_deal_rank: Mapped[int | None] = mapped_column(BigInteger)
