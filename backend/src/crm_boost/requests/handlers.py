"""What this module does when others change something (registered in `wiring.py`, before the engine lets records go)."""

from crm_boost.assignments.events import DatabaseTrashed
from crm_boost.db.session import WriteSession
from crm_boost.identity.events import UserRemoved
from crm_boost.requests import review_service

_USER = "user_removed"
_DATABASE = "database_deleted"


async def cancel_of_removed_user(session: WriteSession, event: UserRemoved) -> None:
    """What a removed person asked for is cancelled."""
    event.effects["requests_cancelled"] = await review_service.close_of_removed_user(
        session, event.user_id, reason=_USER
    )


async def cancel_of_trashed_database(session: WriteSession, event: DatabaseTrashed) -> None:
    """What was asked of a database in the trash is cancelled."""
    await review_service.close_of_database(session, event.database_id, reason=_DATABASE)
