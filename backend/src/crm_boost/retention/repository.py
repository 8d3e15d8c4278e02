"""All SQL of what people put aside: dismissed alerts, daily briefings."""

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update

from crm_boost.db.dialect import inserting
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.retention.facts import COMPANY, Unit
from crm_boost.retention.models import RetentionBriefing, RetentionCustomer, RetentionDismissal


async def owner_of(session: ReadSession, unit: Unit) -> str | None:
    """Return who made the latest deposit of a customer; None where there is none."""
    c = RetentionCustomer
    statement = select(c.staff_id).where(
        c.scope == COMPANY, c.customer_key == unit.customer_key, c.product_id == unit.product_id, c.deposits > 0
    )
    found: str | None = await session.scalar(statement)
    return found


async def dismiss(session: WriteSession, user_id: str, unit: Unit, until: date) -> None:
    """Keep an alert from somebody until a day."""
    statement = inserting(session, RetentionDismissal).values(user_id=user_id, **unit._asdict(), until=until)
    key = [RetentionDismissal.user_id, RetentionDismissal.customer_key, RetentionDismissal.product_id]
    await session.execute(statement.on_conflict_do_update(index_elements=key, set_={"until": until}))


async def forget_dismissal(session: WriteSession, user_id: str, unit: Unit) -> bool:
    """Show an alert again; whether it was dismissed."""
    d = RetentionDismissal
    statement = delete(d).where(
        d.user_id == user_id, d.customer_key == unit.customer_key, d.product_id == unit.product_id
    )
    return bool(cast(CursorResult[Any], await session.execute(statement)).rowcount)


async def forget_ended(session: WriteSession, today: date) -> int:
    """Drop dismissals that hold no longer and briefings of days before; return how many."""
    ended = (
        delete(RetentionDismissal).where(RetentionDismissal.until <= today),
        delete(RetentionBriefing).where(RetentionBriefing.day < today),
    )
    return sum([cast(CursorResult[Any], await session.execute(one)).rowcount for one in ended])


async def briefing_of(session: ReadSession, user_id: str, day: date) -> RetentionBriefing | None:
    """Return what somebody was shown on a day."""
    return await session.get(RetentionBriefing, (user_id, day), populate_existing=True)


async def keep_briefing(session: WriteSession, user_id: str, day: date, content: dict[str, Any]) -> None:
    """Keep what somebody is shown on a day; what was kept first stays."""
    statement = inserting(session, RetentionBriefing).values(user_id=user_id, day=day, content=content)
    key = [RetentionBriefing.user_id, RetentionBriefing.day]
    await session.execute(statement.on_conflict_do_nothing(index_elements=key))


async def mark_seen(session: WriteSession, user_id: str, day: date, at: datetime) -> None:
    """Note that somebody has seen the briefing of a day."""
    b = RetentionBriefing
    statement = update(b).where(b.user_id == user_id, b.day == day, b.dismissed_at.is_(None)).values(dismissed_at=at)
    await session.execute(statement.execution_options(synchronize_session=False))
