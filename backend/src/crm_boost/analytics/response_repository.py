"""All SQL of response times: counts by the tenth of an hour over blocks of days, and the seconds of single hand-outs where
a period cuts a block or a median lies between two values (ADR 55)."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import BigInteger, ColumnElement, Table, Text, and_, func, literal, select, union_all
from sqlalchemy import cast as as_type

from crm_boost.analytics.models import RESPONSE_COUNTS, TENTHS, WorkDay, WorkItem
from crm_boost.analytics.response_times import EVERYTHING, TENTH, Days, Timed
from crm_boost.analytics.scope import Scope
from crm_boost.analytics.work_repository import in_product
from crm_boost.db.dialect import in_numbers, in_texts, number_rows, text_at
from crm_boost.db.session import ReadSession
from crm_boost.db.statements import rows_of

_t = RESPONSE_COUNTS.c
_i = cast(Table, WorkItem.__table__).c
_d = cast(Table, WorkDay.__table__).c

BandKey = tuple[str, int, int]
"""Staff, what is timed (`Timed`), band."""


async def handed_out_to(session: ReadSession, scope: Scope) -> dict[str, int]:
    """Return how much each staff was handed out in the period; nobody who got nothing."""
    assigned = as_type(func.sum(_d.assigned), BigInteger)
    statement = select(_d.staff_id, assigned).where(_d.day >= scope.start, _d.day < scope.end)
    if scope.staff_id is not None:
        statement = statement.where(_d.staff_id == scope.staff_id)
    statement = statement.where(*in_product(_d.database_id, scope))
    rows = await rows_of(session, statement.group_by(_d.staff_id))
    return {staff_id: count for staff_id, count in rows if count}


def _counted(scope: Scope, blocks: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return in_numbers(_t.block, blocks), _t.scope == (scope.product_id or EVERYTHING)


async def bands(
    session: ReadSession, scope: Scope, staff_ids: Sequence[str], blocks: Sequence[int]
) -> list[tuple[BandKey, int, int]]:
    """Return how many times of these staff there are of each band in these blocks, and their seconds."""
    key = (_t.staff_id, _t.timed, _t.band)
    sums = (as_type(func.sum(column), BigInteger) for column in (_t.times, _t.seconds))
    where = (*_counted(scope, blocks), in_texts(_t.staff_id, staff_ids))
    rows = await rows_of(session, select(*key, *sums).where(*where).group_by(*key))
    return [((staff_id, timed, band), count, seconds) for staff_id, timed, band, count, seconds in rows]


async def tenths(
    session: ReadSession, scope: Scope, blocks: Sequence[int], wanted: Sequence[BandKey]
) -> dict[BandKey, list[int]]:
    """Return how many times there are of each tenth of these bands."""
    kinds = len(Timed)
    one = number_rows([band * kinds + timed for _, timed, band in wanted], "one")
    staff_id = text_at([staff_id for staff_id, _, _ in wanted], one.c.position)
    of_band = (_t.staff_id == staff_id, _t.timed == one.c.value % kinds, _t.band == one.c.value // kinds)
    sums = (as_type(func.sum(_t[name]), BigInteger) for name in TENTHS)
    statement = select(one.c.position, *sums).join_from(one, RESPONSE_COUNTS, and_(*of_band))
    rows = await rows_of(session, statement.where(*_counted(scope, blocks)).group_by(one.c.position))
    return {wanted[place]: counts for place, *counts in rows}


def _numbers(joined: str | None) -> list[int]:
    return list(map(int, joined.split(","))) if joined else []


async def seconds_of(
    session: ReadSession, scope: Scope, staff_ids: Sequence[str], days: Sequence[Days]
) -> list[tuple[str, int, dict[Timed, list[int]]]]:
    """Return the seconds of what was handed out on these days: staff, whether they are counted or taken away, and what.
    One row for each staff leaves the database."""
    parts = []
    for part in days:
        joined = (func.aggregate_strings(as_type(_i[timed.column], Text), ",") for timed in Timed)
        statement = select(_i.staff_id, literal(part.sign), *joined).where(
            in_texts(_i.staff_id, staff_ids), _i.handed_on >= part.start, _i.handed_on < part.end
        )
        statement = statement.where(*in_product(_i.database_id, scope))
        parts.append(statement.group_by(_i.staff_id))
    rows = await rows_of(session, union_all(*parts)) if parts else []
    return [(staff_id, sign, {timed: _numbers(joined[timed]) for timed in Timed}) for staff_id, sign, *joined in rows]


async def ends_of_tenths(
    session: ReadSession, scope: Scope, timed: Timed, wanted: Sequence[tuple[str, int]]
) -> dict[int, tuple[int, int]]:
    """Return the least and the most seconds of what each of these staff was handed out in the period and took such a tenth
    of an hour, by the place in `wanted`, of staff and tenth."""
    seconds = _i[timed.column]
    one = number_rows([tenth * TENTH - TENTH // 2 for _, tenth in wanted], "one")
    statement = (
        select(one.c.position, func.min(seconds), func.max(seconds))
        .join_from(one, WorkItem, _i.staff_id == text_at([staff_id for staff_id, _ in wanted], one.c.position))
        .where(
            seconds >= one.c.value, seconds < one.c.value + TENTH, _i.handed_on >= scope.start, _i.handed_on < scope.end
        )
        .group_by(one.c.position)
    )
    statement = statement.where(*in_product(_i.database_id, scope))
    return {place: (least, most) for place, least, most in await rows_of(session, statement)}
