"""What the engine does when other modules change something (registered in `wiring.py`)."""

from crm_boost.assignments.events import RecordsArchived, RecordsRecalled
from crm_boost.assignments.holds import release_all_of, release_taken
from crm_boost.assignments.recall import recall_all_of
from crm_boost.assignments.repositories import conflicts
from crm_boost.assignments.reserve import match_customers
from crm_boost.assignments.transitions import Command
from crm_boost.db.session import WriteSession
from crm_boost.identity.events import UserRemoved
from crm_boost.kit.clock import utc_now
from crm_boost.reservations.events import CustomersClaimed

_WHY = "user_removed"


async def take_back_from_removed_user(session: WriteSession, event: UserRemoved) -> None:
    """What a removed person held goes back to the pool, what was held for them is let go (spec 2.1)."""
    event.effects["recalled"] = await recall_all_of(session, event.user_id, reason=_WHY)
    event.effects["released"] = await release_all_of(session, event.user_id, reason=_WHY)


async def follow_claims(session: WriteSession, event: CustomersClaimed) -> None:
    """The records of customers whose owner changed: what is held for somebody else is dropped from their request, what
    is free becomes reserved or available, in every module (spec 3.2)."""
    event.effects["dropped_from_requests"] = await release_taken(session, event.customer_keys)
    matched = await match_customers(session, event.customer_keys)
    event.effects["records_marked_reserved"] = matched[Command.RESERVE]
    event.effects["records_unreserved"] = matched[Command.UNRESERVE]


async def end_conflicts(session: WriteSession, event: RecordsRecalled | RecordsArchived) -> None:
    """What was taken from its holder, or archived, is in nobody's way any more: the log of conflicts says so."""
    await conflicts.end_of_operation(session, event.operation_id, utc_now())
