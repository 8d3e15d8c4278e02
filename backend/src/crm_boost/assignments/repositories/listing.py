"""The batches of a staff, who may receive records, and the history of a record."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Row, Table, func, or_, select

from crm_boost.assignments.models import Batch, Operation, RecordHistory
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_numbers
from crm_boost.db.session import ReadSession
from crm_boost.identity.models import User

_batch = cast(Table, Batch.__table__)
_b = _batch.c


async def staff_batches(session: ReadSession, database_id: str, staff_id: str, limit: int) -> list[dict[str, Any]]:
    """Return the batches that a staff has of a database, the newest first, with how many records each holds now."""
    held = (
        select(func.count())
        .where(Record.batch_id == _b.id, Record.state == RecordState.ASSIGNED)
        .correlate(_batch)
        .scalar_subquery()
    )
    statement = (
        select(_b.id, _b.title, _b.created_at, held.label("record_count"))
        .where(_b.staff_id == staff_id, _b.database_id == database_id)
        .order_by(_b.created_at.desc(), _b.id.desc())
        .limit(limit)
    )
    return [
        {"id": row.id, "title": row.title, "record_count": row.record_count, "created_at": row.created_at}
        for row in await session.execute(statement)
    ]


async def find_record(session: ReadSession, record_id: str, holder: str | None) -> Row[*tuple[Any, ...]] | None:
    """Return a record with where it came from; with `holder`, only when that staff holds it."""
    statement = (
        select(Record.seq, Record.state, CustomerDatabase.uploaded_at, CustomerDatabase.uploaded_by_name)
        .join(CustomerDatabase, CustomerDatabase.id == Record.database_id)
        .where(Record.id == record_id, CustomerDatabase.state == DatabaseState.READY)
    )
    if holder is not None:
        statement = statement.where(
            Record.assigned_to == holder, Record.state == RecordState.ASSIGNED, CustomerDatabase.deleted_at.is_(None)
        )
    return (await session.execute(statement)).first()


async def record_history(session: ReadSession, record_seq: int, about: str | None) -> list[dict[str, Any]]:
    """Return the transitions of a record, oldest first; with `about`, only those to and from that staff, and without
    the names of other holders."""
    return (await record_histories(session, [record_seq], about)).get(record_seq, [])


async def record_histories(
    session: ReadSession, record_seqs: Sequence[int], about: str | None
) -> dict[int, list[dict[str, Any]]]:
    """The same for several records, by record."""
    holder = func.coalesce(RecordHistory.to_holder, RecordHistory.from_holder)
    statement = (
        select(
            Operation.at,
            Operation.actor_name,
            Operation.kind,
            Operation.reason,
            RecordHistory.record_seq,
            RecordHistory.from_state,
            RecordHistory.to_state,
            holder.label("holder_id"),
            User.name.label("holder_name"),
        )
        .select_from(RecordHistory)
        .join(Operation, Operation.seq == RecordHistory.operation_seq)
        .outerjoin(User, User.id == holder)
        .where(in_numbers(RecordHistory.record_seq, record_seqs))
        .order_by(RecordHistory.operation_seq)
    )
    if about is not None:
        statement = statement.where(or_(RecordHistory.to_holder == about, RecordHistory.from_holder == about))
    entries: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in await session.execute(statement):
        entry: dict[str, Any] = {
            "at": row.at,
            "actor_name": row.actor_name,
            "kind": row.kind,
            "from_state": row.from_state,
            "to_state": row.to_state,
        }
        if row.reason is not None:
            entry["reason"] = row.reason
        if row.holder_name is not None and about in (None, row.holder_id):
            entry["holder_name"] = row.holder_name
        entries[row.record_seq].append(entry)
    return entries


async def receivers(session: ReadSession, roles: Sequence[str]) -> list[dict[str, Any]]:
    """Return active people who may receive records, by name."""
    statement = (
        select(User.id, User.name, User.email)
        .where(User.role.in_(roles), User.is_active, User.deleted_at.is_(None))
        .order_by(User.name, User.id)
    )
    return [{"id": row.id, "name": row.name, "email": row.email} for row in await session.execute(statement)]
