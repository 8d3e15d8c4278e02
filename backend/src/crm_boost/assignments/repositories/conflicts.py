"""Statements about conflicts: records somebody holds while their customers are somebody else's (spec 3.2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, exists, select, update

from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_numbers, in_texts, unindexed
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.models import User
from crm_boost.reservations.matching import is_of_product, leads_to
from crm_boost.reservations.models import ConflictEntry, ReservationKey

_conflict = cast(Table, ConflictEntry.__table__)
_history = cast(Table, RecordHistory.__table__)
_operation = cast(Table, Operation.__table__)
_record = cast(Table, Record.__table__)


async def end_of_operation(session: WriteSession, operation_id: str, at: datetime) -> None:
    """Note the end of the conflicts about records that an operation took from their holders. Starts from the open
    conflicts, of which there are few, however many records were taken."""
    moved = (
        exists()
        .where(_operation.c.id == operation_id, _history.c.operation_seq == _operation.c.seq)
        .where(_history.c.record_seq == _conflict.c.record_seq)
    )
    still_held = exists().where(
        _record.c.seq == _conflict.c.record_seq,
        _record.c.state == RecordState.ASSIGNED,
        _record.c.assigned_to == _conflict.c.staff_id,
    )
    statement = update(_conflict).where(_conflict.c.ended_at.is_(None), moved, ~still_held).values(ended_at=at)
    await session.execute(statement)


async def open_conflicts(
    session: ReadSession, modules: Sequence[str], record_ids: Sequence[str] | None = None
) -> list[Row[*tuple[Any, ...]]]:
    """Return the conflicts of these modules as they are now, or of these records alone: record, holder, owner. Starts
    from the reservations."""
    owner, holder = User.__table__.alias("owner"), User.__table__.alias("holder")
    reserved = (
        select(RecordKey.record_seq).select_from(ReservationKey).join(RecordKey, leads_to(RecordKey.customer_key))
    )
    statement = (
        select(
            Record.seq,
            Record.id.label("record_id"),
            Record.customer_key.label("customer_id"),
            Record.assigned_to.label("staff_id"),
            holder.c.name.label("staff_name"),
            ReservationKey.staff_id.label("owner_id"),
            owner.c.name.label("owner_name"),
            CustomerDatabase.module,
        )
        .join(ReservationKey, (ReservationKey.customer_key == Record.customer_key) & ReservationKey.approved)
        .join(CustomerDatabase, CustomerDatabase.id == unindexed(Record.database_id))
        .join(owner, owner.c.id == ReservationKey.staff_id)
        .join(holder, holder.c.id == Record.assigned_to)
        .where(
            Record.seq.in_(reserved),
            unindexed(Record.state) == RecordState.ASSIGNED,
            is_of_product(session, Record.product_id),
            ReservationKey.staff_id != Record.assigned_to,
            CustomerDatabase.module.in_(modules),
            CustomerDatabase.state == DatabaseState.READY,
            CustomerDatabase.deleted_at.is_(None),
        )
        .order_by(Record.seq, ReservationKey.staff_id)
    )
    if record_ids is not None:
        statement = statement.where(in_texts(Record.id, record_ids))
    return list((await session.execute(statement)).all())


async def customer_keys_of(session: ReadSession, seqs: Sequence[int]) -> list[str]:
    """Return the customers of these records."""
    statement = select(Record.customer_key).where(in_numbers(Record.seq, seqs)).distinct()
    return list((await session.scalars(statement)).all())
