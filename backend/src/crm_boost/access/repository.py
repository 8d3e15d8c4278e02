"""All SQL on what people looked at."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, func, select

from crm_boost.access.limits import Kind
from crm_boost.access.models import AccessCount
from crm_boost.db.dialect import in_texts, inserting
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.models import User

_ALARM = "alarm"
_count = cast(Table, AccessCount.__table__)
_c = _count.c

Key = tuple[str, Kind, datetime]
"""Who, what, in which hour."""


async def counts_of(session: ReadSession, user_id: str, since: datetime) -> dict[tuple[Kind, datetime], int]:
    """Return what a person looked at, by kind and hour."""
    statement = select(_c.kind, _c.hour, _c.count).where(
        _c.user_id == user_id, _c.kind.in_([str(kind) for kind in Kind]), _c.hour >= since
    )
    return {(Kind(kind), hour): count for kind, hour, count in await session.execute(statement)}


async def add(session: WriteSession, counts: Mapping[Key, int]) -> dict[Key, int]:
    """Add to the counts of all processes, in one statement; return what they are now."""
    if not counts:
        return {}
    # In one order: two processes that write at the same time wait for each other instead of blocking one another.
    rows = [
        {"user_id": user_id, "kind": str(kind), "hour": hour, "count": counts[user_id, kind, hour]}
        for user_id, kind, hour in sorted(counts)
    ]
    statement = inserting(session, AccessCount).values(rows)
    added = await session.execute(
        statement.on_conflict_do_update(
            index_elements=[_c.user_id, _c.kind, _c.hour],
            set_={"count": _c.count + statement.excluded.count},
        ).returning(_c.user_id, _c.kind, _c.hour, _c.count)
    )
    return {(user_id, Kind(kind), hour): count for user_id, kind, hour, count in added}


async def day_of_team(session: ReadSession, kind: Kind, since: datetime) -> dict[str, int]:
    """Return what each person looked at since `since`; only those who did."""
    statement = (
        select(_c.user_id, func.sum(_c.count)).where(_c.hour >= since, _c.kind == str(kind)).group_by(_c.user_id)
    )
    return {row[0]: int(row[1]) for row in await session.execute(statement)}


async def claim_alarm(session: WriteSession, user_id: str, day: datetime) -> bool:
    """Whether this is the first alarm about a person on this day, in all processes."""
    statement = inserting(session, AccessCount).values(user_id=user_id, kind=_ALARM, hour=day, count=1)
    claimed = await session.execute(statement.on_conflict_do_nothing().returning(_c.user_id))
    return claimed.first() is not None


async def names_of(session: ReadSession, user_ids: Sequence[str]) -> dict[str, str]:
    """Return people's names."""
    rows = await session.execute(select(User.id, User.name).where(in_texts(User.id, user_ids)))
    return {row.id: row.name for row in rows}


async def forget_before(session: WriteSession, instant: datetime) -> None:
    """Drop what is older than `instant`."""
    await session.execute(delete(_count).where(_c.hour < instant))
