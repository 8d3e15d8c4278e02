"""To the trash and back: records, and whole databases (spec 2.1, 1.5). Nothing is deleted here."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from crm_boost.assignments.errors import AssignedNeedForce, UnknownDatabase, UnknownRecords, stale
from crm_boost.assignments.events import DatabaseTrashed
from crm_boost.assignments.holds import release_database
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.recall import announce_records, only_database, recall_database, recall_rows
from crm_boost.assignments.repositories import locking
from crm_boost.assignments.repositories import trash as repository
from crm_boost.assignments.repositories.moves import Move, move, start_operation
from crm_boost.assignments.reserve import match_database
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.databases.counts_repository import counts_by_state
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.audit import record_audit
from crm_boost.db.session import WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import current_context
from crm_boost.kit.errors import Conflict

_WHY = "deleted"


async def trash_records(
    session: WriteSession, policy: Policy, record_ids: Sequence[str], *, force: bool = False
) -> dict[str, Any]:
    """Move records to the trash. Assigned ones need `force`: they are recalled first, and their holders told."""
    rows = await locking.lock_records(session, policy.module, list(dict.fromkeys(record_ids)))
    if not rows:
        raise UnknownRecords("None of these records is in a database of this module.", field="record_ids")
    held = [row for row in rows if TABLE[Command.RECALL].allows(RecordState(row.state))]
    if held and not force:
        raise AssignedNeedForce(
            f"{len(held):,} of these records are assigned.", assigned_count=len(held), field="force"
        )
    open_rows = [row for row in rows if TABLE[Command.TRASH].allows(RecordState(row.state))]
    if not held and not open_rows:
        raise stale(Command.TRASH, dict(Counter(row.state for row in rows)))
    if held:
        await recall_rows(session, policy.module, held, reason=_WHY)
    chosen = [*held, *open_rows]
    operation = await start_operation(session, Command.TRASH, module=policy.module, database_id=only_database(chosen))
    moved = await move(session, Move(TABLE[Command.TRASH], operation, [row.seq for row in chosen]))
    await announce_records(session, policy.module, chosen)
    return {"operation_id": operation.id, "deleted_count": len(moved)}


async def restore_records(session: WriteSession, policy: Policy, record_ids: Sequence[str]) -> dict[str, Any]:
    """Bring records back from the trash; reservations are looked at again."""
    rows = await locking.lock_records(session, policy.module, list(dict.fromkeys(record_ids)))
    if not rows:
        raise UnknownRecords("None of these records is in a database of this module.", field="record_ids")
    chosen = [row for row in rows if TABLE[Command.RESTORE].allows(RecordState(row.state))]
    if not chosen:
        raise stale(Command.RESTORE, dict(Counter(row.state for row in rows)))
    operation = await start_operation(session, Command.RESTORE, module=policy.module, database_id=only_database(chosen))
    moved = await move(session, Move(TABLE[Command.RESTORE], operation, [row.seq for row in chosen]))
    await announce_records(session, policy.module, chosen)
    return {"operation_id": operation.id, "restored_count": len(moved)}


async def trash_database(
    session: WriteSession, policy: Policy, database_id: str, *, force: bool = False
) -> dict[str, Any]:
    """Move a database to the trash. 409 with `assigned_count` unless `force`; then everything dealt is recalled."""
    database = await locking.claim_database(session, database_id)
    if database is None or database.module != policy.module or database.state != DatabaseState.READY:
        raise UnknownDatabase("There is no such database in this module.", id=database_id)
    if database.deleted_at is not None:
        raise Conflict("This database is already in the trash.", state=RecordState.TRASHED)
    assigned = (await counts_by_state(session, [database_id]))[database_id].get(RecordState.ASSIGNED, 0)
    if assigned and not force:
        detail = f"{assigned:,} records of this database are assigned."
        raise AssignedNeedForce(detail, assigned_count=assigned, field="force")
    await session.emit(DatabaseTrashed(database_id))
    recalled = await recall_database(session, database_id, reason=_WHY)
    released = await release_database(session, database_id, reason=_WHY)
    await repository.mark_deleted(session, database_id, utc_now(), current_context().actor_id)
    await record_audit(session, "database.trashed", "database", database_id, recalled=recalled, released=released)
    return {"deleted_id": database_id, "recalled_count": recalled, "released_count": released}


async def restore_database(session: WriteSession, policy: Policy, database_id: str) -> dict[str, Any]:
    """Bring a database back; its records are matched with the reservations of now."""
    database = await locking.claim_database(session, database_id)
    if database is None or database.module != policy.module or database.state != DatabaseState.READY:
        raise UnknownDatabase("There is no such database in this module.", id=database_id)
    if database.deleted_at is None:
        raise Conflict("This database is not in the trash.", state=database.state)
    await repository.mark_deleted(session, database_id, None, None)
    changed = await match_database(session, policy.module, database_id)
    await record_audit(session, "database.restored", "database", database_id, rematched=changed)
    return {"id": database_id, "rematched_count": changed}
