"""Rows that wait to be worked on outside of the database: one process at a time takes one, and says what came of it.

Such a table has `seq`, `not_before` (when it is due) and `attempts`. Whoever takes a row puts it off for as long as the
attempt may last: a process that dies leaves it to the next one. The attempt's number is its receipt.
"""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select, update

from crm_boost.db.session import WriteSession

Row = TypeVar("Row")


async def claim_due(
    session: WriteSession, kind: type[Row], now: datetime, until: datetime, *waits: ColumnElement[bool]
) -> Row | None:
    """Take the row that has waited longest of those for which `waits` holds, for this process alone until `until`; None
    when none is due."""
    table: Any = kind
    due = (
        select(table.seq)
        .where(*waits, table.not_before <= now)
        .order_by(table.not_before, table.seq)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(table).where(table.seq.in_(due)).values(attempts=table.attempts + 1, not_before=until).returning(table)
    )
    return (await session.scalars(statement)).first()


async def note_attempt(
    session: WriteSession, kind: type[Any], seq: int, attempt: int, *waits: ColumnElement[bool], **values: Any
) -> bool:
    """Note what came of an attempt; False where another process has taken the row since, or it waits no longer."""
    mine = (kind.seq == seq, kind.attempts == attempt, *waits)
    noted = await session.execute(update(kind).where(*mine).values(**values).returning(kind.seq))
    return noted.first() is not None
