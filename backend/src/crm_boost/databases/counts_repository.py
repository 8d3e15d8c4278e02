"""All SQL of the stored counts of records by database and state (ADR 52): reading, changing, comparing, adding up."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Select,
    Table,
    bindparam,
    delete,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy import cast as as_type

from crm_boost.databases.models import CustomerDatabase, Record, RecordCount
from crm_boost.databases.state_repository import between, is_in
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import (
    has_parallel_writers,
    hold_names,
    in_numbers,
    in_texts,
    inserting,
    own_transaction,
)
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Write, built_once, write_each
from crm_boost.db.types import Question

_count = cast(Table, RecordCount.__table__)
_record = cast(Table, Record.__table__)
_database = cast(Table, CustomerDatabase.__table__)
_c, _r, _d = _count.c, _record.c, _database.c

_LOCK = 7_391_204
_ADDING_UP = "adding up"

OfDatabases = Callable[[ColumnElement[str]], ColumnElement[bool]]
"""The condition that a column names one of the databases meant."""


def counts() -> Select[*tuple[Any, ...]]:
    """Return the statement: database_id, state, records, one row for each state of a database. Records of databases that
    are not ready may be missing in it."""
    # PostgreSQL adds up to a decimal number, also when these are added up again.
    records = as_type(func.sum(_c.records), Integer).label("records")
    return select(_c.database_id, _c.state, records).group_by(_c.database_id, _c.state)


async def counts_by_state(session: ReadSession, database_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the number of records by database and state; a state without records may be missing."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    statement = counts().where(in_texts(_c.database_id, database_ids))
    for database_id, state, records in await session.execute(statement):
        found[database_id][state] = int(records)
    return found


def without_trash(counts: Mapping[str, int]) -> int:
    """Return how many records there are by these counts by state, those in the trash left out."""
    return sum(count for state, count in counts.items() if state != RecordState.TRASHED)


def _adding(session: WriteSession, changes: Select[*tuple[Any, ...]]) -> Executable:
    """Return the statement that adds changes (database_id, state, records; each pair once) to the counts."""
    some = changes.subquery("changes")
    added = select(some.c.database_id, some.c.state, own_transaction(session), some.c.records)
    return _adding_rows(session, added.where(some.c.records != 0))


def _adding_rows(session: WriteSession, rows: Select[*tuple[Any, ...]]) -> Executable:
    names = [_c.database_id, _c.state, _c.part, _c.records]
    statement = inserting(session, _count).from_select(names, rows, include_defaults=False)
    added = {_c.records: _c.records + statement.excluded.records}
    statement = statement.on_conflict_do_update(index_elements=list(_count.primary_key), set_=added)
    return statement.execution_options(preserve_rowcount=True)


@built_once
def _adding_values(session: ReadSession) -> Executable:
    statement = inserting(session, _count).values(part=own_transaction(session))
    added = {_c.records: _c.records + statement.excluded.records}
    return statement.on_conflict_do_update(index_elements=list(_count.primary_key), set_=added)


async def add(session: WriteSession, changes: Mapping[tuple[str, str], int]) -> None:
    """Add to the counts of these databases and states; what comes to nothing costs nothing."""
    rows = [
        {"database_id": database_id, "state": state, "records": change}
        for (database_id, state), change in sorted(changes.items())
        if change
    ]
    await write_each(session, [Write(_adding_values(session), rows)])


async def take_out(session: WriteSession, seqs: Sequence[int]) -> None:
    """Let these records count no longer, in the transaction that removes them and before it does."""
    gone = (
        select(_r.database_id, _r.state, (-func.count()).label("records"))
        .where(in_numbers(_r.seq, seqs))
        .group_by(_r.database_id, _r.state)
    )
    await session.execute(_adding(session, gone))


async def recount(session: WriteSession, database_ids: Sequence[str]) -> int:
    """Count the records of these databases and store what is not as stored; return how many counts were not.

    Safe beside commands that are under way: the statement sees neither a record they have moved nor what they add to
    the counts, or it sees both.
    """
    await hold_names(session, _LOCK, database_ids)
    differing = _differences(lambda column: in_texts(column, database_ids))
    done = await session.execute(_adding(session, differing))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _differences(of_databases: OfDatabases) -> Select[*tuple[Any, ...]]:
    """What has to be added to the stored counts, one row for each that is wrong."""
    counted = (
        select(_d.id, literal(str(state)).label("state"), _records_of(state).label("records")).where(
            of_databases(_d.id)
        )
        for state in RecordState
    )
    stored = select(_c.database_id, _c.state, (-_c.records).label("records")).where(of_databases(_c.database_id))
    both = union_all(stored, *counted).subquery("both_sides")
    missing = func.sum(both.c.records)
    place = (both.c.database_id, both.c.state)
    return select(*place, missing.label("records")).group_by(*place).having(missing != 0)


def _records_of(state: RecordState) -> ColumnElement[int]:
    """How many records of a database are in this state: from the index of that state alone."""
    own = between((_d.first_seq, _d.last_seq))
    return select(func.count()).select_from(_record).where(own, is_in(state)).correlate(_database).scalar_subquery()


def _is_ready(column: ColumnElement[str]) -> ColumnElement[bool]:
    return column.in_(select(CustomerDatabase.id).where(CustomerDatabase.state == DatabaseState.READY))


def wrong_counts() -> Question:
    """Stored counts that are not how many records there are. Columns as health checks have them."""
    wrong = _differences(_is_ready).subquery("wrong")
    place = wrong.c.database_id
    return select(place.label("key"), place.label("id"), literal("record_count").label("kind"))


async def wrong_databases(session: ReadSession) -> list[str]:
    """Return the databases that have a wrong count."""
    wrong = _differences(_is_ready).subquery("wrong")
    statement = select(wrong.c.database_id).distinct().order_by(wrong.c.database_id)
    return list((await session.scalars(statement)).all())


async def add_up(session: WriteSession) -> int:
    """Make one row of what transactions have added to each count; return how many counts that were.

    One statement, so that whoever reads sees the counts before it or after it. What is not committed yet stays.
    """
    if not has_parallel_writers(session):
        return 0
    await hold_names(session, _LOCK, [_ADDING_UP])
    taken = delete(_count).where(_c.part != 0).returning(_c.database_id, _c.state, _c.records).cte("taken")
    place = (taken.c.database_id, taken.c.state)
    sums = select(*place, literal(0), func.sum(taken.c.records)).group_by(*place)
    done = await session.execute(_adding_rows(session, sums))
    return int(done.rowcount)  # type: ignore[attr-defined]


async def forget(session: WriteSession, database_id: str) -> None:
    """Remove the counts of a database that has no record any more."""
    await hold_names(session, _LOCK, [_ADDING_UP])
    await session.execute(delete(_count).where(_c.database_id == bindparam("p_database")), {"p_database": database_id})
