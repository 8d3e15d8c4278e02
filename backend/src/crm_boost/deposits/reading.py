"""What screens ask about deposits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from crm_boost.databases.customer_key import customer_key
from crm_boost.db.session import ReadSession
from crm_boost.deposits import grounds, repository
from crm_boost.deposits import listing_repository as listing
from crm_boost.deposits.classification import Entry, Key, standing_of
from crm_boost.deposits.entry import is_tambahan
from crm_boost.deposits.errors import unknown
from crm_boost.deposits.ledger_config import stored_config
from crm_boost.deposits.listing_repository import DepositFilter
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.money import MULTIPLIER_SCALE, from_minor, minor_units
from crm_boost.deposits.schemas import DepositForm
from crm_boost.deposits.states import CustomerType, DepositStatus
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import InvalidInput, Problem
from crm_boost.kit.paging import Page, decode_cursor, instant_key

RESERVED = "reserved_by_other"
_GROUPS = 200
_SUGGESTIONS = 20


def own_only(principal: Principal, wanted: DepositFilter) -> DepositFilter:
    """Narrow a filter to what the caller may see: staff their own, whatever staff was named."""
    return wanted if principal.can(Permission.DEPOSITS_MANAGE) else replace(wanted, staff_id=principal.id)


async def list_deposits(
    session: ReadSession, principal: Principal, wanted: DepositFilter, *, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return a page of deposits, the latest day first; staff see their own."""
    page = await listing.list_deposits(session, own_only(principal, wanted), after=_day_and_id(cursor), limit=limit)
    return _shaped(session, principal, page)


async def list_pending(
    session: ReadSession, principal: Principal, *, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return a page of what waits for a decision."""
    page = await listing.list_pending(session, after=_day_and_id(cursor), limit=limit)
    return _shaped(session, principal, page)


async def list_trash(
    session: ReadSession, principal: Principal, *, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return a page of the trash."""
    after = None
    if cursor:
        at, seen = decode_cursor(cursor, kinds=(str, str))
        after = (instant_key(at), seen)
    return _shaped(session, principal, await listing.list_trash(session, after=after, limit=limit))


async def one(session: ReadSession, principal: Principal, deposit_id: str) -> dict[str, Any]:
    """Return the row of a deposit, also of one in the trash; a staff's only to themselves and admins."""
    found = await listing.one(session, deposit_id)
    if found is None or not _may_see(principal, found[0]):
        raise unknown(deposit_id)
    return row_of(session, principal, found)


async def detail(session: ReadSession, principal: Principal, deposit_id: str) -> dict[str, Any]:
    """Return a deposit, why it is what it is, and its history."""
    row = await one(session, principal, deposit_id)
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
        for event in await listing.events_of(session, deposit_id)
    ]
    return {**row, "explanation": await explain(session, principal, deposit_id), "events": events}


async def explain(session: ReadSession, principal: Principal, deposit_id: str) -> dict[str, Any]:
    """Return why a deposit is NDP or RDP: its key, and the first deposit that decided it (spec 4.1)."""
    found = await listing.one(session, deposit_id)
    if found is None or not _may_see(principal, found[0]):
        raise unknown(deposit_id)
    deposit = found[0]
    first, decided_by = await listing.first_of_key(session, deposit)
    answer: dict[str, Any] = {
        "customer_type": deposit.customer_type,
        "reason": _reason(deposit.customer_type, tambahan=deposit.tambahan),
        "staff_id": deposit.staff_id,
        "staff_name": found.staff_name,
        "customer_key": deposit.customer_key,
        "product_id": deposit.product_id,
        "product_name": found.product_name,
    }
    if first is not None and decided_by is not None:
        answer["first_date"] = first
        answer["decided_by"] = {
            "id": decided_by.id,
            "record_date": decided_by.record_date,
            "created_at": decided_by.created_at,
            "created_by_name": decided_by.created_by_name,
        }
    return answer


async def preview(session: ReadSession, principal: Principal, forms: Sequence[DepositForm]) -> list[dict[str, Any]]:
    """Return what each form would be if it were saved now, each for itself; nothing is written."""
    admission = await grounds.Admission.open(session, principal)
    return [await _previewed(session, admission, form) for form in forms]


async def booked_rows(
    session: ReadSession, principal: Principal, found: Sequence[Deposit | list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Return what became of forms: the row of the deposit, or what is wrong."""
    ids = [one.id for one in found if isinstance(one, Deposit)]
    rows = {row[0].id: row_of(session, principal, row) for row in await listing.several(session, ids)}
    return [{"deposit": rows[one.id]} if isinstance(one, Deposit) else {"errors": one} for one in found]


async def _previewed(session: ReadSession, admission: grounds.Admission, form: DepositForm) -> dict[str, Any]:
    try:
        admitted = await admission.admit(form)
    except Problem as refusal:
        return {"errors": grounds.errors_of(refusal)}
    money, note = admitted.money, form.keterangan or ""
    key = Key(admitted.owner_id, customer_key(form.customer_id), admitted.product.id)
    entry = Entry("", form.record_date, is_tambahan(note, form.tambahan), money.nominal, money.total)
    stored = (await repository.entries_of(session, [key]))[key]
    standing = standing_of([*stored.values(), entry])
    like = Deposit(
        staff_id=key.staff_id,
        customer_key=key.customer_key,
        product_id=key.product_id,
        record_date=form.record_date,
        nominal=money.nominal,
        multiplier=money.multiplier,
        note=note,
        tambahan=entry.tambahan,
    )
    known = await repository.grounds_of(session, like, utc_now() - grounds.TWICE_WITHIN)
    waits = known.is_taken and await grounds.reserved_by_other(session, key) is not None
    answer: dict[str, Any] = {
        "customer_type": standing.types[""],
        "reason": _reason(standing.types[""], tambahan=entry.tambahan),
        "approval_status": DepositStatus.PENDING if waits else DepositStatus.APPROVED,
        "possible_duplicate": known.twin,
    }
    if standing.first_date is not None:
        answer["first_date"] = standing.first_date
    return answer


async def duplicates(session: ReadSession, wanted: DepositFilter) -> dict[str, Any]:
    """Return customers of a product with deposits of two or more staff (spec 4.2)."""
    total, records, rows = await listing.duplicate_groups(session, wanted, _GROUPS)
    scale = minor_units(session.business.currency)
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        group = groups.setdefault(
            (row.customer_key, row.product_id),
            {
                "customer_key": row.customer_key,
                "customer_id": row.customer_id,
                "product_id": row.product_id,
                "product_name": row.product_name,
                "staff": [],
            },
        )
        total_depo = from_minor(int(row.total), scale)
        group["staff"].append(
            {
                "staff_id": row.staff_id,
                "staff_name": row.staff_name,
                "record_count": row.record_count,
                "total_depo": total_depo,
            }
        )
    for group in groups.values():
        group["staff_count"] = len(group["staff"])
        for name in ("record_count", "total_depo"):
            group[name] = sum(staff[name] for staff in group["staff"])
    return {"total_duplicates": total, "total_records_involved": records, "duplicates": list(groups.values())}


async def known_customers(
    session: ReadSession, principal: Principal, *, staff_id: str | None, product_id: str | None, q: str
) -> list[dict[str, Any]]:
    """Return customers that somebody has booked before, for the entry grid: the caller, or whom an admin names."""
    owner = staff_id if staff_id and principal.can(Permission.DEPOSITS_MANAGE) else principal.id
    rows = await listing.known_customers(session, owner, product_id, q, _SUGGESTIONS)
    return [
        {
            "customer_id": row.customer_id,
            "customer_name": row.customer_name,
            "customer_key": row.customer_key,
            "last_date": row.last_date,
            "forms": int(row.forms),
        }
        for row in rows
    ]


async def ledger_settings(session: ReadSession) -> dict[str, Any]:
    """Return the last closed day and who set it."""
    stored = await stored_config(session)
    answer: dict[str, Any] = stored.value.model_dump()
    if stored.updated_at is not None:
        answer.update(updated_at=stored.updated_at, updated_by=stored.updated_by_name)
    return answer


def _may_see(principal: Principal, deposit: Deposit) -> bool:
    return deposit.staff_id == principal.id or principal.can(Permission.DEPOSITS_MANAGE)


def _reason(kind: str | None, *, tambahan: bool) -> str:
    if kind is None:
        return "does_not_count"
    if tambahan:
        return "tambahan"
    return "first_day" if kind == CustomerType.NDP else "after_first_day"


def _day_and_id(cursor: str | None) -> tuple[date, str] | None:
    if not cursor:
        return None
    day, seen = decode_cursor(cursor, kinds=(str, str))
    try:
        return date.fromisoformat(day), seen
    except ValueError as error:
        raise InvalidInput.of("cursor", "This cursor belongs to another list.", "foreign_cursor") from error


def _shaped(session: ReadSession, principal: Principal, page: Page[Any]) -> Page[dict[str, Any]]:
    page.rows = [row_of(session, principal, row) for row in page.rows]
    return page


_LEFT_OUT_WHEN_UNKNOWN = (
    "customer_name",
    "decline_reason",
    "reviewed_at",
    "reviewed_by_name",
    "deleted_at",
    "deleted_by_name",
)


def row_of(session: ReadSession, principal: Principal, found: Any) -> dict[str, Any]:
    """Shape a row of `listing_repository` for the API."""
    deposit, scale = found[0], minor_units(session.business.currency)
    shaped: dict[str, Any] = {
        "id": deposit.id,
        "product_id": deposit.product_id,
        "product_name": found.product_name,
        "staff_id": deposit.staff_id,
        "staff_name": found.staff_name,
        "record_date": deposit.record_date,
        "customer_id": deposit.customer_id,
        "customer_key": deposit.customer_key,
        "nominal": from_minor(deposit.nominal, scale),
        "depo_kelipatan": from_minor(deposit.multiplier, MULTIPLIER_SCALE),
        "depo_total": from_minor(deposit.total, scale),
        "keterangan": deposit.note,
        "tambahan": bool(deposit.tambahan),
        "customer_type": deposit.customer_type,
        "approval_status": deposit.status,
        "possible_duplicate": bool(deposit.possible_duplicate),
        "created_at": deposit.created_at,
        "created_by_name": deposit.created_by_name,
        "version": deposit.version,
    }
    for name in _LEFT_OUT_WHEN_UNKNOWN:
        value = getattr(deposit, name)
        if value not in (None, ""):
            shaped[name] = value
    if deposit.reserved_by is not None:
        shaped["conflict_info"] = {"reserved_by_staff_id": deposit.reserved_by, "reason": RESERVED}
        if principal.can(Permission.DEPOSITS_MANAGE):
            # Of other people's reservations staff learn only that the customer is taken (spec 1.2).
            shaped["conflict_info"]["reserved_by_staff_name"] = found.reserver_name
    return shaped
