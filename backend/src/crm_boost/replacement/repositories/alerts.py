"""Statements about alerts. An alert is counted only under the lock of its row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, select, update

from crm_boost.db.dialect import in_texts, inserting
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.models import User
from crm_boost.kit.context import current_context
from crm_boost.kit.ids import new_id
from crm_boost.replacement.models import InvalidAlert

OPEN, RESOLVED, DISMISSED = "open", "resolved", "dismissed"

_alert = cast(Table, InvalidAlert.__table__)
_a = _alert.c


async def lock_open(session: WriteSession, module: str, staff_ids: Sequence[str] | None) -> dict[str, str]:
    """Return, and lock, the open alerts of a module (of these staff): the alert by staff."""
    statement = select(_a.staff_id, _a.id).where(_a.module == module, _a.status == OPEN)
    if staff_ids is not None:
        statement = statement.where(in_texts(_a.staff_id, staff_ids))
    rows = await session.execute(statement.order_by(_a.staff_id).with_for_update(key_share=True))
    return {row.staff_id: row.id for row in rows}


async def open_for(session: WriteSession, module: str, staff_ids: Sequence[str], now: datetime) -> list[str]:
    """Open alerts; return the staff for whom there was none. Whoever opens the same at this moment is waited for."""
    rows = [
        {"id": new_id(), "module": module, "staff_id": i, "status": OPEN, "opened_at": now, "grown_at": now}
        for i in staff_ids
    ]
    statement = inserting(session, _alert).values(rows).on_conflict_do_nothing().returning(_a.staff_id)
    return list((await session.scalars(statement)).all())


async def note_growth(session: WriteSession, alert_ids: Sequence[str], now: datetime) -> None:
    """Remember that there is more to look at since now."""
    await session.execute(update(_alert).where(in_texts(_a.id, alert_ids)).values(grown_at=now))


async def close(session: WriteSession, alert_ids: Sequence[str], status: str, now: datetime) -> int:
    """Close open alerts: resolved by what happened, or dismissed by a person. Returns how many were open."""
    context = current_context()
    statement = update(_alert).where(in_texts(_a.id, alert_ids), _a.status == OPEN).returning(_a.id)
    values = {
        "status": status,
        "closed_at": now,
        "closed_by": context.actor_id,
        "closed_by_name": context.actor_name,
    }
    return len((await session.scalars(statement.values(values))).all())


async def open_alerts(session: ReadSession, modules: Sequence[str]) -> list[Row[*tuple[Any, ...]]]:
    """Return the open alerts of these modules, the newest growth first."""
    statement = (
        select(_a.id, _a.module, _a.staff_id, User.name.label("staff_name"), _a.opened_at, _a.grown_at)
        .join(User, User.id == _a.staff_id)
        .where(_a.status == OPEN, in_texts(_a.module, modules))
        .order_by(_a.grown_at.desc(), _a.seq.desc())
    )
    return list((await session.execute(statement)).all())


async def names_of(session: ReadSession, staff_ids: Sequence[str]) -> dict[str, str]:
    """Return the names of people, removed ones too."""
    rows = await session.execute(select(User.id, User.name).where(in_texts(User.id, staff_ids)))
    return {row.id: row.name for row in rows}
