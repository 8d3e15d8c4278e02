"""All SQL on sealed secrets and on messages to the outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from crm_boost.db.dialect import inserting
from crm_boost.db.queues import claim_due, note_attempt
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.notifications.models import ChannelMessage, SealedSecret

_WAITS = ChannelMessage.state == "waiting"


async def sealed(session: ReadSession, name: str) -> str | None:
    """Return a secret as it is stored."""
    return await session.scalar(select(SealedSecret.sealed).where(SealedSecret.name == name))


async def put_sealed(session: WriteSession, row: dict[str, Any]) -> None:
    """Store a sealed secret, whether there was one or not."""
    statement = inserting(session, SealedSecret).values(row)
    changed = {name: statement.excluded[name] for name in row if name != "name"}
    await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))


async def forget_sealed(session: WriteSession, name: str) -> None:
    """Remove a secret."""
    await session.execute(delete(SealedSecret).where(SealedSecret.name == name))


async def add_message(session: WriteSession, row: dict[str, Any]) -> bool:
    """Store a message unless there is one of its key; return whether it is new. Of two who try at once one waits."""
    statement = inserting(session, ChannelMessage).values(row).on_conflict_do_nothing(index_elements=["key"])
    return (await session.execute(statement.returning(ChannelMessage.seq))).first() is not None


async def is_due(session: ReadSession, now: datetime) -> bool:
    """Whether a message is to be sent now."""
    return await session.scalar(select(ChannelMessage.seq).where(_WAITS, ChannelMessage.not_before <= now)) is not None


async def count_waiting(session: ReadSession) -> int:
    """Return how many messages wait to be sent."""
    return await session.scalar(select(func.count()).select_from(ChannelMessage).where(_WAITS)) or 0


async def claim(session: WriteSession, now: datetime, until: datetime) -> ChannelMessage | None:
    """Take the message that has waited longest, for this process alone until `until`; None when none is due."""
    return await claim_due(session, ChannelMessage, now, until, _WAITS)


async def note(session: WriteSession, seq: int, attempt: int, **values: Any) -> None:
    """Note what came of an attempt; nothing where another process has taken the message since."""
    await note_attempt(session, ChannelMessage, seq, attempt, _WAITS, **values)


async def latest(session: ReadSession, limit: int) -> Sequence[ChannelMessage]:
    """Return the messages written last."""
    statement = select(ChannelMessage).order_by(ChannelMessage.created_at.desc(), ChannelMessage.seq.desc())
    return (await session.scalars(statement.limit(limit))).all()


async def forget_before(session: WriteSession, instant: datetime) -> int:
    """Drop messages that ended before then; return how many."""
    statement = delete(ChannelMessage).where(ChannelMessage.ended_at < instant).returning(ChannelMessage.seq)
    return len((await session.execute(statement)).all())
