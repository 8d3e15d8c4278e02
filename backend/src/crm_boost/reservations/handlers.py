"""What this module does when others change something (registered in `wiring.py`)."""

from crm_boost.db.session import WriteSession
from crm_boost.identity.events import UserRemoved
from crm_boost.reservations import service

_WHY = "user_removed"


async def release_of_removed_user(session: WriteSession, event: UserRemoved) -> None:
    """What a removed person owned goes to the archive; the customers are free."""
    event.effects["reservations_released"] = await service.release_all_of(session, event.user_id, reason=_WHY)
