"""Taking records back: by an admin, or because their holder was removed (spec 2.1)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from crm_boost.assignments.errors import UnknownRecords, stale
from crm_boost.assignments.events import Given, RecordsRecalled
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.repositories import locking
from crm_boost.assignments.repositories.moves import Move, Started, move, start_operation
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.databases.states import RecordState
from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession

SETTLES = "settles_conflicts"
"""Marks an operation after which conflicts are over: undoing it puts the records back although they are taken."""


async def recall(
    session: WriteSession,
    policy: Policy,
    record_ids: Sequence[str],
    *,
    reason: str | None = None,
    settles: bool = False,
) -> dict[str, Any]:
    """Take any number of records back. Holder, batch and validation are cleared, the holders told, history kept.

    Records that nobody holds are left alone; 404 when none exists in this module, 409 when nobody holds any.
    `settles`: these are conflicts, and undoing it brings them back.
    """
    rows = await locking.lock_records(session, policy.module, list(dict.fromkeys(record_ids)))
    if not rows:
        raise UnknownRecords("None of these records is in a database of this module.", field="record_ids")
    held = [row for row in rows if TABLE[Command.RECALL].allows(RecordState(row.state))]
    if not held:
        raise stale(Command.RECALL, dict(Counter(row.state for row in rows)))
    operation, count = await recall_rows(session, policy.module, held, reason=reason, settles=settles)
    return {"operation_id": operation.id, "recalled_count": count}


async def recall_rows(
    session: WriteSession, module: str, rows: Sequence[Any], *, reason: str | None = None, settles: bool = False
) -> tuple[Started, int]:
    """Take back locked records of one module."""
    operation = await start_operation(
        session,
        Command.RECALL,
        module=module,
        database_id=only_database(rows),
        reason=reason,
        detail={SETTLES: True} if settles else None,
    )
    moved = await move(session, Move(TABLE[Command.RECALL], operation, [row.seq for row in rows]))
    await tell_taken(session, module, operation, rows, moved)
    return operation, len(moved)


async def tell_taken(
    session: WriteSession, module: str, operation: Started, rows: Sequence[Any], moved: Iterable[int]
) -> None:
    """Tell the former holders, and open pages, what was taken. `rows` is what the records were before."""
    really = set(moved)
    counts = Counter((row.assigned_to, row.batch_id) for row in rows if row.seq in really and row.assigned_to)
    if counts:
        taken = tuple(Given(staff_id, n, batch_id) for (staff_id, batch_id), n in counts.items())
        await session.emit(RecordsRecalled(module, operation.id, taken))
    await announce_records(session, module, rows)


async def announce_records(session: WriteSession, module: str, rows: Sequence[Any]) -> None:
    """Announce that records of these databases changed."""
    await announce(session, "records", {"module": module, "database_ids": sorted({row.database_id for row in rows})})


def only_database(rows: Sequence[Any]) -> str | None:
    """Return the database when all rows are of one."""
    databases = {row.database_id for row in rows}
    return databases.pop() if len(databases) == 1 else None


async def recall_all_of(session: WriteSession, staff_id: str, *, reason: str) -> int:
    """Take back everything a staff holds, one operation per module."""
    return await _by_module(session, await locking.lock_assigned_to(session, staff_id), reason)


async def recall_database(session: WriteSession, database_id: str, *, reason: str) -> int:
    """Take back everything that is dealt of a database."""
    rows = await locking.lock_in_database(session, database_id, RecordState.ASSIGNED)
    return await _by_module(session, rows, reason)


async def _by_module(session: WriteSession, rows: Sequence[Any], reason: str) -> int:
    total = 0
    for module in sorted({row.module for row in rows}):
        own = [row for row in rows if row.module == module]
        total += (await recall_rows(session, module, own, reason=reason))[1]
    return total
