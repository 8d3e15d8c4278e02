"""The transactional outbox: announcements written with the change they announce (architecture, decision 8).

What was rolled back is never announced, and what was committed is announced even when the process dies in between:
readers follow the table by its growing `seq`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from crm_boost.db.base import Base
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.types import BigKey, Json, UtcDateTime
from crm_boost.kit.clock import utc_now


class OutboxMessage(Base):
    """One announcement. `audience` is a user id, or `*` for everybody who is signed in."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_created_at", "created_at"), {"sqlite_autoincrement": True})

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


EVERYBODY = "*"


async def announce(session: WriteSession, topic: str, payload: dict[str, Any], audience: str = EVERYBODY) -> None:
    """Write an announcement. The payload names what changed (ids, never personal data)."""
    await session.execute(
        insert(OutboxMessage).values(topic=topic, audience=audience, payload=payload, created_at=utc_now())
    )


async def messages_after(session: ReadSession, seq: int, limit: int = 500) -> list[OutboxMessage]:
    """Return announcements newer than `seq`, oldest first."""
    statement = select(OutboxMessage).where(OutboxMessage.seq > seq).order_by(OutboxMessage.seq).limit(limit)
    return list((await session.scalars(statement)).all())


async def latest_seq(session: ReadSession) -> int:
    """Return the newest announcement's number, 0 when there is none."""
    return (await session.scalar(select(func.max(OutboxMessage.seq)))) or 0


async def forget_before(session: WriteSession, instant: datetime) -> None:
    """Drop announcements older than `instant`: every reader has long passed them."""
    await session.execute(delete(OutboxMessage).where(OutboxMessage.created_at < instant))
