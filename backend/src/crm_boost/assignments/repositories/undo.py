"""Statements about what an operation did, and what of it is still as it left it."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Row, Table, exists, func, select

from crm_boost.assignments.models import RecordHistory
from crm_boost.contacts.models import Contact
from crm_boost.databases.models import Record
from crm_boost.db.session import ReadSession, WriteSession

_record = cast(Table, Record.__table__)
_history = cast(Table, RecordHistory.__table__)
_r, _h = _record.c, _history.c


async def count_in(session: ReadSession, operation_seq: int) -> int:
    """Return how many records an operation moved."""
    statement = select(func.count()).select_from(_history).where(_h.operation_seq == operation_seq)
    return (await session.execute(statement)).scalar_one()


async def lock_untouched(
    session: WriteSession, operation_seq: int, states: Sequence[str]
) -> list[Row[*tuple[Any, ...]]]:
    """Return and lock the records an operation moved that nothing has happened to since."""
    later, every = _history.alias("later"), _history.alias("every")
    was_worked_on = exists().where(Contact.record_seq == _r.seq, Contact.deal_rank == _h.from_deal_rank)
    moved_then = select(func.count()).where(every.c.operation_seq == operation_seq).scalar_subquery()
    statement = (
        select(
            _r.seq,
            _r.id,
            _r.state,
            _r.database_id,
            _r.assigned_to,
            _r.batch_id,
            _r.assigned_at,
            _h.from_assigned_at,
            was_worked_on.label("was_worked_on"),
            _h.from_holder,
            _h.from_batch,
            _h.from_validation,
            moved_then.label("moved_then"),
        )
        .join(_history, _h.record_seq == _r.seq)
        .where(
            _h.operation_seq == operation_seq,
            _r.state.in_(states),
            ~exists().where(later.c.record_seq == _r.seq, later.c.operation_seq > operation_seq),
        )
        .order_by(_r.seq)
        .with_for_update(key_share=True, of=_record)
    )
    return list((await session.execute(statement)).all())
