"""What the jobs do: the verbs of the modules, each in a unit of work of its own, in the name of the system."""

from crm_boost.db.engine import Database
from crm_boost.notifications import digests
from crm_boost.notifications.digest_kinds import Digest
from crm_boost.requests import review_service
from crm_boost.reservations import cleanup


async def reservation_cleanup(database: Database) -> dict[str, int]:
    """Warn the owners of reservations that expire soon, end those whose grace is over (spec 3.3)."""
    async with database.write() as session:
        found = await cleanup.run(session)
    return {"looked_at": found.approved, "warned": found.warned, "expired": len(found.over)}


async def request_expiry(database: Database) -> dict[str, int]:
    """Close requests that nobody decided about in time; what was held for them goes back to the pool (spec 2.3)."""
    async with database.write() as session:
        return {"expired": await review_service.expire_due(session)}


async def digest_follow_ups(database: Database) -> dict[str, int]:
    """Tell everybody how many of theirs answered yes and wait since (spec 5.1)."""
    return await digests.tell(database, Digest.FOLLOW_UPS)


async def digest_at_risk(database: Database) -> dict[str, int]:
    """Tell everybody how many of their customers are slipping away (spec 5.2)."""
    return await digests.tell(database, Digest.AT_RISK)


async def digest_daily_summary(database: Database) -> dict[str, int]:
    """Tell whoever sees all deposits what yesterday came to (spec 4.2)."""
    return await digests.tell(database, Digest.DAILY_SUMMARY)
