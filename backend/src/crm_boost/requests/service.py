"""Use cases: ask for records, look at requests, change how they are approved (spec 2.3)."""

import random
from typing import Any

from crm_boost.assignments.errors import UnknownDatabase
from crm_boost.assignments.holds import hold
from crm_boost.assignments.policies import all_policies, policy_of
from crm_boost.assignments.policies.base import Policy
from crm_boost.configuration.service import Stored, read, write
from crm_boost.db.audit import record_audit
from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date, start_of_day, utc_now
from crm_boost.kit.ids import new_id
from crm_boost.kit.paging import Page, decode_cursor, instant_key
from crm_boost.requests import listing_repository as listing
from crm_boost.requests import repository
from crm_boost.requests.auto_approval import SETTINGS, AutoApproval, Wanted
from crm_boost.requests.errors import unknown
from crm_boost.requests.events import RequestWaits
from crm_boost.requests.review_service import expire_due, give
from crm_boost.requests.schemas import Ask, AutoApprovalUpdate

_secure = random.SystemRandom()

_MESSAGES = {
    True: "Database set to: Auto-Approve",
    False: "Database set to: Manual Approval",
    None: "Database set to: Follow Global Setting",
}


def _modules() -> list[str]:
    """The modules whose hand-outs start by a request."""
    return [policy.module for policy in all_policies() if policy.takes_requests]


async def ask(
    session: WriteSession, principal: Principal, wanted: Ask, *, rng: random.Random = _secure
) -> dict[str, Any]:
    """Hold exactly so many random records for the caller until somebody decides, or give them at once.

    Refused with 404 for a database nobody may ask of, with 409 and `eligible_count` where there are too few, and
    with 409 and `room` beyond the caller's capacity.
    """
    database = await repository.find_database(session, wanted.database_id, _modules())
    if database is None:
        raise UnknownDatabase("There is no such database.", id=wanted.database_id, field="database_id")
    policy, now, request_id = policy_of(database.module), utc_now(), new_id()
    settings = await auto_approval(session)
    until = now + settings.value.hold
    due = repository.is_due(now, database.id)
    waiting = await repository.askers(session, *due)

    async def tidy() -> None:
        if waiting:
            await expire_due(session, database_id=database.id, staff_ids=waiting)

    await hold(
        session,
        policy,
        database.id,
        principal.id,
        wanted.record_count,
        request_id=request_id,
        until=until,
        first=tidy,
        others=waiting,
        rng=rng,
    )
    values = {
        "id": request_id,
        "module": policy.module,
        "database_id": database.id,
        "staff_id": principal.id,
        "requested_by_name": principal.name,
        "record_count": wanted.record_count,
        "requested_at": now,
        "expires_at": until,
        "auto_approved": False,
        "assigned_count": 0,
        "skipped_reserved_count": 0,
    }
    await repository.add_request(session, values)
    # The staff is locked alone since the hold: of any number of requests at once each sees what the others got.
    today = start_of_day(session.business.tz, business_date(session.business.tz))
    given = await repository.given_at_once_since(session, principal.id, today)
    if settings.value.approves(Wanted(wanted.record_count, database.auto_approve, given)):
        claimed = await repository.claim_request(session, request_id)
        await give(session, claimed, at_once=True)
    else:
        await session.emit(RequestWaits(request_id, principal.name, wanted.record_count, database.name))
    await announce(session, "requests", {"staff_id": principal.id})
    return await one(session, request_id)


async def one(session: ReadSession, request_id: str, staff_id: str | None = None) -> dict[str, Any]:
    """Return a request as it is shown, of one staff only where given, or refuse with 404."""
    row = await listing.get_request(session, request_id, staff_id)
    if row is None:
        raise unknown(request_id)
    return row


def _whose(principal: Principal) -> str | None:
    """Return whose requests a caller sees: everybody's (None), or his own."""
    return None if principal.can(Permission.REQUESTS_REVIEW) else principal.id


async def detail(session: ReadSession, principal: Principal, request_id: str) -> dict[str, Any]:
    """Return a request with what happened to it; somebody else's is a 404 for staff."""
    row = await one(session, request_id, _whose(principal))
    return {**row, "events": await listing.events_of(session, request_id)}


async def list_requests(
    session: ReadSession, principal: Principal, wanted: listing.RequestFilter, *, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return requests, the newest first; staff see their own, whatever they filter by."""
    own = _whose(principal)
    if own is not None:
        if wanted.staff_id not in (None, own):
            return Page([], 0, None)
        wanted = listing.RequestFilter(own, wanted.database_id, wanted.status)
    after = decode_cursor(cursor, kinds=(int,))[0] if cursor else None
    return await listing.list_requests(session, wanted, after=after, limit=limit)


async def stats(session: ReadSession, principal: Principal) -> dict[str, int]:
    """Return the counts of requests the caller sees; today is the business day."""
    zone = session.business.tz
    return await listing.stats(session, _whose(principal), start_of_day(zone, business_date(zone)))


async def requestable_databases(
    session: ReadSession, principal: Principal, *, q: str | None, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return what staff may ask records of: names, products and counts."""
    after = None
    if cursor:
        at, seen = decode_cursor(cursor, kinds=(str, str))
        after = (instant_key(at), seen)
    settings = (await auto_approval(session)).value
    page = await listing.requestable(session, principal.id, _modules(), q=q, after=after, limit=limit)
    for row in page.rows:
        row["is_auto_approved"] = settings.covers(row.pop("auto_approve"))
    return page


async def auto_approval(session: ReadSession) -> Stored[AutoApproval]:
    """Return how requests are approved, and who changed it last."""
    return await read(session, SETTINGS, AutoApproval)


async def change_auto_approval(session: WriteSession, update: AutoApprovalUpdate) -> Stored[AutoApproval]:
    """Change the settings given; what is left out stays as it is."""
    before = (await auto_approval(session)).value
    changes = update.model_dump(exclude_unset=True)
    for required in ("enabled", "hold_hours"):
        if changes.get(required) is None:
            changes.pop(required, None)
    stored = await write(session, SETTINGS, before.model_copy(update=changes))
    await announce(session, "requests", {})
    return stored


async def set_auto_approve(
    session: WriteSession, policy: Policy, database_id: str, value: bool | None
) -> dict[str, Any]:
    """Say of one database whether its requests are approved at once (None: as everywhere)."""
    database = await repository.find_database(session, database_id, [policy.module])
    if database is None:
        raise UnknownDatabase("There is no such database.", id=database_id)
    await repository.set_auto_approve(session, database_id, value)
    await record_audit(
        session, "database.auto_approve", "database", database_id, **{"from": database.auto_approve, "to": value}
    )
    await announce(session, "databases", {"id": database_id, "module": policy.module})
    await announce(session, "requests", {})
    return {"auto_approve": value, "message": _MESSAGES[value]}
