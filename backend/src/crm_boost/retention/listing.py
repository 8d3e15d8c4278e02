"""Lists of customers: those of a range, those at risk, those who are lost (spec 5.2)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from crm_boost.contacts.service import Reach
from crm_boost.customers.dependencies import open_modules
from crm_boost.databases.customer_key import customer_key
from crm_boost.db.session import ReadSession
from crm_boost.deposits.listing_repository import staff_names
from crm_boost.deposits.money import from_minor, minor_units
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.paging import Page, decode_cursor, page_of
from crm_boost.kit.rounding import one_decimal
from crm_boost.retention import figures_repository as figures
from crm_boost.retention import listing_repository as repository
from crm_boost.retention.facts import badge_of, score_of
from crm_boost.retention.listing_repository import Quiet, SortBy, Wanted
from crm_boost.retention.risk import AT_RISK, LOST_AFTER, REPEATERS_ONLY, SPANS, Risk, level_of, tally
from crm_boost.retention.scope import Range, scope_of

_SORT_KINDS: dict[str, type] = {"deposits": int, "omset": int, "recent": str, "loyalty": int}
_SORT_COLUMN = {"deposits": "deposits", "omset": "total", "recent": "last_date", "loyalty": "score"}
_TOP = 10


async def customers(
    session: ReadSession, wanted: Wanted, sort: SortBy, *, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """Return the customers of a range; the first page knows how many there are."""
    after = None
    if cursor is not None:
        place = decode_cursor(cursor, kinds=[_SORT_KINDS[sort], str, str])
        after = (_day(place[0]), *place[1:]) if sort == "recent" else place
    total = await _total(session, wanted) if after is None else None
    rows = await repository.customers(session, wanted, sort, after, limit)
    found = page_of(list(rows), limit, total, lambda row: _place(row, _SORT_COLUMN[sort]))
    found.rows = _listed(session, found.rows, wanted)
    return found


async def _total(session: ReadSession, wanted: Wanted) -> int | None:
    if wanted.which == "loyal" or wanted.q:
        return await repository.count_customers(session, wanted)
    found = await figures.turnout_of(session, wanted.start, wanted.end, wanted.scope, wanted.product_id)
    return {"all": found.active, "ndp": found.new, "rdp": found.active - found.new}[wanted.which]


async def top_loyal(session: ReadSession, scope: str, days: Range, product_id: str | None) -> list[dict[str, Any]]:
    """Return the customers of a range with the highest loyalty scores."""
    wanted = Wanted(scope, days.start, days.end, product_id=product_id)
    rows = await repository.customers(session, wanted, "loyalty", None, _TOP - 1)
    return _listed(session, rows, wanted)


def _listed(session: ReadSession, rows: Sequence[Any], wanted: Wanted) -> list[dict[str, Any]]:
    listed = []
    for row in rows:
        is_new = row.ndp_date is not None and wanted.start <= row.ndp_date < wanted.end
        listed.append({**_row(session, row), "customer_type": "NDP" if is_new else "RDP"})
    return listed


async def alerts(
    session: ReadSession,
    principal: Principal,
    *,
    product_id: str | None,
    staff_id: str | None,
    risk: Risk | None,
    cursor: str | None,
    limit: int,
) -> tuple[Page[dict[str, Any]], dict[str, int]]:
    """Return customers at risk, the longest away first, and how many there are on each level; without those the caller
    has dismissed."""
    today, owner = business_date(session.business.tz), scope_of(principal, staff_id) or None
    counted = await risk_counts(session, principal, product_id=product_id, staff_id=staff_id)
    wanted = quiet_at_risk(today, risk, owner, product_id)
    rows = await repository.quiet(
        session,
        wanted,
        viewer=viewer_of(principal),
        hidden_from=(principal.id, today),
        after=_after(cursor),
        limit=limit,
    )
    total = counted[risk or "total"] if cursor is None else None
    found = page_of(list(rows), limit, total, lambda row: _place(row, "last_date"))
    found.rows = await with_contacts(session, principal, [alert_row(session, row) for row in found.rows])
    return found, counted


def quiet_at_risk(today: date, risk: Risk | None, owner: str | None, product_id: str | None = None) -> Quiet:
    """Return which customers are at risk today, on all levels or on one."""
    start, end = (SPANS[risk] if risk is not None else AT_RISK).days(today)
    return Quiet(start, end, SPANS[REPEATERS_ONLY].days(today)[0], owner, product_id)


async def risk_counts(
    session: ReadSession, principal: Principal, *, product_id: str | None = None, staff_id: str | None = None
) -> dict[str, int]:
    """Return how many customers are at risk on each level, and in all, as the caller's list shows them. Two statements."""
    today, scope = business_date(session.business.tz), scope_of(principal, staff_id)
    start, end = AT_RISK.days(today)
    counts = await figures.last_days(session, start, end, [scope], product_id)
    hidden = await figures.dismissed_days(session, principal.id, today, start, end, scope or None, product_id)
    found = tally(today, [(day, *counted) for (_, day), counted in counts.items()])
    taken = tally(today, [(day, 1, int(again)) for _, day, again in hidden])
    return _with_total({risk: found[risk] - taken[risk] for risk in Risk})


async def alerts_by_staff(session: ReadSession, principal: Principal, product_id: str | None) -> dict[str, Any]:
    """Return how many customers at risk each staff has, those with the most first."""
    today = business_date(session.business.tz)
    start, end = AT_RISK.days(today)
    counts = await figures.last_days(session, start, end, await figures.everybody(session), product_id)
    days: dict[str, list[tuple[date, int, int]]] = {}
    for (scope, day), customers_of in counts.items():
        days.setdefault(scope, []).append((day, *customers_of))
    for owner, day, again in await figures.dismissed_days(session, principal.id, today, start, end, None, product_id):
        days[owner].append((day, -1, -int(again)))
    names = await staff_names(session, sorted(days))
    rows: list[dict[str, Any]] = []
    for owner, found in days.items():
        counted = _with_total(tally(today, found))
        if counted["total"]:
            rows.append({"staff_id": owner, "staff_name": names[owner], **counted})
    levels = {risk: sum(row[risk] for row in rows) for risk in Risk}
    rows.sort(key=lambda row: (-row["total"], row["staff_name"], row["staff_id"]))
    return {"staff": rows, "summary": _with_total(levels)}


def _with_total(levels: dict[Risk, int]) -> dict[str, int]:
    return {"total": sum(levels.values()), **{str(risk): count for risk, count in levels.items()}}


async def lost(
    session: ReadSession,
    principal: Principal,
    *,
    product_id: str | None,
    staff_id: str | None,
    cursor: str | None,
    limit: int,
) -> Page[dict[str, Any]]:
    """Return customers whose latest deposit was more than thirty days ago, those who left last first."""
    today, scope = business_date(session.business.tz), scope_of(principal, staff_id)
    end = today - timedelta(days=LOST_AFTER)
    total = await figures.count_last_before(session, end, scope, product_id) if cursor is None else None
    rows = await repository.quiet(
        session,
        Quiet(None, end, owner=scope or None, product_id=product_id),
        viewer=viewer_of(principal),
        hidden_from=None,
        after=_after(cursor),
        limit=limit,
        longest_first=False,
    )
    found = page_of(list(rows), limit, total, lambda row: _place(row, "last_date"))
    found.rows = await with_contacts(session, principal, [_row(session, row) for row in found.rows])
    return found


def viewer_of(principal: Principal) -> str | None:
    """Return the staff whose own deposits alone may be shown; None for those who see everybody's."""
    return None if principal.can(Permission.RETENTION_TEAM) else principal.id


async def with_contacts(session: ReadSession, principal: Principal, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add a phone number and where it is from, out of records the caller may see."""
    reads_all = principal.can(Permission.RECORDS_READ_ALL)
    reach = Reach(None, open_modules(principal)) if reads_all else Reach(principal.id)
    found = await repository.contacts(session, [row["customer_key"] for row in rows], reach) if rows else {}
    for row in rows:
        row["phone_number"], row["matched_source"] = found.get(row["customer_key"], ("", ""))
    return rows


def alert_row(session: ReadSession, row: Any) -> dict[str, Any]:
    """Shape a customer at risk."""
    shaped = _row(session, row)
    return {**shaped, "risk_level": level_of(shaped["days_since_deposit"], row.deposits)}


def _row(session: ReadSession, row: Any) -> dict[str, Any]:
    own = hasattr(row, "own_deposits")
    deposits, days, total, first = (
        (row.own_deposits, row.own_days, row.own_total, row.own_first_date)
        if own
        else (row.deposits, row.days, row.total, row.first_date)
    )
    score = score_of(deposits, days)
    return {
        "customer_key": row.customer_key,
        "customer_id": row.customer_id,
        "customer_name": row.customer_name,
        "product_id": row.product_id,
        "product_name": row.product_name,
        "staff_id": row.staff_id,
        "staff_name": row.staff_name,
        "total_deposits": deposits,
        "distinct_days": days,
        "total_omset": from_minor(total, minor_units(session.business.currency)),
        "first_deposit_date": first,
        "last_deposit_date": row.last_date,
        "days_since_deposit": max((business_date(session.business.tz) - row.last_date).days, 0),
        "avg_days_between_deposits": one_decimal((row.last_date - first).days, days - 1) if days > 1 else None,
        "loyalty_score": score,
        "badge": badge_of(score),
    }


def _place(row: Any, column: str) -> tuple[Any, ...]:
    value = getattr(row, column)
    return (value.isoformat() if isinstance(value, date) else value, row.customer_key, row.product_id)


def _after(cursor: str | None) -> tuple[Any, ...] | None:
    if cursor is None:
        return None
    day, customer, product = decode_cursor(cursor, kinds=[str, str, str])
    return (_day(day), customer, product)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput.of("cursor", "This cursor belongs to another list.", "foreign_cursor") from error


def wanted_customers(scope: str, days: Range, which: repository.Which, product_id: str | None, q: str | None) -> Wanted:
    """Return which customers of a range are asked for."""
    return Wanted(scope, days.start, days.end, which, product_id, customer_key(q or ""))
