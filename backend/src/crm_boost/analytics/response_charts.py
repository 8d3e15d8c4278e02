"""How long staff took from the hand-out to the first check and to a yes, of what was handed out in a period (spec 5.3).

Counts say which tenth of an hour a median or the 90th percentile is, and what is shown is no finer. Only where a median is
the mean of two times whose tenths do not tell it, those two are looked up (ADR 55).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_boost.analytics import response_repository as repository
from crm_boost.analytics.numbers import grade_of, middle_ranks, nearest_rank, one_decimal
from crm_boost.analytics.response_times import TENTH, TENTHS_OF_HOUR, Distribution, Timed, cut
from crm_boost.analytics.scope import Scope
from crm_boost.analytics.work_charts import by_name
from crm_boost.db.session import ReadSession
from crm_boost.deposits.listing_repository import staff_names

_GRADES = ((1, "Excellent"), (4, "Good"), (12, "Average"))
_NINETY = 90

Of = tuple[str, int]
"""Whose times, of what (`Timed`)."""


@dataclass(frozen=True, slots=True)
class Response:
    """What is shown of the times of one staff: how many, and hours."""

    count: int = 0
    average: float | None = None
    median: float | None = None
    ninety: float | None = None
    fastest: float | None = None
    slowest: float | None = None


_NONE = Response()


async def response_time_by_staff(session: ReadSession, scope: Scope) -> dict[str, Any]:
    """Return how long each staff took from the hand-out to the first check and to a yes."""
    handed = await repository.handed_out_to(session, scope)
    names = await staff_names(session, sorted(handed))
    found = await _responses(session, scope, sorted(handed))
    rows = []
    for staff_id, count in handed.items():
        check, yes = found.get((staff_id, Timed.CHECK), _NONE), found.get((staff_id, Timed.YES), _NONE)
        rows.append(
            {
                "staff_id": staff_id,
                "staff_name": names[staff_id],
                "total_assigned": count,
                "avg_wa_hours": check.average,
                "avg_respond_hours": yes.average,
                "median_wa_hours": check.median,
                "median_respond_hours": yes.median,
                "p90_wa_hours": check.ninety,
                "p90_respond_hours": yes.ninety,
                "wa_checked_count": check.count,
                "responded_count": yes.count,
                "fastest_wa": check.fastest,
                "slowest_wa": check.slowest,
                "grade": grade_of(check.average, _GRADES),
            }
        )
    return {"response_time_data": by_name(rows)}


async def _responses(session: ReadSession, scope: Scope, staff_ids: list[str]) -> dict[Of, Response]:
    blocks, days = cut(scope.start, scope.end)
    times: defaultdict[Of, Distribution] = defaultdict(Distribution)
    for (staff_id, timed, band), count, seconds in await repository.bands(session, scope, staff_ids, blocks):
        times[staff_id, timed].bands[band] += count
        times[staff_id, timed].seconds += seconds
    for staff_id, sign, found in await repository.seconds_of(session, scope, staff_ids, days):
        for timed, listed in found.items():
            times[staff_id, timed].add_seconds(listed, sign)
    places = {of: one.places(_ranks(of[1], one.count)) for of, one in times.items() if one.count > 0}
    keys = sorted({(*of, band) for of, found in places.items() for band, _ in found.values()})
    in_blocks = await repository.tenths(session, scope, blocks, keys)
    tenths = {
        of: {
            rank: times[of].tenth_of(band, before, in_blocks.get((*of, band))) for rank, (band, before) in found.items()
        }
        for of, found in places.items()
    }
    medians = await _medians(
        session,
        scope,
        {of: tuple(found[rank] for rank in middle_ranks(times[of].count)) for of, found in tenths.items()},
    )
    return {
        of: Response(
            count=times[of].count,
            average=times[of].average,
            median=medians[of],
            ninety=_hours(found[nearest_rank(times[of].count, _NINETY)]),
            fastest=_hours(found.get(0)),
            slowest=_hours(found.get(times[of].count - 1)),
        )
        for of, found in tenths.items()
    }


def _ranks(timed: int, count: int) -> set[int]:
    """Return which of so many times are to be found."""
    ends = {0, count - 1} if timed == Timed.CHECK else set()
    return {*middle_ranks(count), nearest_rank(count, _NINETY), *ends}


def _hours(tenth: int | None) -> float | None:
    return one_decimal(tenth, TENTHS_OF_HOUR) if tenth is not None else None


async def _medians(session: ReadSession, scope: Scope, middles: Mapping[Of, tuple[int, ...]]) -> dict[Of, float | None]:
    """Return medians from the tenths of the two times in the middle. Two tenths an even number apart have the mean of their
    times in the tenth between them, wherever in their tenths these are."""
    found = {of: one_decimal(sum(pair), 2 * TENTHS_OF_HOUR) for of, pair in middles.items()}
    for timed in Timed:
        apart = {of: pair for of, pair in middles.items() if of[1] == timed and sum(pair) % 2}
        if not apart:
            continue
        ends = await repository.ends_of_tenths(
            session, scope, timed, [(staff_id, tenth) for (staff_id, _), pair in apart.items() for tenth in pair]
        )
        for number, (of, pair) in enumerate(apart.items()):
            lower, upper = ends.get(2 * number), ends.get(2 * number + 1)
            least = upper[0] if upper else pair[1] * TENTH
            most = lower[1] if lower else pair[0] * TENTH
            found[of] = one_decimal(most + least, 2 * TENTHS_OF_HOUR * TENTH)
    return found
