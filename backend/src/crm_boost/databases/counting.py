"""Keeping the stored counts of records short and true (ADR 52). Every command keeps them up by itself; this is for what adds
up behind it, and for desks to which something happened that no command did."""

from crm_boost.databases import counts_repository as repository
from crm_boost.db.engine import Database
from crm_boost.db.outbox import announce


async def add_up(database: Database) -> dict[str, int]:
    """The job: make one row of what transactions side by side have added to each count."""
    async with database.write() as session:
        return {"record_counts": await repository.add_up(session)}


async def check(database: Database) -> dict[str, int]:
    """The job: compare every count with the records, and store what differs, one database at a time."""
    async with database.read() as reading:
        wrong = await repository.wrong_databases(reading)
    corrected = 0
    for database_id in wrong:
        async with database.write() as session:
            # Some of it may have been put right since: what counts is what differs now.
            if differing := await repository.recount(session, [database_id]):
                corrected += differing
                await announce(session, "records", {})
    return {"counters": corrected}
