"""What screens ask about reservations."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from crm_boost.databases.states import RecordState
from crm_boost.db.session import ReadSession
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date
from crm_boost.kit.paging import Page, decode_cursor, instant_key
from crm_boost.reservations import listing_repository as listing
from crm_boost.reservations import repository
from crm_boost.reservations.cleanup import Cleanup
from crm_boost.reservations.cleanup_config import grace_on, read_config, stored_config
from crm_boost.reservations.errors import unknown
from crm_boost.reservations.grace import CleanupConfig
from crm_boost.reservations.listing_repository import ReservationFilter
from crm_boost.reservations.routine import Effects
from crm_boost.reservations.service import keys_of
from crm_boost.reservations.states import ReservationStatus

_GROUPS = 200


async def list_reservations(
    session: ReadSession, principal: Principal, wanted: ReservationFilter, *, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return a page of reservations; staff see their own."""
    if not principal.can(Permission.RESERVATIONS_MANAGE):
        wanted = ReservationFilter(wanted.statuses, wanted.product_id, principal.id, wanted.q)
    after = None
    if cursor:
        at, seen = decode_cursor(cursor, kinds=(str, str))
        after = (instant_key(at), seen)
    page = await listing.list_reservations(session, wanted, after=after, limit=limit)
    page.rows = await _shaped(session, page.rows)
    return page


async def counts(session: ReadSession, principal: Principal) -> dict[str, int]:
    """Return the number of reservations by status; staff count their own."""
    own = None if principal.can(Permission.RESERVATIONS_MANAGE) else principal.id
    found = await listing.counts_by_status(session, own)
    return {str(status): found.get(status, 0) for status in ReservationStatus}


async def detail(session: ReadSession, principal: Principal, reservation_id: str) -> dict[str, Any]:
    """Return one reservation with its history; a staff's only to themselves."""
    row = await one(session, reservation_id)
    if row["staff_id"] != principal.id and not principal.can(Permission.RESERVATIONS_MANAGE):
        raise unknown(reservation_id)
    events = [
        {
            "at": event.at,
            "actor_name": event.actor_name,
            "kind": event.kind,
            "from_status": event.from_status,
            "to_status": event.to_status,
            "detail": event.detail,
            **({"reason": event.reason} if event.reason is not None else {}),
        }
        for event in await listing.events_of(session, reservation_id)
    ]
    return {**row, "events": events}


async def one(session: ReadSession, reservation_id: str, effects: Effects | None = None) -> dict[str, Any]:
    """Return the row of a reservation as it is now, with what a command did to records."""
    found = await listing.rows_of(session, [reservation_id])
    if reservation_id not in found:
        raise unknown(reservation_id)
    (row,) = await _shaped(session, [found[reservation_id]])
    return {**row, **(effects.as_answer() if effects is not None else {})}


async def impact(
    session: ReadSession, customer_id: str, aliases: Sequence[str], product_id: str, staff_id: str
) -> dict[str, Any]:
    """Return what giving this customer to this person would do now (spec 3.1)."""
    keys = keys_of(customer_id, aliases)
    holders: Counter[tuple[str, str]] = Counter()
    records = reserved = dropped = 0
    for row in await listing.records_of_customers(session, keys, product_id):
        records += row.count
        if row.state == RecordState.AVAILABLE:
            reserved += row.count
        elif row.state == RecordState.REQUESTED and row.held_for != staff_id:
            dropped += row.count
        elif row.state == RecordState.ASSIGNED and row.assigned_to != staff_id:
            holders[row.assigned_to, row.holder_name] += row.count
    owner = await repository.active_owner(session, product_id, keys)
    answer: dict[str, Any] = {
        "records": records,
        "to_be_reserved": reserved,
        "dropped_from_requests": dropped,
        "conflicts": [
            {"staff_id": holder, "staff_name": name, "count": count} for (holder, name), count in holders.most_common()
        ],
    }
    if owner is not None and owner.id != staff_id:
        answer["taken_by"] = owner.name
    return answer


async def impact_of(session: ReadSession, reservation_id: str, new_staff_id: str | None) -> dict[str, Any]:
    """Return what approving a reservation, or moving it to somebody, would do now."""
    row = await repository.find(session, reservation_id)
    if row is None:
        raise unknown(reservation_id)
    answer = await impact(session, row.customer_id, row.aliases, row.product_id, new_staff_id or row.staff_id)
    answer.pop("taken_by", None)
    return answer


async def duplicates(session: ReadSession) -> dict[str, Any]:
    """Return active reservations that look like one customer: reserved in several products, or sharing a phone."""
    groups: list[dict[str, Any]] = []
    for column, kind in (("customer_key", "identity"), ("phone_number", "phone")):
        values = await listing.duplicate_values(session, column, _GROUPS)
        by_value: dict[str, list[dict[str, Any]]] = {value: [] for value in values}
        rows = await listing.with_values(session, column, values)
        for row, shaped in zip(rows, await _shaped(session, rows), strict=True):
            by_value[getattr(row[0], column)].append(shaped)
        groups += [{"kind": kind, "value": value, "reservations": rows} for value, rows in by_value.items()]
    return {"total": len(groups), "duplicates": groups}


async def config(session: ReadSession) -> dict[str, Any]:
    """Return the days of grace and who changed them last."""
    stored = await stored_config(session)
    answer = stored.value.model_dump()
    if stored.updated_at is not None:
        answer.update(updated_at=stored.updated_at, updated_by=stored.updated_by_name)
    return answer


async def cleanup_answer(session: ReadSession, found: Cleanup) -> dict[str, Any]:
    """Shape the dry run of a cleanup."""
    every = [row for row, _ in (*found.over, *found.expiring)] + found.permanent
    names = await listing.rows_of(session, [row.id for row in every])

    def entry(row: Any, grace: Any = None) -> dict[str, Any]:
        shaped = {
            "id": row.id,
            "customer_id": row.customer_id,
            "product_name": names[row.id].product_name,
            "staff_id": row.staff_id,
            "staff_name": names[row.id].staff_name,
        }
        return (
            shaped if grace is None else {**shaped, "remaining_days": grace.remaining, "expires_on": grace.expires_on}
        )

    return {
        "config": await config(session),
        "total_approved_members": found.approved,
        "expiring_soon_count": len(found.expiring),
        "will_be_deleted_count": len(found.over),
        "permanent_members_count": len(found.permanent),
        "expiring_soon": [entry(*item) for item in found.expiring],
        "will_be_deleted": [entry(*item) for item in found.over],
        "permanent_members": [entry(row) for row in found.permanent],
    }


async def _shaped(session: ReadSession, rows: Sequence[Any]) -> list[dict[str, Any]]:
    settings, today = await read_config(session), business_date(session.business.tz)
    return [_row(session, settings, today, row) for row in rows]


_LEFT_OUT_WHEN_UNKNOWN = (
    "customer_name",
    "phone_number",
    "created_by",
    "approved_at",
    "approved_by",
    "approved_by_name",
    "last_omset_date",
    "ended_at",
    "ended_by_name",
    "grace_days_used",
)


def _row(session: ReadSession, settings: CleanupConfig, today: date, found: Any) -> dict[str, Any]:
    row = found[0]
    shaped: dict[str, Any] = {
        "id": row.id,
        "customer_id": row.customer_id,
        "customer_key": row.customer_key,
        "aliases": row.aliases,
        "product_id": row.product_id,
        "product_name": found.product_name,
        "staff_id": row.staff_id,
        "staff_name": found.staff_name,
        "status": row.status,
        "is_permanent": bool(row.is_permanent),
        "auto_reassigned": bool(row.auto_reassigned),
        "created_at": row.created_at,
        "created_by_name": row.created_by_name,
    }
    for name in _LEFT_OUT_WHEN_UNKNOWN:
        value = getattr(row, name)
        if value not in (None, ""):
            shaped[name] = value
    if row.ended_reason is not None:
        shaped["deleted_reason"] = row.ended_reason
    if row.last_omset_date is not None:
        shaped["days_since_last_omset"] = (today - row.last_omset_date).days
    if row.status == ReservationStatus.APPROVED and not row.is_permanent:
        grace = grace_on(session, settings, row, today)
        shaped.update(remaining_days=grace.remaining, expires_on=grace.expires_on)
    return shaped
