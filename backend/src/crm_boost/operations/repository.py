"""What is read for an operator."""

from sqlalchemy import func, literal, select, tuple_

from crm_boost.db.outbox import OutboxMessage, Position
from crm_boost.db.session import ReadSession


async def count_after(session: ReadSession, position: Position, limit: int) -> int:
    """Return how many announcements there are after `position`, counted up to `limit`."""
    place = tuple_(OutboxMessage.xact, OutboxMessage.seq)
    after = select(OutboxMessage.seq).where(place > tuple_(literal(position.xact), literal(position.seq))).limit(limit)
    return await session.scalar(select(func.count()).select_from(after.subquery())) or 0
