"""What this module does when others change something (registered in `wiring.py`, before the engine lets records go)."""

from crm_boost.assignments.events import DatabaseTrashed, HeldRecordsDropped
from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.identity.events import UserRemoved
from crm_boost.requests import repository, review_service
from crm_boost.requests.events import RequestLostRecords

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


async def note_dropped_records(session: WriteSession, event: HeldRecordsDropped) -> None:
    """A request that lost held records to a reservation counts them, and whoever asked is told."""
    counts = dict(event.by_request)
    for request in await repository.count_dropped(session, event.by_request):
        await session.emit(RequestLostRecords(request.id, request.staff_id, counts[request.id], request.database_name))
        await announce(session, "requests", {"staff_id": request.staff_id})
