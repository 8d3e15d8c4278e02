"""What the engine does when other modules change something (registered in `wiring.py`)."""

from crm_boost.assignments.holds import release_all_of
from crm_boost.assignments.recall import recall_all_of
from crm_boost.db.session import WriteSession
from crm_boost.identity.events import UserRemoved

_WHY = "user_removed"


async def take_back_from_removed_user(session: WriteSession, event: UserRemoved) -> None:
    """What a removed person held goes back to the pool, what was held for them is let go (spec 2.1)."""
    event.effects["recalled"] = await recall_all_of(session, event.user_id, reason=_WHY)
    event.effects["released"] = await release_all_of(session, event.user_id, reason=_WHY)
