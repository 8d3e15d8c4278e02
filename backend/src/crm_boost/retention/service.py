"""Use cases that change something: an alert put aside and taken back, the daily briefing (spec 5.2)."""

from datetime import date, timedelta
from typing import Any

from crm_boost.databases.customer_key import customer_key
from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.followups import service as followups
from crm_boost.followups.reading_repository import FollowUpFilter
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date, utc_now
from crm_boost.kit.errors import InvalidInput
from crm_boost.retention import listing_repository, repository
from crm_boost.retention.errors import unknown_customer
from crm_boost.retention.facts import Unit
from crm_boost.retention.listing import alert_row, quiet_at_risk, risk_counts, viewer_of, with_contacts
from crm_boost.retention.risk import Risk
from crm_boost.retention.schemas import AlertRef

DISMISSED_FOR = timedelta(days=7)
_PER_GROUP = 5
_FOLLOW_UP = (
    "record_id",
    "customer_id",
    "customer_key",
    "customer_display",
    "product_id",
    "database_name",
    "respond_date",
    "days_since_response",
    "urgency",
)


async def dismiss(session: WriteSession, principal: Principal, alert: AlertRef) -> dict[str, Any]:
    """Keep an alert from the caller for seven days, this one included. Others go on seeing it."""
    unit = await _visible(session, principal, alert)
    until = business_date(session.business.tz) + DISMISSED_FOR
    await repository.dismiss(session, principal.id, unit, until)
    await announce(session, "retention", {}, principal.id)
    return {"message": "The alert is dismissed for seven days.", "until": until}


async def undismiss(session: WriteSession, principal: Principal, alert: AlertRef) -> dict[str, Any]:
    """Show the caller a dismissed alert again."""
    unit = await _visible(session, principal, alert)
    changed = await repository.forget_dismissal(session, principal.id, unit)
    await announce(session, "retention", {}, principal.id)
    return {"message": "The alert is shown again." if changed else "The alert was not dismissed."}


async def _visible(session: ReadSession, principal: Principal, alert: AlertRef) -> Unit:
    key = customer_key(alert.customer_id)
    if not key:
        raise InvalidInput.of("customer_id", "Name the customer.", "missing")
    unit = Unit(key, alert.product_id)
    owner, viewer = await repository.owner_of(session, unit), viewer_of(principal)
    if owner is None or viewer not in (None, owner):
        raise unknown_customer(alert.customer_id)
    return unit


async def briefing(session: WriteSession, principal: Principal) -> dict[str, Any]:
    """Return what a staff is shown once a day. What was shown first stays until the day is over; only phone numbers are
    looked up anew, as a record may have gone to somebody else."""
    today = business_date(session.business.tz)
    if not principal.can(Permission.RECORDS_WORK):
        return {"show": False, "reason": "not_staff", "date": today}
    kept = await _kept(session, principal, today)
    if kept.dismissed_at is not None:
        return {"show": False, "reason": "already_seen", "date": today}
    at_risk = kept.content["at_risk"]
    rows = await with_contacts(session, principal, [row for risk in Risk for row in at_risk[risk]])
    grouped = {risk: [row for row in rows if row["risk_level"] == risk] for risk in Risk}
    return {"show": True, "date": today, **kept.content, "at_risk": {**at_risk, **grouped}}


async def dismiss_briefing(session: WriteSession, principal: Principal) -> dict[str, Any]:
    """The caller has seen today's briefing; it is not shown again before tomorrow."""
    if principal.can(Permission.RECORDS_WORK):
        today = business_date(session.business.tz)
        await _kept(session, principal, today)
        await repository.mark_seen(session, principal.id, today, utc_now())
        await announce(session, "retention", {}, principal.id)
    return {"message": "The daily briefing is dismissed."}


async def forget_ended(session: WriteSession) -> int:
    """Drop what no longer holds: dismissals that ended, briefings of days before (the job)."""
    return await repository.forget_ended(session, business_date(session.business.tz))


async def _kept(session: WriteSession, principal: Principal, today: date) -> Any:
    kept = await repository.briefing_of(session, principal.id, today)
    if kept is None:
        content = {
            "at_risk": await _at_risk(session, principal, today),
            "followups_by_product": await _follow_ups(session, principal),
        }
        await repository.keep_briefing(session, principal.id, today, content)
        kept = await repository.briefing_of(session, principal.id, today)
    assert kept is not None
    return kept


async def _at_risk(session: ReadSession, principal: Principal, today: date) -> dict[str, Any]:
    """The worst first: five of each level, those who may be lost next before others."""
    counts = await risk_counts(session, principal)
    found: dict[str, Any] = {f"total_{risk}": counts[risk] for risk in Risk}
    for risk in Risk:
        rows = await listing_repository.quiet(
            session,
            quiet_at_risk(today, risk, principal.id),
            viewer=principal.id,
            hidden_from=(principal.id, today),
            after=None,
            limit=_PER_GROUP - 1,
        )
        found[risk] = [_plain(alert_row(session, row)) for row in rows]
    return found


async def _follow_ups(session: ReadSession, principal: Principal) -> dict[str, Any]:
    products = (await followups.filters(session, principal))["products"]
    found: dict[str, Any] = {}
    for product in products:
        wanted = FollowUpFilter(product_id=product["id"])
        items = await followups.most_urgent(session, principal, _PER_GROUP, wanted)
        if items:
            total = (await followups.counts(session, principal, wanted)).waiting
            shown = [_plain({name: item[name] for name in _FOLLOW_UP}) for item in items]
            found[product["name"]] = {"items": shown, "total": total}
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Days as text, for keeping."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
