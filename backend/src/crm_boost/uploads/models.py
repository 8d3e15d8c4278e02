"""Table of imports: one row per uploaded file, from analysis to what became of its rows (spec 2.2)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.types import Json, UtcDateTime


class ImportState(StrEnum):
    ANALYSING = "analysing"
    READY = "ready"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDONE = "undone"


RUNNING = (ImportState.ANALYSING, ImportState.IMPORTING)
"""States in which a process is at work; the others wait for a person or are final."""


LEDGER = "ledger"
"""What stands in the place of the module where a file holds deposits."""


class Import(Base):
    """One import. `worker` and `heartbeat_at` say who is working on it, so that what a dead process left behind is
    recognised and cleaned up."""

    __tablename__ = "imports"
    __table_args__ = (
        Index("ix_imports_module", "module", "created_at", "id"),
        Index("ix_imports_state", "state"),
        Index("ix_imports_database_id", "database_id"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    module: Mapped[str] = mapped_column(Text)
    product_id: Mapped[str | None] = mapped_column(ForeignKey("products.id"))
    filename: Mapped[str] = mapped_column(Text)
    file_hash: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    sheets: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    sheet: Mapped[str | None] = mapped_column(Text)
    header_row: Mapped[int | None] = mapped_column()
    columns: Mapped[list[str]] = mapped_column(Json, default=list)
    preview_rows: Mapped[list[list[str]]] = mapped_column(Json, default=list)
    mapping: Mapped[dict[str, Any] | None] = mapped_column(Json)
    detected: Mapped[dict[str, Any] | None] = mapped_column(Json)
    report: Mapped[dict[str, Any] | None] = mapped_column(Json)
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    error_code: Mapped[str | None] = mapped_column(Text)
    error_message: Mapped[str | None] = mapped_column(Text)
    error_field: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    duplicates: Mapped[str | None] = mapped_column(Text)
    reserved: Mapped[str | None] = mapped_column(Text)
    database_id: Mapped[str | None] = mapped_column(Text)
    progress: Mapped[dict[str, Any] | None] = mapped_column(Json)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    worker: Mapped[str | None] = mapped_column(Text)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str | None] = mapped_column(Text)
    created_by_name: Mapped[str] = mapped_column(Text)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_of_ledger(self) -> bool:
        """Whether the rows are deposits. Each one says for itself of which product it is."""
        return self.module == LEDGER
