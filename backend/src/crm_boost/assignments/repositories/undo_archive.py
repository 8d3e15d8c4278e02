"""Statements about the pairs that one archiving made: an archived record and the one dealt in its place."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Row, Table, func, select

from crm_boost.assignments.models import RecordHistory
from crm_boost.databases.models import Record
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import in_numbers
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.reservations.matching import is_taken_by_other

_record = cast(Table, Record.__table__)
_dealt = _record.alias("dealt")
_history = cast(Table, RecordHistory.__table__)
_r, _d, _h = _record.c, _dealt.c, _history.c


async def pairs_of(session: ReadSession, operation_seq: int) -> list[Row[*tuple[Any, ...]]]:
    """Return what an archiving archived and what stands in its place: (seq, dealt_seq, dealt_by), the last the hand-out
    that dealt it. Records without a replacement have neither."""
    dealing = _history.alias("dealing")
    dealt_by = (
        select(func.max(dealing.c.operation_seq))
        .where(dealing.c.record_seq == _d.seq, dealing.c.operation_seq < operation_seq)
        .correlate(_dealt)
        .scalar_subquery()
    )
    statement = (
        select(_r.seq, _d.seq.label("dealt_seq"), dealt_by.label("dealt_by"))
        .join_from(_history, _record, _r.seq == _h.record_seq)
        .outerjoin(_dealt, _d.id == _r.replaced_by)
        .where(_h.operation_seq == operation_seq, _r.state == RecordState.ARCHIVED)
    )
    return list((await session.execute(statement)).all())


async def lock_by_seq(session: WriteSession, seqs: Sequence[int]) -> dict[int, Row[*tuple[Any, ...]]]:
    """Return and lock records by their numbers, in one order."""
    statement = (
        select(_r.seq, _r.id, _r.state, _r.database_id, _r.assigned_to, _r.batch_id)
        .where(in_numbers(_r.seq, seqs))
        .order_by(_r.seq)
        .with_for_update(key_share=True, of=_record)
    )
    return {row.seq: row for row in await session.execute(statement)}


async def free_for_former(session: ReadSession, operation_seq: int, seqs: Sequence[int]) -> set[int]:
    """Return those of these records whose customers nobody but their former holder has reserved."""
    statement = (
        select(_r.seq)
        .join_from(_record, _history, _h.record_seq == _r.seq)
        .where(
            in_numbers(_r.seq, seqs),
            _h.operation_seq == operation_seq,
            ~is_taken_by_other(session, _r, _h.from_holder),
        )
    )
    return set((await session.scalars(statement)).all())
