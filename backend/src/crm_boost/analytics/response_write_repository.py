"""All SQL that keeps the counts of response times, proves them and puts them right. What they have to be is said twice: by
`response_times.note_times` for what changes, and here over all hand-outs."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, Select, Table, case, extract, func, literal, or_, select, union_all
from sqlalchemy import cast as as_type

from crm_boost.analytics.models import RESPONSE_COUNTS, TENTHS, WorkItem
from crm_boost.analytics.response_times import (
    BAND,
    BLOCKS_OF_MONTH,
    EVERYTHING,
    QUARTER_DAYS,
    TENTH,
    WHOLE,
    Band,
    Timed,
    Times,
)
from crm_boost.databases.models import CustomerDatabase
from crm_boost.db.dialect import inserting
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Write, adding, write_each
from crm_boost.db.types import Question
from crm_boost.identity.models import User

_counts = RESPONSE_COUNTS
_i = cast(Table, WorkItem.__table__).c
_KEYS = tuple(Band._fields)
_FIGURES = ("times", "seconds", *TENTHS)
_ADD = adding(_counts, _FIGURES)

Rows = Select[*tuple[Any, ...]]


async def add_times(session: WriteSession, changes: Mapping[Band, Times]) -> None:
    """Add differences to the counts, in one order for everybody. One statement; a row may come to nothing and stays."""
    rows = [
        {**band._asdict(), "times": times.count, "seconds": times.seconds}
        | {name: times.tenths[number] for number, name in enumerate(TENTHS)}
        for band, times in sorted(changes.items(), key=lambda item: item[0])
        if times.seconds or any(times.tenths.values())
    ]
    await write_each(session, [Write(_ADD(session), rows)])


async def everybody(session: ReadSession) -> set[str]:
    """Return everybody who can have been handed out anything."""
    return set((await session.scalars(select(User.id))).all())


async def move_to_product(session: WriteSession, database_id: str, former: str) -> None:
    """Let what was handed out of a database count with its product, and no longer with the former one."""
    said = _by_quarter(_i.database_id == database_id).cte()
    parts = [
        *_spread(said, literal(former), sign=-1),
        *_spread(said, said.c.scope),
    ]
    await _add(session, parts)


async def mend(session: WriteSession) -> int:
    """Make the counts what the hand-outs say; return how many rows were something else."""
    return await _add(session, _differences())


def wrong_times() -> Question:
    """Return the statement: whose counts of which product are not what their hand-outs add up to."""
    found = _summed(_differences()).subquery()
    return select(found.c.staff_id.label("key"), found.c.scope.label("id"), literal("response_times").label("kind"))


async def _add(session: WriteSession, parts: list[Rows]) -> int:
    statement = inserting(session, _counts).from_select([*_KEYS, *_FIGURES], _summed(parts))
    added = {name: _counts.c[name] + statement.excluded[name] for name in _FIGURES}
    upsert = statement.on_conflict_do_update(index_elements=list(_KEYS), set_=added)
    # Counted out of what it returns: SQLite counts the rows of no statement that begins as this one does.
    done = await (await session.connection()).execute(upsert.returning(_counts.c.block))
    return len(done.all())


def _summed(parts: list[Rows]) -> Rows:
    """Return the sums of rows of the counts by their keys, but for those that come to nothing."""
    rows = union_all(*parts).subquery()
    sums = [func.sum(rows.c[name]) for name in _FIGURES]
    keys = [rows.c[name] for name in _KEYS]
    statement = select(*keys, *(total.label(name) for total, name in zip(sums, _FIGURES, strict=True)))
    return statement.group_by(*keys).having(or_(*(total != 0 for total in sums)))


def _differences() -> list[Rows]:
    """Return what has to be stored, and what is stored taken away."""
    said = _by_quarter().cte()
    stored = select(*(_counts.c[name] for name in _KEYS), *((-_counts.c[name]).label(name) for name in _FIGURES))
    return [*_spread(said, said.c.scope), *_spread(said, literal(EVERYTHING)), stored]


def _spread(said: Any, scope: ColumnElement[str], sign: int = 1) -> list[Rows]:
    """Return rows of the counts in a scope, for quarters and for months, out of those of `_by_quarter`."""
    figures = [(sign * said.c[name]).label(name) for name in _FIGURES]
    rest = (said.c.staff_id, said.c.timed, said.c.band, *figures)
    return [
        select((said.c.month + within).label("block"), scope.label("scope"), *rest)
        for within in (said.c.quarter, literal(WHOLE))
    ]


def _by_quarter(*where: ColumnElement[bool]) -> Rows:
    """Return what hand-outs add up to, by month and the quarter within it, product, staff and band."""

    def part(name: str) -> ColumnElement[int]:
        return as_type(extract(name, _i.handed_on), Integer)

    month = (part("year") * 12 + part("month")) * BLOCKS_OF_MONTH
    times = union_all(
        *(
            select(
                month.label("month"),
                ((part("day") - 1) // QUARTER_DAYS).label("quarter"),
                CustomerDatabase.product_id.label("scope"),
                _i.staff_id,
                literal(int(timed)).label("timed"),
                _i[timed.column].label("seconds"),
                ((_i[timed.column] + TENTH // 2) // TENTH).label("tenth"),
            )
            .join(CustomerDatabase, CustomerDatabase.id == _i.database_id)
            .where(_i[timed.column].is_not(None), *where)
            for timed in Timed
        )
    ).subquery()
    band = (times.c.tenth // BAND).label("band")
    keys = (times.c.month, times.c.quarter, times.c.scope, times.c.staff_id, times.c.timed, band)
    tenths = (
        func.sum(case((times.c.tenth % BAND == number, 1), else_=0)).label(name) for number, name in enumerate(TENTHS)
    )
    return select(*keys, func.count().label("times"), func.sum(times.c.seconds).label("seconds"), *tenths).group_by(
        *keys
    )
