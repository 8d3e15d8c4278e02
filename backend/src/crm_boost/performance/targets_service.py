"""Targets: what is expected from a day on, of everybody and of one staff (spec 4.4)."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crm_boost.db.audit import record_audit
from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.deposits.money import from_minor, minor_units, to_minor
from crm_boost.kit.clock import business_date, utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.periods import month_of
from crm_boost.performance import repository
from crm_boost.performance.errors import StaffNotFound
from crm_boost.performance.judging import Change, Targets, Timeline
from crm_boost.performance.models import StaffTarget
from crm_boost.performance.schemas import TargetsChange

_MOST_AHEAD = timedelta(days=366)


def built_in(scale: int) -> Targets:
    """Return what is expected as long as nobody has said otherwise."""
    return Targets(monthly_omset=100_000_000 * scale, daily_ndp=10, daily_rdp=15, required_success_days=18)


def shown(targets: Targets, scale: int) -> dict[str, Any]:
    """Return targets as they are told: money in plain units."""
    return {**asdict(targets), "monthly_omset": from_minor(targets.monthly_omset, scale)}


def timeline_of(rows: Iterable[StaffTarget], staff_id: str | None, scale: int) -> Timeline:
    """Return the targets of one staff (None: of everybody) on any day, from rows that may be of others too."""
    everybody: list[Change] = []
    own: list[Change] = []
    for row in rows:
        if row.staff_id is None:
            everybody.append(_change_of(row))
        elif row.staff_id == staff_id:
            own.append(_change_of(row))
    return Timeline(built_in(scale), everybody, own)


def _change_of(row: StaffTarget) -> Change:
    figures = [getattr(row, name) for name in repository.FIGURES]
    return Change(row.effective_from, None if None in figures else Targets(*figures))


async def _staff(session: ReadSession, staff_id: str) -> tuple[str, str]:
    found = await repository.person_with_targets(session, staff_id)
    if found is None:
        raise StaffNotFound("There is no staff with this id.")
    return found


async def in_force(session: ReadSession, staff_id: str | None = None) -> dict[str, Any]:
    """Return the targets that hold today for everybody, or for one staff, and all changes. 404 for an unknown staff."""
    scale, today = minor_units(session.business.currency), business_date(session.business.tz)
    person = await _staff(session, staff_id) if staff_id is not None else None
    rows = await repository.target_rows(session, staff_id)
    timeline, own = timeline_of(rows, staff_id, scale), [row for row in rows if row.staff_id == staff_id]
    begun = [row.effective_from for row in own if row.effective_from <= today]
    answer: dict[str, Any] = {
        **shown(timeline.on(today), scale),
        "earliest_change": month_of(today),
        "changes": [_row_shown(row, scale) for row in reversed(own)],
    }
    if begun:
        answer["effective_from"] = max(begun)
    if person is not None:
        answer |= {"staff_id": person[0], "staff_name": person[1], "is_own": timeline.is_own(today)}
    return answer


def _row_shown(row: StaffTarget, scale: int) -> dict[str, Any]:
    answer = {"effective_from": row.effective_from, "set_at": row.set_at, "set_by_name": row.set_by_name}
    targets = _change_of(row).targets
    return answer if targets is None else {**answer, "targets": shown(targets, scale)}


async def change(session: WriteSession, body: TargetsChange, staff_id: str | None = None) -> dict[str, Any]:
    """Set targets of everybody, or of one staff, from a day on; what is left out stays. Earlier months keep theirs."""
    scale = minor_units(session.business.currency)
    if staff_id is not None:
        await _staff(session, staff_id)
    start = _start(session, body.effective_from)
    before = timeline_of(await repository.target_rows(session, staff_id), staff_id, scale).on(start)
    omset = before.monthly_omset if body.monthly_omset is None else _minor(body.monthly_omset, scale)
    wanted = {
        name: getattr(before, name) if getattr(body, name) is None else getattr(body, name)
        for name in ("daily_ndp", "daily_rdp", "required_success_days")
    }
    return await _put(session, staff_id, start, before, Targets(monthly_omset=omset, **wanted), scale)


async def reset(session: WriteSession, start: date | None, staff_id: str | None = None) -> dict[str, Any]:
    """Go back, from a day on: everybody to what holds from the start, one staff to the targets of everybody."""
    scale = minor_units(session.business.currency)
    if staff_id is not None:
        await _staff(session, staff_id)
    start = _start(session, start)
    before = timeline_of(await repository.target_rows(session, staff_id), staff_id, scale).on(start)
    return await _put(session, staff_id, start, before, built_in(scale) if staff_id is None else None, scale)


async def _put(
    session: WriteSession, staff_id: str | None, start: date, before: Targets, after: Targets | None, scale: int
) -> dict[str, Any]:
    figures = dict.fromkeys(repository.FIGURES) if after is None else asdict(after)
    values = {
        "effective_from": start,
        **figures,
        "set_at": utc_now(),
        "set_by_name": current_context().actor_name,
    }
    # What was set since that day has been overtaken; otherwise the new targets would not hold today.
    await repository.put_targets(session, staff_id, values, replaced_until=business_date(session.business.tz))
    told = {"from": shown(before, scale), "to": None if after is None else shown(after, scale)}
    await record_audit(
        session, "targets.change", "targets", staff_id or "default", effective_from=start.isoformat(), **told
    )
    await announce(session, "targets", {})
    return await in_force(session, staff_id)


def _start(session: ReadSession, start: date | None) -> date:
    today = business_date(session.business.tz)
    if start is None:
        return month_of(today)
    if start < month_of(today):
        raise InvalidInput.of("effective_from", "Past months keep the targets they were judged by.", "past_month")
    if start > today + _MOST_AHEAD:
        raise InvalidInput.of("effective_from", "Choose a day within the next year.", "beyond_a_year")
    return start


def _minor(amount: Decimal, scale: int) -> int:
    found = to_minor(amount, scale)
    if found is None:
        raise InvalidInput.of("monthly_omset", "This has more decimals than the currency.", "amount_too_fine")
    return found
