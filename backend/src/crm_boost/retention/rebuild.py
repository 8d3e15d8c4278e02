"""Looking for drift between the ledger and what is stored of its customers, and building that anew (spec 5.2)."""

from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.deposits.rebuild_repository import drift_of
from crm_boost.retention import rebuild_repository as repository
from crm_boost.retention.service import forget_ended


async def rebuild(database: Database) -> None:
    """Build everything anew from the ledger, in one transaction: bookings wait for its end."""
    async with database.write() as session:
        await repository.build(session)


async def check(database: Database) -> dict[str, int]:
    """The job of the night: count what differs from the ledger, and build anew where anything does; what people put aside
    and is over, goes."""
    async with database.read() as session:
        found = (await drift_of(session, repository.wrong_retention())).count
    if found:
        await rebuild(database)
        async with database.write() as session:
            await record_audit(session, "retention.rebuild", "ledger", "retention", updated_count=found)
    async with database.write() as session:
        ended = await forget_ended(session)
    return {"differing": found, "ended": ended}
