"""Records of shuffled databases in the order of their file (ADR 64)."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, select

from crm_boost.databases.counts_repository import counts_by_state, without_trash
from crm_boost.databases.file_order_repository import keys_by_row
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.state_repository import in_states
from crm_boost.databases.states import COUNTED_STATES, RecordState
from crm_boost.db.dialect import in_numbers, numbers_parameter, unindexed
from crm_boost.db.session import ReadSession
from crm_boost.db.statements import built_once, rows_of
from crm_boost.kit.paging import MAX_LIMIT
from crm_boost.pools.rows import record_select

FEW = MAX_LIMIT
"""Up to here a list is sorted by row for each of its pages: what would fit on the longest one."""
_MORE = 8


def _is_shown() -> ColumnElement[bool]:
    return cast(ColumnElement[bool], unindexed(Record.state) != RecordState.TRASHED)


def _shown_of(session: ReadSession) -> Select[*tuple[Any, ...]]:
    return record_select(session).where(in_numbers(Record.seq, numbers_parameter("keys")), _is_shown())


_upwards = built_once(lambda session: _shown_of(session).order_by(Record.row_number.asc()))
_downwards = built_once(lambda session: _shown_of(session).order_by(Record.row_number.desc()))


async def shown_records(session: ReadSession, database: CustomerDatabase) -> int:
    """Return how many records of a database are not in the trash."""
    return without_trash((await counts_by_state(session, [database.id]))[database.id])


async def sorted_by_row(
    session: ReadSession, where: Sequence[ColumnElement[bool]], *, descending: bool, limit: int
) -> list[Any]:
    """Return the first of the chosen records in file order. All of them are looked at: for few. One statement."""
    order = Record.row_number.desc() if descending else Record.row_number.asc()
    # First the keys of the page, then the rest of these few rows.
    keys = select(Record.seq).where(*where).order_by(order).limit(limit).subquery("page_keys")
    statement = record_select(session).join(keys, keys.c.seq == Record.seq).order_by(order)
    return list((await session.execute(statement)).all())


def beyond(row_number: int, *, descending: bool) -> ColumnElement[bool]:
    """Return the condition: the record comes after this row."""
    return Record.row_number < row_number if descending else Record.row_number > row_number


async def all_by_row(
    session: ReadSession, database: CustomerDatabase, after: int | None, *, descending: bool, limit: int
) -> list[Any]:
    """Return the first records after this row that are not in the trash, in file order.

    Their keys are in the order of the file; two statements. Where the trash took some of them, as many more are tried,
    and then eight times as many: the statements grow with the logarithm of what is in the trash.
    """
    found: list[Any] = []
    keys, seen = await keys_by_row(session, database, after, limit, descending=descending)
    size = limit
    while keys or seen is not None:
        wanted = limit - len(found)
        if min(size, len(keys)) <= wanted:
            # Mostly these are the records of the page, no more.
            found += await rows_of(session, (_downwards if descending else _upwards)(session), {"keys": keys[:size]})
        else:
            where = [in_numbers(Record.seq, keys[:size]), _is_shown()]
            found += await sorted_by_row(session, where, descending=descending, limit=wanted)
        keys = keys[size:]
        if len(found) == limit or (not keys and seen is None):
            break
        if size == limit and await shown_records(session, database) <= FEW:
            # Nearly everything is in the trash: what is not is found by its states.
            return await _few_by_row(session, database, after, descending=descending, limit=limit)
        size *= _MORE
        if len(keys) < size and seen is not None:
            more, seen = await keys_by_row(session, database, seen, size - len(keys), descending=descending)
            keys += more
    return found


async def _few_by_row(
    session: ReadSession, database: CustomerDatabase, after: int | None, *, descending: bool, limit: int
) -> list[Any]:
    where = [in_states((database.first_seq, database.last_seq), *COUNTED_STATES)]
    if after is not None:
        where.append(beyond(after, descending=descending))
    return await sorted_by_row(session, where, descending=descending, limit=limit)
