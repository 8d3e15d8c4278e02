"""Finds free records whose state does not agree with the reservations."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import ColumnElement, Table, select

from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.databases.models import Record, RecordKey
from crm_boost.databases.state_repository import in_states, keys_of
from crm_boost.db.dialect import has_parallel_writers, in_texts
from crm_boost.db.session import WriteSession
from crm_boost.reservations.matching import is_reserved

_record = cast(Table, Record.__table__)
_r = _record.c


async def hold_records_of(session: WriteSession, customer_keys: Sequence[str]) -> None:
    """Lock the records of these customers, whatever their state: whoever is taking one back does not know of this
    reservation yet, nor this transaction of the record. It waits for them, or they for it. SQLite has one writer."""
    if has_parallel_writers(session):
        statement = select(_r.seq).where(_of_customers(customer_keys)).order_by(_r.seq)
        await session.execute(statement.with_for_update(key_share=True, of=_record))


async def lock_mismatched(
    session: WriteSession,
    command: Command,
    *,
    database_id: str | None = None,
    customer_keys: Sequence[str] | None = None,
) -> list[int]:
    """Return and lock the records of a database, or of these customers, that `command` (reserve, unreserve) is for."""
    owned, sources = is_reserved(session, _r), sorted(TABLE[command].sources)
    statement = select(_r.seq).where(owned if command is Command.RESERVE else ~owned)
    if database_id is not None:
        statement = statement.where(in_states(keys_of(database_id), *sources))
    if customer_keys is not None:
        statement = statement.where(_of_customers(customer_keys), _r.state.in_(sources))
    statement = statement.order_by(_r.seq).with_for_update(key_share=True, of=_record)
    return list((await session.scalars(statement)).all())


def _of_customers(customer_keys: Sequence[str]) -> ColumnElement[bool]:
    return _r.seq.in_(select(RecordKey.record_seq).where(in_texts(RecordKey.customer_key, customer_keys)))
