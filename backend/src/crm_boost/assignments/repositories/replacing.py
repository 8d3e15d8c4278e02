"""Statements behind archiving and replacing: what a call stands on, and the links between the two records of a pair."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Row, Table, select, update

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_numbers, in_texts
from crm_boost.db.session import ReadSession, WriteSession

_r = cast(Table, Record.__table__).c
_d = cast(Table, CustomerDatabase.__table__).c


async def holders_of(session: ReadSession, record_ids: Sequence[str]) -> list[Row[*tuple[Any, ...]]]:
    """Return which databases (with their modules) and which holders these dealt records have; no lock."""
    statement = (
        select(_r.database_id, _d.module, _r.assigned_to)
        .where(
            in_texts(_r.id, record_ids),
            _r.state == RecordState.ASSIGNED,
            _d.id == _r.database_id,
            _d.state == DatabaseState.READY,
            _d.deleted_at.is_(None),
        )
        .distinct()
    )
    return list((await session.execute(statement)).all())


async def ids_by_seq(session: ReadSession, seqs: Sequence[int]) -> dict[int, str]:
    """Return the public ids of records."""
    rows = await session.execute(select(_r.seq, _r.id).where(in_numbers(_r.seq, seqs)))
    return {row.seq: row.id for row in rows}


async def forget_links_to(session: WriteSession, record_ids: Sequence[str]) -> None:
    """Drop the links to records that once replaced others, were taken back, and now replace again.

    A record replaces one at a time; that it did before stays in the history and among the replacements.
    """
    statement = update(Record).where(in_texts(Record.replaced_by, record_ids)).values(replaced_by=None)
    await session.execute(statement.execution_options(synchronize_session=False))


async def modules_of(session: ReadSession, record_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return these records by the module of their database."""
    statement = select(_d.module, _r.id).where(in_texts(_r.id, record_ids), _d.id == _r.database_id).order_by(_r.seq)
    found: dict[str, list[str]] = {}
    for module, record_id in await session.execute(statement):
        found.setdefault(module, []).append(record_id)
    return found
