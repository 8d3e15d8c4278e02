"""Reads that take the locks a command stands on. Order, always: databases, people, records.

On SQLite the unit of work is the lock; on PostgreSQL shared row locks keep a database from being trashed and a person
from being removed while a hand-out is under way, without making hand-outs wait for each other.
"""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, Table, func, select

from crm_boost.assignments.models import Batch, Operation, RecordHistory
from crm_boost.databases.models import CustomerDatabase, Record, RecordKey
from crm_boost.databases.state_repository import in_states, keys_of
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.dialect import in_numbers, in_texts, texts_parameter, unindexed
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import look_up, written
from crm_boost.identity.models import User
from crm_boost.reservations.matching import is_taken_by_other

_record = cast(Table, Record.__table__)
_database = cast(Table, CustomerDatabase.__table__)
_user = cast(Table, User.__table__)
_batch = cast(Table, Batch.__table__)
_history = cast(Table, RecordHistory.__table__)
_r, _d, _u, _h = _record.c, _database.c, _user.c, _history.c

_DATABASE_COLUMNS = (
    *(_d.id, _d.module, _d.product_id, _d.name, _d.state, _d.deleted_at),
    *(_d.first_seq, _d.last_seq, _d.is_shuffled),
)
_STAFF_COLUMNS = (_u.id, _u.name, _u.role, _u.is_active, _u.capacity, _u.deleted_at)

DatabaseFacts = Row[*tuple[Any, ...]]
StaffFacts = Row[*tuple[Any, ...]]


def _databases(chosen: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(*_DATABASE_COLUMNS).where(chosen).order_by(_d.id)


_IDS = texts_parameter("p_ids")
# Built once: these run in every hand-out, and building costs more than running them.
_LOCK_DATABASES = _databases(in_texts(_d.id, _IDS)).with_for_update(read=True)


async def database_facts(session: ReadSession, ids: Sequence[str]) -> dict[str, DatabaseFacts]:
    """Return what rules need to know about databases, without a lock."""
    return {row.id: row for row in await session.execute(_databases(in_texts(_d.id, ids)))}


async def lock_databases(session: WriteSession, ids: Sequence[str]) -> dict[str, DatabaseFacts]:
    """The same, held against being trashed or moved until the end of the transaction."""
    await written(session)
    return {row.id: row for row in await look_up(session, _LOCK_DATABASES, {"p_ids": list(ids)})}


async def lock_databases_alone(session: WriteSession, ids: Sequence[str]) -> dict[str, DatabaseFacts]:
    """The same, but waiting for the hand-outs under way, and keeping new ones waiting."""
    statement = _databases(in_texts(_d.id, ids)).with_for_update(key_share=True)
    return {row.id: row for row in await session.execute(statement)}


async def lock_databases_of_records(session: WriteSession, record_ids: Sequence[str]) -> dict[str, DatabaseFacts]:
    """The same for the databases these records are in."""
    return await _lock_databases(session, _d.id.in_(select(_r.database_id).where(in_texts(_r.id, record_ids))))


async def lock_databases_of_operation(session: WriteSession, operation_seq: int) -> dict[str, DatabaseFacts]:
    """The same for the databases of the records an operation moved."""
    moved = select(_r.database_id).join(_history, _h.record_seq == _r.seq).where(_h.operation_seq == operation_seq)
    return await _lock_databases(session, _d.id.in_(moved))


async def _lock_databases(session: WriteSession, chosen: ColumnElement[bool]) -> dict[str, DatabaseFacts]:
    statement = _databases(chosen).with_for_update(read=True)
    return {row.id: row for row in await session.execute(statement)}


async def claim_database(session: WriteSession, database_id: str) -> DatabaseFacts | None:
    """Return one database, alone: waits for the hand-outs under way and keeps new ones out."""
    return (await lock_databases_alone(session, [database_id])).get(database_id)


async def staff_facts(session: ReadSession, ids: Sequence[str]) -> dict[str, StaffFacts]:
    """Return what rules need to know about people, without a lock."""
    return {row.id: row for row in await session.execute(select(*_STAFF_COLUMNS).where(in_texts(_u.id, ids)))}


def _people(chosen: ColumnElement[bool], *, limited: bool) -> Select[*tuple[Any, ...]]:
    statement = select(*_STAFF_COLUMNS).where(chosen).order_by(_u.id)
    if limited:
        return statement.where(_u.capacity.is_not(None)).with_for_update(key_share=True)
    return statement.where(_u.capacity.is_(None)).with_for_update(read=True)


_LOCK_UNLIMITED = _people(in_texts(_u.id, _IDS), limited=False)
_LOCK_LIMITED = _people(in_texts(_u.id, _IDS), limited=True)
_CLAIM_UNLIMITED = _LOCK_UNLIMITED.with_for_update(key_share=True)


async def lock_staff(session: WriteSession, ids: Sequence[str]) -> dict[str, StaffFacts]:
    """The same, held against removal until the end of the transaction.

    Whoever has a capacity is locked alone, since the room found must still be there when the records are written.
    """
    parameters = {"p_ids": list(ids)}
    await written(session)
    found = {row.id: row for row in await look_up(session, _LOCK_UNLIMITED, parameters)}
    if len(found) < len(set(ids)):
        found.update({row.id: row for row in await look_up(session, _LOCK_LIMITED, parameters)})
    return found


async def claim_staff(session: WriteSession, ids: Sequence[str]) -> dict[str, StaffFacts]:
    """The same, each alone, with or without a capacity: what is counted per person must still be true afterwards."""
    found: dict[str, StaffFacts] = {}
    for statement in (_CLAIM_UNLIMITED, _LOCK_LIMITED):
        found.update({row.id: row for row in await session.execute(statement, {"p_ids": list(ids)})})
    return found


async def lock_former_holders(session: WriteSession, operation_seq: int) -> dict[str, StaffFacts]:
    """The same for everybody who had records before an operation, each alone: who has a capacity is not known yet."""
    former = _u.id.in_(select(_h.from_holder).where(_h.operation_seq == operation_seq))
    statement = select(*_STAFF_COLUMNS).where(former).order_by(_u.id).with_for_update(key_share=True)
    return {row.id: row for row in await session.execute(statement)}


async def open_records(session: ReadSession, staff_ids: Sequence[str]) -> dict[str, int]:
    """Return how many records each staff holds, over all modules."""
    statement = (
        select(_r.assigned_to, func.count())
        .where(in_texts(_r.assigned_to, staff_ids), _r.state == RecordState.ASSIGNED)
        .group_by(_r.assigned_to)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def held_records(session: ReadSession, staff_id: str) -> int:
    """Return how many records are held for a staff's requests."""
    statement = select(func.count()).where(_r.held_for == staff_id, _r.state == RecordState.REQUESTED)
    return (await session.execute(statement)).scalar_one()


async def get_batch(session: ReadSession, batch_id: str) -> Row[*tuple[Any, ...]] | None:
    """Return whose batch it is."""
    columns = (_batch.c.id, _batch.c.module, _batch.c.database_id, _batch.c.staff_id)
    return (await session.execute(select(*columns).where(_batch.c.id == batch_id))).first()


async def get_operation(session: WriteSession, operation_id: str) -> Operation | None:
    """Return an operation, alone: of two requests to undo it, the second waits for the first."""
    statement = select(Operation).where(Operation.id == operation_id).with_for_update(key_share=True)
    return (await session.scalars(statement)).first()


async def is_undone(session: ReadSession, seq: int) -> bool:
    """Whether an operation was undone."""
    return (await session.scalar(select(Operation.seq).where(Operation.undoes == seq))) is not None


def _is_in_database() -> ColumnElement[bool]:
    """The join from the records that are locked to their database: never from a database to all of its records."""
    joined: ColumnElement[bool] = _d.id == unindexed(_r.database_id)
    return joined


def _live(module: str | None) -> list[ColumnElement[bool]]:
    conditions = [_d.state == DatabaseState.READY, _d.deleted_at.is_(None)]
    if module is not None:
        conditions.append(_d.module == module)
    return conditions


async def lock_records(session: WriteSession, module: str, ids: Sequence[str]) -> list[Row[*tuple[Any, ...]]]:
    """Return, and lock in one order, those of the records named that are in live databases of the module."""
    statement = (
        select(_r.seq, _r.id, _r.state, _r.database_id, _r.assigned_to, _r.batch_id)
        .join_from(_record, _database, _is_in_database())
        .where(in_texts(_r.id, ids), *_live(module))
        .order_by(_r.seq)
        .with_for_update(key_share=True, of=_record)
    )
    return list((await session.execute(statement)).all())


async def lock_where(session: WriteSession, *conditions: ColumnElement[bool]) -> list[Row[*tuple[Any, ...]]]:
    """Return and lock records by condition, in one order."""
    statement = (
        select(_r.seq, _r.id, _r.state, _r.database_id, _r.assigned_to, _r.batch_id, _d.module)
        .join_from(_record, _database, _is_in_database())
        .where(*conditions)
        .order_by(_r.seq)
        .with_for_update(key_share=True, of=_record)
    )
    return list((await session.execute(statement)).all())


async def lock_held_for_others(session: WriteSession, customer_keys: Sequence[str]) -> list[Row[*tuple[Any, ...]]]:
    """The records of these customers that are held for somebody who is not their owner, with the request."""
    theirs = select(RecordKey.record_seq).where(in_texts(RecordKey.customer_key, customer_keys))
    statement = (
        select(_r.seq, _r.request_id, _r.database_id, _d.module)
        .where(
            _d.id == _r.database_id,
            _r.seq.in_(theirs),
            _r.state == RecordState.REQUESTED,
            is_taken_by_other(session, _r, _r.held_for),
        )
        .order_by(_r.seq)
        .with_for_update(key_share=True, of=_record)
    )
    return list((await session.execute(statement)).all())


async def lock_held_of(session: WriteSession, staff_id: str) -> list[Row[*tuple[Any, ...]]]:
    """The records held for a staff's requests."""
    return await lock_where(session, _r.held_for == staff_id, _r.state == RecordState.REQUESTED)


async def lock_held_by(session: WriteSession, request_ids: Sequence[str]) -> list[Row[*tuple[Any, ...]]]:
    """The records held for these requests."""
    return await lock_where(session, in_texts(_r.request_id, request_ids), _r.state == RecordState.REQUESTED)


async def lock_assigned_to(session: WriteSession, staff_id: str) -> list[Row[*tuple[Any, ...]]]:
    """The records a staff holds, in every module and in trashed databases too."""
    return await lock_where(session, _r.assigned_to == staff_id, _r.state == RecordState.ASSIGNED)


async def lock_in_database(session: WriteSession, database_id: str, state: RecordState) -> list[Row[*tuple[Any, ...]]]:
    """The records of a database in a state."""
    return await lock_where(session, in_states(keys_of(database_id), state))


async def invalid_among(session: ReadSession, seqs: Sequence[int]) -> list[int]:
    """Return those of these records that are assigned and judged invalid."""
    statement = select(_r.seq).where(
        in_numbers(_r.seq, seqs), _r.state == RecordState.ASSIGNED, _r.validation_status == "invalid"
    )
    return list((await session.scalars(statement)).all())
