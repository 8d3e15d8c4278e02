"""Emptying the trash (spec 1.5, 3.6): what has been in it for long enough is removed for good, by a job, never by a
command of a user."""

from datetime import datetime

from crm_boost.assignments.repositories import locking
from crm_boost.assignments.repositories import purging as repository
from crm_boost.databases.states import DatabaseState
from crm_boost.db.audit import record_audit
from crm_boost.db.session import WriteSession

_AT_ONCE = 1000


async def discard_databases(session: WriteSession, before: datetime) -> int:
    """Discard the databases that have been in the trash since before an instant; return how many. Their rows stay, so
    that batches, requests and imports keep their names; the records are removed in the background."""
    discarded = 0
    for database_id in await repository.databases_trashed_before(session, before):
        database = await locking.claim_database(session, database_id)
        # Somebody may have restored it just now.
        if database is None or database.state != DatabaseState.READY or database.deleted_at is None:
            continue
        await repository.discard(session, database_id)
        await record_audit(session, "database.purged", "database", database_id)
        discarded += 1
    return discarded


async def remove_records(session: WriteSession, before: datetime) -> int:
    """Remove some of the records that have been in the trash since before an instant; return how many, 0 when done."""
    removed = await repository.remove_trashed_records(session, before, _AT_ONCE)
    if removed:
        await record_audit(session, "records.purged", "records", "trash", count=removed)
    return removed
