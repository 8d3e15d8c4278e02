"""Digests: each person's figures once a day in the inbox, the team's in the channel (spec 5.1, 5.2, 4.2).

Figures are those of the pages they lead to. Building one changes nothing: a preview is the same function without the end.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from crm_boost.db.engine import Database
from crm_boost.db.outbox import announce_to
from crm_boost.db.session import ReadSession
from crm_boost.deposits.figures import daily_summary
from crm_boost.followups.ladder import Urgency
from crm_boost.identity.permissions import Page, Permission, Role, roles_with
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date
from crm_boost.notifications import digest_repository as repository
from crm_boost.notifications.channel_service import config_of, tell_channel
from crm_boost.notifications.digest_kinds import Digest
from crm_boost.notifications.digest_text import DigestFigures, text_of
from crm_boost.notifications.service import tell_all
from crm_boost.retention.listing import alerts_by_staff

_DAY = timedelta(days=1)
_DESK = Principal("", "", max(Role, key=lambda role: role.rank), frozenset(), "")
"""Sees what an admin sees who has put nothing aside."""


async def _overseers(session: ReadSession, page: Page) -> list[str]:
    people = await repository.people_named(session, roles_with(Permission.RECORDS_READ_ALL))
    return [user_id for user_id, (_, blocked) in people.items() if page not in blocked]


async def _by_person(
    session: ReadSession, digest: Digest, page: Page, found: Mapping[str, Mapping[str, int]], total: Mapping[str, int]
) -> DigestFigures:
    """Each staff is told their own figures, whoever oversees them the sums; nobody is told of nothing."""
    staff = await repository.people_named(session, roles_with(Permission.RECORDS_WORK))
    told = {
        user_id: dict(found[user_id])
        for user_id, (_, blocked) in staff.items()
        if user_id in found and page not in blocked
    }
    if total["count"]:
        told |= {user_id: dict(total) for user_id in await _overseers(session, page)}
    named = [(name, found[user_id]["count"]) for user_id, (name, _) in staff.items() if user_id in found]
    named.sort(key=lambda one: (-one[1], one[0]))
    return DigestFigures(digest, business_date(session.business.tz), total, named, told)


async def _follow_ups(session: ReadSession) -> DigestFigures:
    by_staff = await repository.follow_ups_by_staff(session, business_date(session.business.tz))
    found = {
        staff_id: {"count": sum(rungs.values()), **{str(rung): people for rung, people in rungs.items()}}
        for staff_id, rungs in by_staff.items()
    }
    names = ("count", *map(str, Urgency))
    total = {name: sum(figures[name] for figures in found.values()) for name in names}
    return await _by_person(session, Digest.FOLLOW_UPS, Page.FOLLOW_UPS, found, total)


async def _at_risk(session: ReadSession) -> DigestFigures:
    answer = await alerts_by_staff(session, _DESK, None)

    def figures(row: Mapping[str, Any]) -> dict[str, int]:
        return {"count": row["total"], **{name: row[name] for name in ("critical", "high", "medium")}}

    found = {row["staff_id"]: figures(row) for row in answer["staff"]}
    return await _by_person(session, Digest.AT_RISK, Page.RETENTION, found, figures(answer["summary"]))


async def _daily_summary(session: ReadSession) -> DigestFigures:
    """Yesterday, when the day is over; told to who sees everybody's deposits."""
    yesterday = business_date(session.business.tz) - _DAY
    day = await daily_summary(session, _DESK, yesterday, None)
    before = await daily_summary(session, _DESK, yesterday - _DAY, None)
    total = {
        "money": day["total_omset"],
        "forms": day["total_forms"],
        "ndp": day["total_ndp"],
        "rdp": day["total_rdp"],
        "before": before["total_omset"],
    }
    staff = [(row["staff_name"], row["total_depo"]) for row in day["staff_breakdown"]]
    people = await repository.people_named(session, roles_with(Permission.DEPOSITS_MANAGE))
    data = {"date": yesterday.isoformat(), **total}
    told = {user_id: data for user_id, (_, blocked) in people.items() if Page.OMSET not in blocked}
    return DigestFigures(Digest.DAILY_SUMMARY, yesterday, total, staff, told)


_BUILD: dict[Digest, Callable[[ReadSession], Awaitable[DigestFigures]]] = {
    Digest.FOLLOW_UPS: _follow_ups,
    Digest.AT_RISK: _at_risk,
    Digest.DAILY_SUMMARY: _daily_summary,
}


async def preview(session: ReadSession, digest: Digest) -> dict[str, Any]:
    """Return what would be told if it were time now. Changes nothing."""
    figures, config = await _BUILD[digest](session), await config_of(session)
    return {
        "digest": digest,
        "date": figures.day,
        "text": text_of(figures, config.language),
        "people": len(figures.told),
        "sends": config.enabled and digest in config.digests,
    }


async def tell(database: Database, digest: Digest) -> dict[str, int]:
    """Tell a digest, once for each business day (the job): in one transaction, the channel's message with it."""
    async with database.write() as session:
        figures, config = await _BUILD[digest](session), await config_of(session)
        wanted = config.enabled and digest in config.digests
        key = f"{digest}:{figures.day.isoformat()}"
        if not await tell_channel(session, digest, key, text_of(figures, config.language), wanted=wanted):
            return {"told": 0}
        await tell_all(session, [(user_id, f"digest_{digest}", dict(data)) for user_id, data in figures.told.items()])
        if figures.told:
            await announce_to(session, "notifications", {}, list(figures.told))
        return {"told": len(figures.told)}
