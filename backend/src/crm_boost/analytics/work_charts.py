"""The charts of work: who was handed what, what they did with it and when, and what became of it (spec 5, 5.3).

What was handed out in a period counts with the day of the hand-out; what was done counts on the day it was done. A
hand-out that was taken back before anybody worked on it is none; work that was done stays with who did it (ADR 33).
"""

from typing import Any

from crm_boost.analytics import work_repository as repository
from crm_boost.analytics.counting import Work
from crm_boost.analytics.numbers import grade_of, median_twice, one_decimal, share
from crm_boost.analytics.scope import Scope
from crm_boost.db.session import ReadSession
from crm_boost.deposits.listing_repository import staff_names

_LIFECYCLE_GRADES = ((2, "Fast"), (5, "Good"), (10, "Average"))


def by_name(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["staff_name"], row["staff_id"]))


def _done(work: Work) -> dict[str, Any]:
    return {
        "whatsapp_ada": work.done_ada,
        "whatsapp_tidak": work.done_tidak,
        "whatsapp_ceklis1": work.done_ceklis1,
        "whatsapp_checked": work.done_checked,
        "respond_ya": work.done_yes,
        "respond_tidak": work.done_no,
    }


def _metrics(work: Work, in_all: int) -> dict[str, Any]:
    return {
        "total_records": in_all,
        "records_in_period": work.assigned,
        **_done(work),
        "whatsapp_rate": share(work.done_ada, work.done_checked),
        "respond_rate": share(work.done_yes, work.done_yes + work.done_no),
    }


async def staff_performance(session: ReadSession, scope: Scope) -> dict[str, Any]:
    """Return what was handed out and what was done in the period: in all, by staff, and by day."""
    found = await repository.work_by(session, scope, "day", "staff_id")
    in_all = await repository.handed_out_in_all(session, scope)
    total = Work()
    by_day: dict[Any, Work] = {}
    by_staff: dict[str, Work] = {staff_id: Work() for staff_id, count in in_all.items() if count}
    for (day, staff_id), work in found.items():
        if not work:
            continue
        total.add(work)
        by_day.setdefault(day, Work()).add(work)
        by_staff.setdefault(staff_id, Work()).add(work)
    names = await staff_names(session, sorted(by_staff))
    return {
        "summary": _metrics(total, sum(in_all.values())),
        "staff_metrics": by_name(
            [
                {"staff_id": key, "staff_name": names[key], **_metrics(work, in_all.get(key, 0))}
                for key, work in by_staff.items()
            ]
        ),
        "daily_chart": [
            {"date": day, "assigned": by_day.get(day, Work()).assigned, **_done(by_day.get(day, Work()))}
            for day in scope.days()
        ],
    }


async def _handed_out(session: ReadSession, scope: Scope) -> dict[str, Work]:
    """Return the work on what was handed out in the period, of staff who got something."""
    found = await repository.work_by(session, scope, "staff_id")
    return {staff_id: work for (staff_id,), work in found.items() if work.assigned}


async def staff_conversion_funnel(session: ReadSession, scope: Scope) -> dict[str, Any]:
    """Return how far what was handed out in the period has come, each stage within the one before."""
    found = await _handed_out(session, scope)
    names = await staff_names(session, sorted(found))
    rows = [
        {
            "staff_id": key,
            "staff_name": names[key],
            "assigned": work.assigned,
            "wa_checked": work.checked,
            "responded": work.checked_yes,
            "deposited": work.checked_deposited,
        }
        for key, work in found.items()
    ]
    return {"funnel_data": by_name(rows)}


async def followup_effectiveness(session: ReadSession, scope: Scope) -> dict[str, Any]:
    """Return how many of those handed out in the period said yes and deposited since."""
    found = await _handed_out(session, scope)
    names = await staff_names(session, sorted(found))
    rows = [
        {
            "staff_id": key,
            "staff_name": names[key],
            "total_assigned": work.assigned,
            "wa_checked": work.checked,
            "wa_ada": work.ada,
            "responded": work.yes,
            "deposited": work.deposited,
            "effectiveness": share(work.deposited, work.assigned),
            "conversion_rate": share(work.deposited, work.yes),
        }
        for key, work in found.items()
    ]
    return {"effectiveness_data": by_name(rows)}


async def deposit_lifecycle(session: ReadSession, scope: Scope) -> dict[str, Any]:
    """Return how many days passed from a yes in the period to the first deposit on or after it."""
    staff_ids = [staff_id for (staff_id,) in await repository.work_by(session, scope, "staff_id")]
    days: dict[str, list[int]] = {}
    pending: dict[str, int] = {}
    for staff_id, answered, deposited, count in await repository.answers(session, scope, staff_ids):
        taken, waiting = days.setdefault(staff_id, []), pending.setdefault(staff_id, 0)
        if deposited is None:
            pending[staff_id] = waiting + count
        else:
            taken.extend([(deposited - answered).days] * count)
    names = await staff_names(session, sorted(days))
    rows = []
    for key, taken in days.items():
        taken.sort()
        average = one_decimal(sum(taken), len(taken))
        total = len(taken) + pending[key]
        rows.append(
            {
                "staff_id": key,
                "staff_name": names[key],
                "total_responded": total,
                "converted_count": len(taken),
                "pending_count": pending[key],
                "avg_days": average,
                "median_days": one_decimal(median_twice(taken), 2) if taken else None,
                "min_days": taken[0] if taken else None,
                "max_days": taken[-1] if taken else None,
                "conversion_rate": share(len(taken), total),
                "grade": grade_of(average, _LIFECYCLE_GRADES),
            }
        )
    return {"lifecycle_data": by_name(rows)}
