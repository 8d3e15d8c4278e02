"""Removes what nobody can use any more: what was in the trash for long, ended sign-ins, used-up idempotency keys, old
runs of jobs.

In small pieces: whoever works now never waits for it.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from crm_boost.assignments import purge
from crm_boost.db.engine import Database
from crm_boost.db.idempotency import forget_some_keys
from crm_boost.db.session import WriteSession
from crm_boost.deposits import service as deposits
from crm_boost.identity.repository import delete_expired_sessions
from crm_boost.identity.token_repository import delete_expired as delete_expired_tokens
from crm_boost.jobs import repository
from crm_boost.kit.clock import utc_now
from crm_boost.notifications import channel_repository as channel
from crm_boost.webhooks.repository import forget_before as forget_deliveries_before

KEEP_RUNS = timedelta(days=90)
KEEP_TRASH = timedelta(days=30)
_AT_ONCE = 500


async def trash_purge(database: Database) -> dict[str, int]:
    """Remove for good what has been in the trash for thirty days (spec 1.5, 3.6); return how much of each."""
    before = utc_now() - KEEP_TRASH
    async with database.write() as session:
        databases = await purge.discard_databases(session, before)
    return {
        "databases": databases,
        "records": await _all(database, lambda session: purge.remove_records(session, before)),
        "deposits": await _all(database, lambda session: deposits.purge_some(session, before)),
    }


async def session_cleanup(database: Database) -> dict[str, int]:
    """Remove what is over; return how many of each."""
    now = utc_now()
    return {
        "sessions": await _all(database, lambda session: delete_expired_sessions(session, now)),
        "api_tokens": await _all(database, lambda session: delete_expired_tokens(session, now - KEEP_TRASH)),
        "idempotency_keys": await _all(database, forget_some_keys),
        "channel_messages": await _all(database, lambda session: channel.forget_before(session, now - KEEP_RUNS)),
        "webhook_deliveries": await _all(database, lambda session: forget_deliveries_before(session, now - KEEP_TRASH)),
        "job_runs": await _all(database, lambda session: repository.forget_runs(session, now - KEEP_RUNS, _AT_ONCE)),
    }


async def _all(database: Database, remove_some: Callable[[WriteSession], Awaitable[int]]) -> int:
    """Repeat until nothing is left to remove, a unit of work for each piece."""
    removed = 0
    while True:
        async with database.write() as session:
            some = await remove_some(session)
        if not some:
            return removed
        removed += some
