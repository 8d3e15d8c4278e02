"""Use cases of the audit page."""

from datetime import date, timedelta
from typing import Any

from crm_boost.audit import repository
from crm_boost.audit.repository import TraceFilter
from crm_boost.db.session import ReadSession
from crm_boost.kit.clock import start_of_day
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.paging import Page, decode_cursor, instant_key


async def list_traces(
    session: ReadSession,
    *,
    kind: str | None,
    actor_id: str | None,
    object_id: str | None,
    date_from: date | None,
    date_to: date | None,
    cursor: str | None,
    limit: int,
) -> Page[dict[str, Any]]:
    """Return a page of what was done, the last first. Dates are business dates, both included; unknown ids give nothing."""
    if date_from is not None and date_to is not None and date_from > date_to:
        raise InvalidInput.of("date_to", "This is before the first day.", "end_before_start")
    after = None
    if cursor:
        at, source, seq = decode_cursor(cursor, kinds=(str, int, int))
        after = (instant_key(at), source, seq)
    zone = session.business.tz
    wanted = TraceFilter(
        kind,
        actor_id,
        object_id,
        start_of_day(zone, date_from) if date_from is not None else None,
        start_of_day(zone, date_to + timedelta(days=1)) if date_to is not None and date_to < date.max else None,
    )
    return await repository.list_traces(session, wanted, after=after, limit=limit)


async def list_actors(session: ReadSession) -> list[dict[str, Any]]:
    """Return the people whose deeds can be asked for."""
    return await repository.list_actors(session)
