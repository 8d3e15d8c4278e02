"""Statements about batches, and about which records a reservation keeps from a hand-out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Table, insert, select

from crm_boost.assignments.models import Batch
from crm_boost.assignments.repositories.draw import is_eligible
from crm_boost.databases.models import Record
from crm_boost.db.dialect import in_numbers
from crm_boost.db.lots import inserting_rows
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Write, write_each
from crm_boost.kit.clock import utc_now
from crm_boost.kit.ids import new_id
from crm_boost.reservations.matching import is_taken_by_other, owner_name

_batch = cast(Table, Batch.__table__)
_record = cast(Table, Record.__table__)
_r = _record.c


class NewBatch(NamedTuple):
    """A batch to be stored."""

    id: str
    module: str
    database_id: str
    staff_id: str
    request_id: str | None
    title: str
    created_at: datetime

    @classmethod
    def of(cls, module: str, database_id: str, staff_id: str, request_id: str | None) -> "NewBatch":
        """Make a batch that starts now."""
        return cls(new_id(), module, database_id, staff_id, request_id, "", utc_now())


_INSERT, _INSERT_LOT = insert(_batch), inserting_rows(_batch, NewBatch._fields)


async def add_batches(session: WriteSession, new: Sequence[NewBatch]) -> None:
    """Store batches in one statement."""
    await write_each(session, [Write(_INSERT, [batch._asdict() for batch in new], lot=_INSERT_LOT)])


async def blocked_records(
    session: ReadSession, seqs: Sequence[int], staff_ids: Sequence[str]
) -> dict[int, dict[str, Any]]:
    """Return, by seq, those of these free records that a reservation keeps from `staff_ids`, and who owns them."""
    return await _reserved(session, in_numbers(_r.seq, seqs), ~is_eligible(session, staff_ids))


async def taken_records(session: ReadSession, seqs: Sequence[int], staff_id: str) -> dict[int, dict[str, Any]]:
    """Return, by seq, those of these records, in whatever state, whose customer is owned by somebody but `staff_id`."""
    return await _reserved(session, in_numbers(_r.seq, seqs), is_taken_by_other(session, _r, staff_id))


async def _reserved(session: ReadSession, *conditions: ColumnElement[bool]) -> dict[int, dict[str, Any]]:
    statement = select(_r.seq, _r.id, _r.customer_key, owner_name(session, _r).label("reserved_by")).where(*conditions)
    return {
        row.seq: {"record_id": row.id, "customer": row.customer_key, "reserved_by": row.reserved_by or ""}
        for row in await session.execute(statement)
    }
