"""Follow-ups: who waits to be called again, and what staff do about it (spec 5.1)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from crm_boost.assignments.policies import all_policies
from crm_boost.contacts.repositories.contacts import add_events
from crm_boost.contacts.repositories.notes import add_note
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.deposits.money import from_minor, minor_units
from crm_boost.followups import reading_repository as reading
from crm_boost.followups import repository
from crm_boost.followups.errors import FollowUpMovedOn, UnknownFollowUp
from crm_boost.followups.ladder import Urgency, days_since, rung_at
from crm_boost.followups.reading_repository import FollowUpCounts, FollowUpFilter, Place
from crm_boost.followups.settling import announce, event, settle, touch
from crm_boost.followups.states import TABLE, FollowUpCommand, FollowUpState, Outcome
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date, utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.ids import new_id
from crm_boost.kit.paging import Page, decode_cursor, instant_key, page_of
from crm_boost.pools.rows import dealt_row

LONGEST_SNOOZE = timedelta(days=365)


def visible(principal: Principal, wanted: FollowUpFilter | None = None) -> FollowUpFilter:
    """Narrow a filter to what the caller may see: staff their own, whatever staff was named; others all of the modules
    that are open to them."""
    wanted = wanted or FollowUpFilter()
    if not principal.can(Permission.RECORDS_READ_ALL):
        return replace(wanted, staff_id=principal.id)
    modules = [policy.module for policy in all_policies() if policy.page not in principal.blocked_pages]
    return wanted if len(modules) == len(all_policies()) else replace(wanted, modules=modules)


async def counts(session: ReadSession, principal: Principal, wanted: FollowUpFilter | None = None) -> FollowUpCounts:
    """Return how many follow-ups the caller has, by urgency and by what became of them. One statement."""
    return await reading.counts(session, visible(principal, wanted), business_date(session.business.tz))


async def most_urgent(
    session: ReadSession, principal: Principal, limit: int, wanted: FollowUpFilter | None = None
) -> list[dict[str, Any]]:
    """Return the oldest follow-ups that wait now, as rows of the list. One statement."""
    return (await page(session, principal, wanted or FollowUpFilter(), cursor=None, limit=limit)).rows


async def page(
    session: ReadSession, principal: Principal, wanted: FollowUpFilter, *, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return a page of follow-ups, the oldest answer first. It is not counted: `counts` does that."""
    wanted, today = visible(principal, wanted), business_date(session.business.tz)
    viewer = _viewer(principal)
    rows = await reading.page_rows(session, wanted, today, viewer=viewer, after=_after(cursor, wanted), limit=limit + 1)
    snoozed = wanted.shown == "snoozed"
    found = page_of(
        list(rows), limit, None, lambda row: ((row.snoozed_until if snoozed else row.responded_at).isoformat(), row.id)
    )
    found.rows = [_row(row, viewer, today) for row in found.rows]
    return found


async def listed(
    session: ReadSession, principal: Principal, wanted: FollowUpFilter, *, cursor: str | None, limit: int
) -> tuple[Page[dict[str, Any]], dict[str, Any]]:
    """Return a page with its total, and the summary of all pages. Two statements."""
    found = await page(session, principal, wanted, cursor=cursor, limit=limit)
    counted = await counts(session, principal, wanted)
    found.total = _total(counted, wanted)
    return found, {**summary_of(counted), "total": found.total}


async def bell(session: ReadSession, principal: Principal, limit: int) -> dict[str, Any]:
    """Return what the bell shows: those who wait for a day or longer, the oldest first, and how many there are."""
    counted = (await counts(session, principal)).open
    rows = await most_urgent(session, principal, limit)
    urgent = {str(rung): counted[rung] for rung in Urgency if rung is not Urgency.LOW}
    total = sum(urgent.values())
    return {
        "notifications": [row for row in rows if row["urgency"] != Urgency.LOW],
        "count": total,
        "summary": {**urgent, "total": total},
    }


async def filters(session: ReadSession, principal: Principal) -> dict[str, Any]:
    """Return what the list can be narrowed to: products, databases and people that have follow-ups."""
    return await reading.choices(session, visible(principal))


async def check_deposited(session: ReadSession, principal: Principal, record_id: str) -> dict[str, Any]:
    """Return whether the customer of a follow-up has deposited since the answer, and the latest such deposit."""
    row = await _require(session, principal, record_id)
    found = await reading.deposit_after(
        session, row["staff_id"], row["customer_key"], row["product_id"], row["respond_on"]
    )
    info = None
    if found is not None:
        info = {
            "deposit_id": found.id,
            "record_date": found.record_date,
            "amount": from_minor(found.total, minor_units(session.business.currency)),
            "customer_type": found.customer_type,
        }
    return {"record_id": record_id, "is_deposited": found is not None, "deposit_info": info}


async def snooze(
    session: WriteSession, principal: Principal, record_id: str, until: date, note: str | None
) -> dict[str, Any]:
    """Hide a follow-up from those that wait until a day; on that day it is back by itself."""
    today = business_date(session.business.tz)
    if until <= today:
        raise InvalidInput.of("until", "Choose a day after today.", "snooze_not_later")
    if until > today + LONGEST_SNOOZE:
        raise InvalidInput.of("until", "Choose a day within a year.", "snooze_too_long")
    return await _say(session, principal, record_id, FollowUpCommand.SNOOZE, note, until)


async def close(
    session: WriteSession, principal: Principal, record_id: str, outcome: Outcome, note: str | None
) -> dict[str, Any]:
    """Close a follow-up: done, or lost. It stays closed until the customer answers anew or somebody reopens it."""
    command = FollowUpCommand.DONE if outcome == "done" else FollowUpCommand.LOST
    return await _say(session, principal, record_id, command, note)


async def reopen(session: WriteSession, principal: Principal, record_id: str) -> dict[str, Any]:
    """Take back an outcome or a snooze; the follow-up waits again."""
    return await _say(session, principal, record_id, FollowUpCommand.REOPEN, None)


async def write_note(session: WriteSession, principal: Principal, record_id: str, text: str) -> dict[str, Any]:
    """Write a note on the record of a follow-up and return the follow-up."""
    row = await _require(session, principal, record_id)
    context = current_context()
    note = {"id": new_id(), "author_name": context.actor_name, "text": text, "record_seq": row["record_seq"]}
    await add_note(session, {**note, "at": utc_now(), "author_id": context.actor_id})
    await announce(session, [row["staff_id"]])
    return await _answer(session, principal, record_id)


async def _say(
    session: WriteSession,
    principal: Principal,
    record_id: str,
    command: FollowUpCommand,
    note: str | None,
    until: date | None = None,
) -> dict[str, Any]:
    seen = await _require(session, principal, record_id)
    await repository.lock_staff(session, [seen["staff_id"]])
    row = await _require(session, principal, record_id)
    transition = TABLE[command]
    if row["state"] not in transition.sources:
        raise FollowUpMovedOn("The customer has deposited, or the follow-up is closed.", state=row["state"])
    if (row["outcome"], row["snoozed_until"]) != (transition.outcome, until) or note:
        await repository.say(session, row, transition.outcome, until)
        before = row["snoozed_until"].isoformat() if row["snoozed_until"] else row["state"]
        said = event(row, before, until.isoformat() if until else command, note)
        await add_events(session, [said])
        await announce(session, [row["staff_id"]])
        touch(session, records=[row["record_seq"]], staff=[row["staff_id"]])
        await settle(session)
    return await _answer(session, principal, record_id)


async def _require(session: ReadSession, principal: Principal, record_id: str) -> dict[str, Any]:
    """Return a follow-up that the caller may see; 404 for any other."""
    row = await repository.find(session, record_id)
    scope = visible(principal)
    if row is None or scope.staff_id not in (None, row["staff_id"]) or not await _is_open_to(session, scope, row):
        raise UnknownFollowUp("There is no such follow-up.", id=record_id)
    return row


async def _is_open_to(session: ReadSession, scope: FollowUpFilter, row: dict[str, Any]) -> bool:
    return scope.modules is None or await repository.module_of(session, row["database_id"]) in scope.modules


async def _answer(session: ReadSession, principal: Principal, record_id: str) -> dict[str, Any]:
    viewer = _viewer(principal)
    return _row(await reading.row_of(session, record_id, viewer), viewer, business_date(session.business.tz))


def _viewer(principal: Principal) -> str | None:
    return None if principal.can(Permission.RECORDS_READ_ALL) else principal.id


def _after(cursor: str | None, wanted: FollowUpFilter) -> Place | None:
    if cursor is None:
        return None
    at, record_id = decode_cursor(cursor, kinds=(str, str))
    if wanted.shown != "snoozed":
        return instant_key(at), record_id
    try:
        return date.fromisoformat(at), record_id
    except ValueError as error:
        raise InvalidInput.of("cursor", "This cursor belongs to another list.", "foreign_cursor") from error


def _total(counted: FollowUpCounts, wanted: FollowUpFilter) -> int | None:
    """Return how many rows the list has; None where that is not counted: closed or snoozed ones by urgency."""
    if wanted.shown == "open":
        return counted.waiting if wanted.urgency is None else counted.open[wanted.urgency]
    return int(getattr(counted, wanted.shown)) if wanted.urgency is None else None


def summary_of(counted: FollowUpCounts) -> dict[str, Any]:
    """Shape counters: the buckets of those that wait, and what became of the others who said yes."""
    return {
        "total": counted.waiting,
        **{str(rung): people for rung, people in counted.open.items()},
        "deposited": counted.deposited,
        "snoozed": counted.snoozed,
        "done": counted.done,
        "lost": counted.lost,
    }


def _row(row: Any, viewer: str | None, today: date) -> dict[str, Any]:
    """Shape one follow-up, with of the record what its holder, or an admin, sees of it anywhere."""
    record = dealt_row(row, staff_id=viewer)
    days = days_since(row.respond_on, today)
    rung = rung_at(days)
    shaped = {
        "record_id": record["id"],
        "customer_display": record.get("display_name") or record["customer_id"],
        "customer_id": record["customer_id"],
        "customer_key": row.customer_key,
        "product_id": row.follow_up_product,
        "product_name": row.product_name,
        "database_id": record["database_id"],
        "database_name": record["database_name"],
        "staff_id": record["assigned_to"],
        "staff_name": record.get("assigned_to_name", ""),
        "row_data": record["row_data"],
        "respond_date": row.respond_on,
        "respond_at": row.responded_at,
        "days_since_response": days,
        "reminder_level": rung.level,
        "reminder_label": rung.label,
        "urgency": rung.urgency,
        "urgency_color": rung.color,
        "whatsapp_status": record["whatsapp_status"],
        "state": _shown_state(row, today),
        "note_count": record["note_count"],
    }
    if "phone_e164" in record:
        shaped["phone_e164"] = record["phone_e164"]
    if row.snoozed_until is not None and row.snoozed_until > today:
        shaped["snoozed_until"] = row.snoozed_until
    return shaped


def _shown_state(row: Any, today: date) -> str:
    asleep = row.snoozed_until is not None and row.snoozed_until > today
    return "snoozed" if asleep and row.follow_up_state == FollowUpState.OPEN else str(row.follow_up_state)
