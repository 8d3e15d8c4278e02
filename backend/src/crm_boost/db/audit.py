"""The audit log: who did what, to what, when, from where (spec 1.5). Rows are written in the change's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, insert
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.session import WriteSession
from crm_boost.db.types import BigKey, Json, UtcDateTime
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context


class AuditEntry(Base):
    """One thing somebody did. `actor_name` is kept as it was, since people are renamed and removed.

    Never changed, never removed: the database itself refuses both.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_object", "object_kind", "object_id"),
        Index("ix_audit_log_at", "at", "seq"),
        Index("ix_audit_log_kind", "object_kind", "at", "seq"),
        Index("ix_audit_log_actor", "actor_id", "at", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    object_kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    address: Mapped[str | None] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(Text)


async def record_audit(session: WriteSession, action: str, kind: str, object_id: str, **detail: Any) -> None:
    """Add an entry for the current actor. `detail` holds small facts (counts, names of changed fields), no secrets."""
    context = current_context()
    if context.token_name is not None:
        detail["by_token"] = context.token_name
    await session.execute(
        insert(AuditEntry).values(
            at=utc_now(),
            actor_id=context.actor_id,
            actor_name=context.actor_name,
            action=action,
            object_kind=kind,
            object_id=object_id,
            detail=detail,
            address=context.address,
            correlation_id=context.correlation_id,
        )
    )
