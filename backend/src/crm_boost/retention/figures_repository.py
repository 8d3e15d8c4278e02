"""All SQL that reads counts of customers: how many came, came back, are new, at risk or lost (spec 5.2).

How many different customers came in a range is no sum of days. It is the number of visits of the range before which there
was none in it, and that is a sum of counts: of visits by the month of the one before (by month, `Kind.MONTH`, and by day
where the range cuts a month, `Kind.VISIT`), and of the gaps that begin in the one month that the cut runs through
(`Kind.GAP`). So it costs months and some days, not deposits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, func, literal, select, union_all

from crm_boost.db.dialect import in_texts
from crm_boost.db.session import ReadSession
from crm_boost.deposits.rollups import parts_of
from crm_boost.identity.models import User
from crm_boost.kit.periods import month_of
from crm_boost.retention.facts import COMPANY, NEVER, Kind
from crm_boost.retention.models import RetentionCount, RetentionCustomer, RetentionDismissal

_COUNTED = RetentionCount.customers
_HALF = 16


@dataclass(slots=True)
class Turnout:
    """Customers of a range. `active` came in it, `first` of them for the first time; `not_returned` of them had not come
    in the equal range before, in which `previous` came; `new` made their first ordinary deposit."""

    active: int = 0
    not_returned: int = 0
    previous: int = 0
    first: int = 0
    new: int = 0

    def add(self, other: "Turnout") -> None:
        """Add those of another group."""
        for name in _TURNOUT:
            setattr(self, name, getattr(self, name) + getattr(other, name))


_TURNOUT = tuple(item.name for item in fields(Turnout))


def _where(kind: str, scopes: Sequence[str], product_id: str | None) -> list[ColumnElement[bool]]:
    scope = RetentionCount.scope == scopes[0] if len(scopes) == 1 else in_texts(RetentionCount.scope, scopes)
    where = [RetentionCount.kind == kind, scope]
    if product_id is not None:
        where.append(RetentionCount.product_id == product_id)
    return where


def _sum(condition: Any = None) -> Any:
    counted = _COUNTED if condition is None else case((condition, _COUNTED), else_=0)
    return cast(func.coalesce(func.sum(counted), 0), BigInteger)


class _Cut(NamedTuple):
    """A day that customers must not have come between and a visit, though only the month of their visit before is stored:
    `month` is the first one taken for too late, and gaps that begin on a day of `[start, end)` put right what that takes
    wrongly (`sign`: added or taken away). From the cut it is half a month to there at most."""

    day: date
    month: date
    start: date
    end: date
    sign: int


def _cut_at(day: date) -> _Cut:
    month = month_of(day)
    after = month_of(month + timedelta(days=31))
    if day.day <= _HALF:
        return _Cut(day, month, month, day, 1)
    return _Cut(day, after, day, after, -1)


async def turnout(
    session: ReadSession,
    start: date,
    end: date,
    scopes: Sequence[str],
    product_id: str | None,
    *,
    by_scope: bool = False,
) -> dict[str, Turnout]:
    """Return the customers of `[start, end)` by product, or by scope; groups without any are left out. One statement."""
    group = RetentionCount.scope if by_scope else RetentionCount.product_id
    before = start - (end - start)
    since_start, since_before = _cut_at(start), _cut_at(before)
    day, other = RetentionCount.day, RetentionCount.other

    def part(kind: str, *where: ColumnElement[bool], **sums: Any) -> Select[*tuple[Any, ...]]:
        columns = [(sums[name] if name in sums else literal(0)).label(name) for name in _TURNOUT]
        return select(group.label("of"), *columns).where(*_where(kind, scopes, product_id), *where).group_by(group)

    def visits(since: date, until: date, **seen: ColumnElement[bool]) -> list[Select[*tuple[Any, ...]]]:
        """Visits of `[since, until)`, by what their months before have to be."""
        return [
            part(
                Kind.MONTH if piece.by_month else Kind.VISIT,
                day >= piece.start,
                day < piece.end,
                **{name: piece.sign * _sum(condition) for name, condition in seen.items()},
            )
            for piece in parts_of(since, until)
        ]

    def gaps(cut: _Cut, **sums: ColumnElement[bool] | None) -> list[Select[*tuple[Any, ...]]]:
        """Visits of the range before which the customer last came between the cut and the nearest end of its month."""
        if cut.start == cut.end:
            return []
        where = (day >= cut.start, day < cut.end, other >= cut.day, other < end)
        return [part(Kind.GAP, *where, **{name: cut.sign * _sum(condition) for name, condition in sums.items()})]

    parts = [
        *visits(
            start, end, active=other < since_start.month, not_returned=other < since_before.month, first=other == NEVER
        ),
        *visits(before, start, previous=other < since_before.month),
        *gaps(since_start, active=None),
        *gaps(since_before, not_returned=other >= start, previous=other < start),
        part(Kind.NEW, day >= start, day < end, new=_sum()),
    ]
    found: dict[str, Turnout] = {}
    for key, *sums in await session.execute(union_all(*parts)):
        found.setdefault(key, Turnout()).add(Turnout(*sums))
    return {key: one for key, one in found.items() if any(getattr(one, name) for name in _TURNOUT)}


async def turnout_of(session: ReadSession, start: date, end: date, scope: str, product_id: str | None) -> Turnout:
    """Return the customers of `[start, end)` in one scope. Nothing is sorted for it: by scope is the order of the rows."""
    found = await turnout(session, start, end, [scope], product_id, by_scope=True)
    return found.get(scope, Turnout())


async def by_day(
    session: ReadSession, start: date, end: date, scope: str, product_id: str | None
) -> dict[date, tuple[int, int]]:
    """Return (customers, new customers) of each day that has any. One statement."""
    kinds = {Kind.VISIT: 0, Kind.NEW: 1}
    parts = [
        select(RetentionCount.day, literal(place), _sum())
        .where(*_where(kind, [scope], product_id), RetentionCount.day >= start, RetentionCount.day < end)
        .group_by(RetentionCount.day)
        for kind, place in kinds.items()
    ]
    found: dict[date, list[int]] = {}
    for day, place, count in await session.execute(union_all(*parts)):
        found.setdefault(day, [0, 0])[place] = count
    return {day: (customers, new) for day, (customers, new) in found.items()}


async def cohorts(
    session: ReadSession, start: date, scope: str, product_id: str | None
) -> dict[tuple[date, date], int]:
    """Return how many of the customers of a first month came in a month, by both, for first months from `start` on."""
    where = [*_where(Kind.COHORT, [scope], product_id), RetentionCount.day >= start]
    statement = select(RetentionCount.day, RetentionCount.other, _sum()).where(*where)
    found = await session.execute(statement.group_by(RetentionCount.day, RetentionCount.other))
    return {(row[0], row[1]): row[2] for row in found if row[2]}


LastDays = dict[tuple[str, date], tuple[int, int]]
"""Customers, and those with two deposits or more, by group and day of the latest deposit."""


async def last_days(
    session: ReadSession, start: date | None, end: date, scopes: Sequence[str], product_id: str | None
) -> LastDays:
    """Return by scope and day whose latest deposit with anyone was on a day of `[start, end)`. One statement."""
    parts = []
    for place, kind in enumerate((Kind.ONCE, Kind.AGAIN)):
        where = [*_where(kind, scopes, product_id), RetentionCount.day < end]
        if start is not None:
            where.append(RetentionCount.day >= start)
        group = (RetentionCount.scope, RetentionCount.day)
        parts.append(select(*group, literal(place), _sum()).where(*where).group_by(*group))
    found: dict[tuple[str, date], list[int]] = {}
    for scope, day, place, count in await session.execute(union_all(*parts)):
        found.setdefault((scope, day), [0, 0])[place] = count
    return {key: (once + again, again) for key, (once, again) in found.items()}


async def everybody(session: ReadSession) -> list[str]:
    """Return the ids of all people, removed ones too."""
    return list((await session.scalars(select(User.id))).all())


async def count_last_before(session: ReadSession, end: date, scope: str, product_id: str | None) -> int:
    """Return how many customers' latest deposit with anyone was before a day."""
    counts = [
        select(_sum().label("customers")).where(*_where(kind, [scope], product_id), RetentionCount.day < end)
        for kind in (Kind.ONCE, Kind.AGAIN)
    ]
    either = union_all(*counts).subquery()
    return int(await session.scalar(select(func.sum(either.c.customers))) or 0)


async def dismissed_days(
    session: ReadSession, user_id: str, today: date, start: date, end: date, owner: str | None, product_id: str | None
) -> list[tuple[str, date, bool]]:
    """Return owner and day of the latest deposit of the alerts that somebody does not want to see, and whether there are
    two deposits or more; for latest deposits in `[start, end)`."""
    c = RetentionCustomer
    statement = (
        select(c.staff_id, c.last_date, c.deposits > 1)
        .join(
            RetentionDismissal,
            (RetentionDismissal.customer_key == c.customer_key) & (RetentionDismissal.product_id == c.product_id),
        )
        .where(
            RetentionDismissal.user_id == user_id,
            RetentionDismissal.until > today,
            c.scope == COMPANY,
            c.last_date >= start,
            c.last_date < end,
        )
    )
    if owner is not None:
        statement = statement.where(c.staff_id == owner)
    if product_id is not None:
        statement = statement.where(c.product_id == product_id)
    rows: list[tuple[Any, ...]] = [tuple(row) for row in await session.execute(statement)]
    return [(owner, day, bool(again)) for owner, day, again in rows]
