"""Statements that repairs need beside the moves themselves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, select, update

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.db.dialect import in_numbers, unindexed
from crm_boost.db.session import WriteSession

_record = cast(Table, Record.__table__)
_database = cast(Table, CustomerDatabase.__table__)
_r, _d = _record.c, _database.c


async def lock_records(session: WriteSession, seqs: Sequence[int]) -> list[Row[*tuple[Any, ...]]]:
    """Return and lock these records, in one order, with what a move does not keep in the history."""
    statement = (
        select(
            _r.seq,
            _r.id,
            _r.state,
            _r.database_id,
            _r.assigned_to,
            _r.batch_id,
            _r.request_id,
            _r.held_until,
            _d.module,
        )
        .join_from(_record, _database, _d.id == unindexed(_r.database_id))
        .where(in_numbers(_r.seq, seqs))
        .order_by(_r.seq)
        .with_for_update(key_share=True, of=_record)
    )
    return list((await session.execute(statement)).all())


async def restore_hold(session: WriteSession, seqs: Sequence[int], request_id: str, until: datetime | None) -> None:
    """Let requested records say again for which request, and until when, they are held."""
    statement = update(_record).where(in_numbers(_r.seq, seqs), _r.held_for.is_not(None))
    await session.execute(statement.values(request_id=request_id, held_until=until))
