"""Short ways to use the engine in tests: each call is a unit of work of its own, committed for real."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from crm_boost.assignments import archive, hand_out, hand_over, holds, recall, trash, undo
from crm_boost.assignments.models import Operation, RecordHistory
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.writing import HandOut
from crm_boost.databases.models import Record
from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from crm_boost.kit.clock import utc_now
from crm_boost.kit.ids import new_id
from tests.support.factories import Account, Stored, count_anew


async def deal(
    database: Database, stored: Stored, staff: Account | Sequence[Account], quantity: int, **options: Any
) -> HandOut:
    """Hand out random records."""
    receivers = [staff] if isinstance(staff, Account) else staff
    wanted = hand_out.Receivers([r.id for r in receivers], options.pop("weights", None), options.pop("batch_id", None))
    rng = random.Random(options.pop("seed", 1))
    async with database.write() as session:
        policy = policy_of(stored.module)
        return await hand_out.assign_random(session, policy, stored.id, wanted, quantity, rng=rng, **options)


async def pick(
    database: Database, stored: Stored, staff: Account | Sequence[Account], record_ids: Sequence[str], **options: Any
) -> HandOut:
    """Hand out the records named."""
    receivers = [staff] if isinstance(staff, Account) else staff
    wanted = hand_out.Receivers([r.id for r in receivers], batch_id=options.pop("batch_id", None))
    async with database.write() as session:
        return await hand_out.assign_manual(session, policy_of(stored.module), record_ids, wanted)


async def take_back(database: Database, stored: Stored, record_ids: Sequence[str]) -> dict[str, Any]:
    """Recall."""
    async with database.write() as session:
        return await recall.recall(session, policy_of(stored.module), record_ids)


async def pass_on(
    database: Database, stored: Stored, record_ids: Sequence[str], staff: Account
) -> hand_over.HandedOver:
    """Hand records over to another staff."""
    async with database.write() as session:
        return await hand_over.hand_over(session, policy_of(stored.module), record_ids, staff.id)


async def undo_it(database: Database, stored: Stored, operation_id: str) -> dict[str, Any]:
    """Undo an operation."""
    async with database.write() as session:
        operation = await undo.find_operation(session, operation_id)
        undo.needed_permission(operation)
        return await undo.undo(session, policy_of(stored.module), operation)


async def to_trash(
    database: Database, stored: Stored, record_ids: Sequence[str], *, force: bool = False
) -> dict[str, Any]:
    """Trash records."""
    async with database.write() as session:
        return await trash.trash_records(session, policy_of(stored.module), record_ids, force=force)


async def from_trash(database: Database, stored: Stored, record_ids: Sequence[str]) -> dict[str, Any]:
    """Restore records."""
    async with database.write() as session:
        return await trash.restore_records(session, policy_of(stored.module), record_ids)


async def hold(database: Database, stored: Stored, staff: Account, quantity: int, **options: Any) -> str:
    """Hold records for a request; returns the request's id."""
    request_id = options.pop("request_id", None) or new_id()
    until = options.pop("until", None) or utc_now() + timedelta(hours=24)
    async with database.write() as session:
        policy = policy_of(stored.module)
        await holds.hold(session, policy, stored.id, staff.id, quantity, request_id=request_id, until=until)
    return str(request_id)


async def give_held(database: Database, stored: Stored, request_id: str, staff: Account) -> HandOut:
    """Assign what a request holds."""
    async with database.write() as session:
        return await hand_out.assign_held(session, policy_of(stored.module), request_id, staff.id)


async def release(database: Database, request_id: str) -> int:
    """Let a request's records go."""
    async with database.write() as session:
        return await holds.release_requests(session, [request_id], reason="rejected")


async def archive_them(
    database: Database, stored: Stored, record_ids: Sequence[str], *, replace: int = 0
) -> archive.Archived:
    """Archive invalid records."""
    async with database.write() as session:
        return await archive.archive_invalid(session, policy_of(stored.module), record_ids, replace=replace)


async def unarchive(database: Database, stored: Stored, record_ids: Sequence[str]) -> int:
    """Bring archived records back."""
    async with database.write() as session:
        done = await archive.restore_archived(session, policy_of(stored.module), record_ids)
        return int(done["restored_count"])


async def judge_invalid(database: Database, record_ids: Sequence[str], reason: str = "wrong number") -> None:
    """What the validation of a later issue will do: the holder's verdict."""
    async with database.write() as session:
        await session.execute(
            update(Record)
            .where(Record.id.in_(record_ids))
            .values(validation_status="invalid", validation_reason=reason)
        )


async def put_in_state(database: Database, record_id: str, state: RecordState, staff: Account) -> None:
    """Force a record into a state, with the columns that belong to it."""
    held = state in (RecordState.ASSIGNED, RecordState.ARCHIVED)
    requested = state is RecordState.REQUESTED
    now = utc_now()
    async with database.write() as session:
        await session.execute(
            update(Record)
            .where(Record.id == record_id)
            .values(
                state=state,
                assigned_to=staff.id if held else None,
                assigned_at=now if held else None,
                deal_rank=1 if held else None,
                held_for=staff.id if requested else None,
                request_id="request" if requested else None,
                held_until=now + timedelta(hours=1) if requested else None,
                archived_at=now if state is RecordState.ARCHIVED else None,
                validation_status=None,
            )
        )
        await count_anew(session)


async def history_of(database: Database, stored: Stored) -> list[tuple[int, str, str, str]]:
    """Every transition of a database's records: (seq, kind, from, to), in order."""
    async with database.read() as session:
        rows = await session.execute(
            select(RecordHistory.record_seq, Operation.kind, RecordHistory.from_state, RecordHistory.to_state)
            .join(Operation, Operation.seq == RecordHistory.operation_seq)
            .join(Record, Record.seq == RecordHistory.record_seq)
            .where(Record.database_id == stored.id)
            .order_by(RecordHistory.operation_seq, RecordHistory.record_seq)
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]


async def count_states(database: Database, stored: Stored) -> dict[str, int]:
    """How many records of a database are in each state."""
    async with database.read() as session:
        rows = await session.execute(
            select(Record.state, func.count()).where(Record.database_id == stored.id).group_by(Record.state)
        )
        return {row[0]: row[1] for row in rows}


def statements_of_a_hand_out(database: Database) -> int:
    """How many it takes. One of them keeps the figures of work, one the counts of records."""
    # PostgreSQL writes history and moves by one (ADR 72).
    return 11 if database.is_sqlite else 10
