"""Statements that run with every mark and every booking: built once, and run past the mapper.

Building a statement of twenty columns costs several times what running it for one record costs, and so does telling the
mapper of it, which knows nothing of the rows that these statements read and write.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Executable, Row, Table
from sqlalchemy.orm import Session

from crm_boost.db.dialect import inserting
from crm_boost.db.lots import as_parameters, inserting_rows, is_a_lot
from crm_boost.db.prepared import prepared
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.sqlite_driver import quick_statements

_FEW = 20
"""So many rows of a statement are read or written by their keys on the spot: see `quick_statements`."""

Built = TypeVar("Built")
Builder = Callable[[ReadSession], Built]


class Write(NamedTuple):
    """Rows to write by one INSERT: each by the names of its values, or, where `names` tells them, as values in that order."""

    statement: Any
    rows: Sequence[Mapping[str, Any] | Sequence[Any]]
    names: tuple[str, ...] | None = None
    lot: Any = None
    """The same INSERT of rows as one parameter (`lots.py`): each has another key, and is given by the names of its values."""


def built_once(build: Builder[Built]) -> Builder[Built]:
    """Let `build` run once for each database and scope of reservations: nothing else may be in what it returns."""
    found: dict[tuple[str, str], Built] = {}

    def built(session: ReadSession) -> Built:
        place = (session.get_bind().dialect.name, session.business.reservation_scope)
        if place not in found:
            found[place] = build(session)
        return found[place]

    return built


@cache
def overwriting(table: Table, names: tuple[str, ...] = ()) -> Builder[Executable]:
    """Return what builds the INSERT that, where a row of the same key is, sets these columns of it (none named: all)."""
    changed = names or tuple(column.name for column in table.columns if not column.primary_key)
    return _upserting(table, lambda new: {name: new[name] for name in changed})


@cache
def adding(table: Table, names: tuple[str, ...]) -> Builder[Executable]:
    """Return what builds the INSERT that, where a row of the same key is, adds to these columns of it."""
    return _upserting(table, _sums(table, names))


@cache
def adding_rows(table: Table, names: tuple[str, ...]) -> Builder[Executable]:
    """The same for rows as one parameter."""
    columns = tuple(column.name for column in table.columns)
    return _upserting(table, _sums(table, names), columns)


def _sums(table: Table, names: tuple[str, ...]) -> Callable[[Any], dict[str, Any]]:
    return lambda new: {name: table.c[name] + new[name] for name in names}


def _upserting(
    table: Table, changed: Callable[[Any], dict[str, Any]], given: Sequence[str] | None = None
) -> Builder[Executable]:
    def build(session: ReadSession) -> Executable:
        statement: Any = inserting(session, table)
        if given is not None:
            statement = inserting_rows(table, given, statement)
        keys = [column.name for column in table.primary_key]
        changes = changed(statement.excluded)
        return cast(Executable, statement.on_conflict_do_update(index_elements=keys, set_=changes))

    return built_once(build)


async def rows_of(
    session: ReadSession,
    statement: Executable,
    given: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the rows of a statement over tables, which is given values once, or once for each row it writes. What the
    mapper has not written yet is not seen."""
    return await session.run_sync(lambda inner: inner.connection().execute(statement, given).all())


async def written(session: ReadSession) -> None:
    """Let statements that go past the mapper see what it has been told of so far."""
    if session.new or session.dirty or session.deleted:
        await session.flush()


async def look_up(
    session: ReadSession, statement: Executable, given: Mapping[str, Any]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the few rows that an index finds by each of the keys given."""
    if any(len(values) > _FEW for values in given.values() if isinstance(values, list)):
        return await rows_of(session, statement, given)

    def run(inner: Session) -> Sequence[Row[*tuple[Any, ...]]]:
        connection = inner.connection()
        with quick_statements():
            return connection.execute(statement, given).all()

    return await session.run_sync(run)


async def write_each(session: WriteSession, writes: Iterable[Write]) -> None:
    """Write rows of several tables, one after the other, in the order given."""
    wanted = [write for write in writes if write.rows]

    def run(inner: Session) -> None:
        connection = inner.connection()
        for statement, rows, names, lot in wanted:
            if lot is not None and is_a_lot(session, rows):
                connection.execute(lot, as_parameters(cast(Sequence[Mapping[str, Any]], rows)))
                continue
            known = prepared(statement, connection.dialect, tuple(names or rows[0]), by_place=names is not None)
            with quick_statements() if len(rows) <= _FEW else nullcontext():
                connection.exec_driver_sql(known.text, known.parameters(rows))

    if wanted:
        await session.run_sync(run)
