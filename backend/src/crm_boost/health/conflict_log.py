"""What happened to conflicts: the log and its figures (spec 3.5). Rows of the log outlive the conflicts."""

from datetime import date, timedelta
from typing import Any

from crm_boost.db.session import ReadSession
from crm_boost.health.repositories import conflict_log as repository
from crm_boost.kit.clock import business_date, start_of_day
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.paging import Page, decode_cursor
from crm_boost.reservations import listing_repository as listing
from crm_boost.reservations.listing_repository import ConflictFilter

_TOP = 5


def log_filter(
    session: ReadSession,
    *,
    is_open: bool | None,
    staff_id: str | None,
    product_id: str | None,
    date_from: date | None,
    date_to: date | None,
) -> ConflictFilter:
    """Return the filter of business dates; `date_to` includes its day."""
    if date_from is not None and date_to is not None and date_from > date_to:
        raise InvalidInput.of("date_to", "This is before the first day.", "end_before_start")
    zone = session.business.tz
    return ConflictFilter(
        is_open,
        staff_id,
        product_id,
        start_of_day(zone, date_from) if date_from is not None else None,
        start_of_day(zone, date_to + timedelta(days=1)) if date_to is not None else None,
    )


async def log(
    session: ReadSession, wanted: ConflictFilter, *, cursor: str | None, limit: int
) -> tuple[Page[dict[str, Any]], dict[str, Any]]:
    """Return a page of the log, the newest first, and the whole answer with the summary of everything filtered."""
    after = decode_cursor(cursor, kinds=(int,))[0] if cursor else None
    page = await listing.list_conflicts(session, wanted, after=after, limit=limit)
    figures = await repository.summary(session, wanted)
    return page, {"total_count": figures["total"], "summary": figures, "records": page.rows}


async def stats(session: ReadSession) -> dict[str, Any]:
    """Return how many conflicts there were, and whom they concerned most. A week is the 7 days that end today, a month
    30 (spec 1.4)."""
    zone = session.business.tz
    today = business_date(zone)
    starts = [start_of_day(zone, today - timedelta(days=days - 1)) for days in (1, 7, 30)]
    total, of_today, week, month = await repository.begun_since(session, starts)
    return {
        "total_invalidated": total,
        "today": of_today,
        "this_week": week,
        "this_month": month,
        "top_affected_staff": await _top(session, "staff_id"),
        "top_reserved_by_staff": await _top(session, "owner_id"),
    }


async def _top(session: ReadSession, column: str) -> list[dict[str, Any]]:
    rows = await repository.top_people(session, column, _TOP)
    return [{"staff_id": row[0], "staff_name": row[1], "count": row[2]} for row in rows]
