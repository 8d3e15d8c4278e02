"""What a short draw means while others are dealing from the same database.

A draw skips the records that rivals have locked, so that hand-outs need not wait for each other. A rival may yet give
its records up (because it asked for more than it found). A draw that comes out short is therefore given up itself and
made again alone, after the rivals are done: only then "not enough" is the truth.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from crm_boost.assignments.repositories import locking
from crm_boost.db.dialect import has_parallel_writers
from crm_boost.db.session import WriteSession

Drawn = TypeVar("Drawn")
LockDatabases = Callable[[WriteSession, Sequence[str]], Awaitable[Mapping[str, Any]]]
"""How an attempt locks its databases, which has to be the first thing it does."""


async def drawn_truthfully(
    session: WriteSession, attempt: Callable[[LockDatabases], Awaitable[Drawn]], is_short: Callable[[Drawn], bool]
) -> Drawn:
    """Return what `attempt` draws, side by side with rivals or, where that is short, alone."""
    if not has_parallel_writers(session):
        return await attempt(locking.lock_databases)
    point = await session.begin_nested()
    drawn = await attempt(locking.lock_databases)
    if not is_short(drawn):
        await point.commit()
        return drawn
    await point.rollback()
    return await attempt(locking.lock_databases_alone)
