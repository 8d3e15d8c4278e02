"""Watching the data by the clock: every check is asked, and people are told once of each new finding (spec 3.5)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from crm_boost.db.engine import Database
from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.health.catalog import all_checks
from crm_boost.health.checks import Severity
from crm_boost.health.repositories import journal
from crm_boost.health.service import Finding, ask, monitoring, note, score_of, status_of
from crm_boost.identity.permissions import Page, Permission, roles_with
from crm_boost.kit.clock import utc_now
from crm_boost.notifications.repository import active_people
from crm_boost.notifications.service import tell_all

NOTIFICATION = "data_health"


async def run(database: Database) -> dict[str, int]:
    """What the scheduler calls: a look at everything, if it is switched on and the last one is long enough ago."""
    async with database.read() as session:
        config = (await monitoring(session)).value
        kept = (await journal.stored_findings(session)).values()
    last = max((row.checked_at for row in kept if row.checked_at), default=None)
    # A minute less: a run that began a little late must not skip the next one.
    pause = timedelta(hours=config.check_interval_hours, minutes=-1)
    if not config.enabled or (last is not None and utc_now() - last < pause):
        return {"skipped": 1}
    answer = await check_now(database)
    return {name: answer[name] for name in ("health_score", "issues_found", "warnings_found", "notifications_sent")}


async def check_now(database: Database) -> dict[str, Any]:
    """Ask every check, keep what it found, and tell admins of what is new. Nobody waits while the checks are asked."""
    async with database.read() as session:
        found = [await ask(session, check) for check in all_checks()]
    async with database.write() as session:
        return await _keep(session, found)


async def _keep(session: WriteSession, found: Sequence[Finding]) -> dict[str, Any]:
    """Store findings. New is what was not found the last time, or was never told because it was not to be; what went away
    and comes back is new. Of two looks at the same time the second finds told what the first has told."""
    now = utc_now()
    config = (await monitoring(session)).value
    kept = await journal.claim_findings(session, [item.check.name for item in found])
    new = []
    for item in found:
        row = kept[item.check.name]
        row.count, row.sample, row.checked_at = item.count, item.sample, now
        if item.count == 0:
            row.since = row.told_at = None
            continue
        row.since = row.since or now
        if row.told_at is None and config.tells_of(item.check.severity):
            row.told_at = now
            new.append(item)
    await session.flush()
    sent = 0
    if new:
        people = await active_people(session, roles_with(Permission.HEALTH_MANAGE), Page.HEALTH)
        messages = [
            (
                user_id,
                NOTIFICATION,
                {"check": item.check.name, "severity": str(item.check.severity), "count": item.count},
            )
            for user_id in people
            for item in new
        ]
        await tell_all(session, messages)
        for user_id in people:
            await announce(session, "notifications", {}, audience=user_id)
        sent = len(messages)
    bad = [item for item in found if item.count]
    by_severity = [item.check.severity for item in bad]
    score, warnings = score_of(by_severity), by_severity.count(Severity.LOW)
    answer = {
        "health_score": score,
        "issues_found": len(bad) - warnings,
        "critical_issues": by_severity.count(Severity.HIGH),
        "medium_issues": by_severity.count(Severity.MEDIUM),
        "warnings_found": warnings,
        "notifications_sent": sent,
    }
    await note(session, "proactive_health_check", "check", **answer)
    message = f"{len(found)} checks asked, {len(bad)} found something; the data is {status_of(score)}."
    return {**answer, "message": message, "checked_at": now}
