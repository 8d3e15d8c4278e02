"""Ranking and progress of the team and of one staff (spec 4.4). All figures from the roll-ups, a few statements each."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from crm_boost.db.session import ReadSession
from crm_boost.deposits.money import from_minor, minor_units
from crm_boost.kit.clock import business_date
from crm_boost.performance import judging, repository
from crm_boost.performance.calendar import DAY, Month
from crm_boost.performance.errors import StaffNotFound
from crm_boost.performance.judging import Counts, Timeline
from crm_boost.performance.repository import Person, Total
from crm_boost.performance.targets_service import shown, timeline_of

_NOTHING: Counts = (0, 0)


def month_named(session: ReadSession, year: int | None, month: int | None) -> Month:
    """Return the month that is asked for; what is not said is as today."""
    today = business_date(session.business.tz)
    return Month(today.year if year is None else year, today.month if month is None else month)


async def leaderboard(session: ReadSession, period: Literal["month", "all"], month: Month) -> dict[str, Any]:
    """Rank everybody who works records, or has deposits in the range, by turnover, NDP and RDP."""
    today, scale = business_date(session.business.tz), minor_units(session.business.currency)
    if period == "all":
        month, start, end = Month.of(today), None, today + DAY
    else:
        start, end = month.start, month.end
    found = await repository.totals(session, start, end, today)
    if not (start or today) <= today < end:
        for staff_id, total in (await repository.totals(session, today, today + DAY, today)).items():
            old = found.get(staff_id, Total())
            found[staff_id] = Total(old.omset, old.ndp, old.rdp, old.days, total.today_ndp, total.today_rdp)
    people = await repository.people(session, found)
    totals = {person.id: found.get(person.id, Total()) for person in people}
    places = {name: judging.ranks({key: getattr(total, name) for key, total in totals.items()}) for name in _RANKED}
    rows = [_ranked(person, totals[person.id], places, scale) for person in people]
    targets = timeline_of(await repository.target_rows(session), None, scale).on(
        min(max(today, month.start), month.last)
    )
    answer: dict[str, Any] = {
        "period": period,
        "year": month.year,
        "month": month.month,
        "end_date": end - DAY,
        "leaderboard": sorted(rows, key=lambda row: (row["omset_rank"], row["staff_name"], row["staff_id"])),
        "targets": shown(targets, scale),
    }
    return answer if start is None else {**answer, "start_date": start}


_RANKED = ("omset", "ndp", "rdp")


def _ranked(person: Person, total: Total, places: Mapping[str, Mapping[str, int]], scale: int) -> dict[str, Any]:
    return {
        "staff_id": person.id,
        "staff_name": person.name,
        "total_omset": from_minor(total.omset, scale),
        "total_ndp": total.ndp,
        "total_rdp": total.rdp,
        "today_ndp": total.today_ndp,
        "today_rdp": total.today_rdp,
        "days_worked": total.days,
        "avg_daily_omset": judging.one_decimal(total.omset, total.days * scale),
        "avg_daily_ndp": judging.one_decimal(total.ndp, total.days),
        "avg_daily_rdp": judging.one_decimal(total.rdp, total.days),
        **{f"{name}_rank": places[name][person.id] for name in _RANKED},
    }


async def team(session: ReadSession, month: Month) -> dict[str, Any]:
    """Return how everybody stands who works records and had begun by then; former staff where they have deposits."""
    today, scale = business_date(session.business.tz), minor_units(session.business.currency)
    counts = await repository.daily_counts(session, month.back(2).start, month.end)
    in_month = [key for key, days in counts.items() if any(day >= month.start for day in days)]
    today_counts = counts
    if Month.of(today) != month:
        today_counts = await repository.daily_counts(session, today, today + DAY)
    rows = await repository.target_rows(session)
    staff = []
    for person in await repository.people(session, in_month):
        started = _started(session, person)
        if not person.has_targets or started > month.last:
            continue
        days = counts.get(person.id, {})
        now = today_counts.get(person.id, {}).get(today, _NOTHING)
        staff.append(_standing(person, started, days, now, month, today, timeline_of(rows, person.id, scale), scale))
    staff.sort(key=lambda row: (-row["warning_level"], row["success_days"], row["staff_name"], row["staff_id"]))
    default = timeline_of(rows, None, scale)
    daily = default.on(min(max(today, month.start), month.last))
    return {
        **_month_of(month, today),
        "required_success_days": default.on(month.last).required_success_days,
        "daily_ndp_target": daily.daily_ndp,
        "daily_rdp_target": daily.daily_rdp,
        "summary": {
            "total_staff": len(staff),
            "success_staff": sum(row["success_days"] >= row["required_success_days"] for row in staff),
            "warning_staff": sum(row["warning_level"] in (1, 2) for row in staff),
            "critical_staff": sum(row["warning_level"] == 3 for row in staff),
        },
        "staff_progress": staff,
    }


async def of_staff(session: ReadSession, staff_id: str, month: Month, *, own: bool) -> dict[str, Any]:
    """Return how one person stands. 404 where there is nobody who works records, unless it is the caller (`own`)."""
    today, scale = business_date(session.business.tz), minor_units(session.business.currency)
    person = next((one for one in await repository.people(session, [staff_id]) if one.id == staff_id), None)
    if person is None or not (own or person.has_targets):
        raise StaffNotFound("There is no staff with this id.")
    timeline = timeline_of(await repository.target_rows(session, staff_id), staff_id, scale)
    since, until = min(month, Month.of(today)).back(2).start, max(month.end, today + DAY)
    days = (await repository.daily_counts(session, since, until, staff_id)).get(staff_id, {})
    streak = judging.streak(judging.succeeded(days, timeline), today)
    if today - streak * DAY <= since:
        # A row of days that goes on before what was read.
        everything = await repository.daily_counts(session, None, until, staff_id)
        streak = judging.streak(judging.succeeded(everything[staff_id], timeline), today)
    started = _started(session, person)
    total = (await repository.totals(session, month.start, month.end, today, staff_id)).get(staff_id, Total())
    target = timeline.on(month.last).monthly_omset
    return {
        **_month_of(month, today),
        **_standing(person, started, days, days.get(today, _NOTHING), month, today, timeline, scale),
        "streak": streak,
        "total_omset": from_minor(total.omset, scale),
        "omset_percentage": judging.one_decimal(total.omset * 100, target),
    }


def _month_of(month: Month, today: date) -> dict[str, Any]:
    elapsed = month.elapsed(today)
    return {
        "year": month.year,
        "month": month.month,
        "today": today,
        "days_elapsed": elapsed,
        "days_in_month": month.length,
        "days_remaining": month.length - elapsed,
    }


def _started(session: ReadSession, person: Person) -> date:
    """The day the account was made, or that of the first deposit where that was entered for an earlier one."""
    made = business_date(session.business.tz, person.created_at)
    return made if person.first_day is None else min(made, person.first_day)


def _standing(
    person: Person,
    started: date,
    days: Mapping[date, Counts],
    now: Counts,
    month: Month,
    today: date,
    timeline: Timeline,
    scale: int,
) -> dict[str, Any]:
    success = judging.succeeded(days, timeline)
    this, last, before = (
        judging.month_result(one, success, timeline, started) for one in (month, month.back(1), month.back(2))
    )
    elapsed = month.elapsed(today)
    left = month.length - elapsed
    level = judging.warning_level(month.month, this, last, before, left)
    day = min(max(today, month.start), month.last)
    return {
        "staff_id": person.id,
        "staff_name": person.name,
        "today_ndp": now[0],
        "today_rdp": now[1],
        "today_target_reached": judging.met_via(now, timeline.on(today)) is not None,
        "success_days": this.success_days,
        "required_success_days": this.required,
        "projected_success": judging.projected(this.success_days, elapsed, month.length),
        "warning_level": level,
        "prev_month_1_success": last.success_days,
        "prev_month_2_success": before.success_days,
        "prev_month_1_counts": last.counts,
        "prev_month_2_counts": before.counts,
        "status_text": judging.status_text(level, this, left),
        "targets": shown(timeline.on(day), scale),
        "targets_are_own": timeline.is_own(day),
        "daily_breakdown": [_day(on, days.get(on, _NOTHING), timeline) for on in list(month.days())[:elapsed]],
    }


def _day(on: date, counts: Counts, timeline: Timeline) -> dict[str, Any]:
    via = judging.met_via(counts, timeline.on(on))
    return {"date": on, "ndp": counts[0], "rdp": counts[1], "target_met": via is not None, "met_via": via}
