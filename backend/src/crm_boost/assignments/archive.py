"""Archiving invalid records, with a replacement each where one is left, and bringing archived ones back (spec 2.5)."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_boost.assignments.errors import UnknownRecords, stale
from crm_boost.assignments.events import Given, RecordsAssigned
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.recall import announce_records, only_database
from crm_boost.assignments.repositories import locking
from crm_boost.assignments.repositories.moves import Move, Slot, move, start_operation
from crm_boost.assignments.rules.receivers import is_receiver
from crm_boost.assignments.selection import Pool, Shares, draw
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.databases.states import RecordState
from crm_boost.db.session import WriteSession

_secure = random.SystemRandom()
_shares = Shares()


@dataclass(frozen=True, slots=True)
class Archived:
    """What came of archiving: how many, how many of them were replaced, and what was short by database."""

    archived: int
    replaced: int
    shortage: dict[str, int]


async def archive_invalid(
    session: WriteSession,
    policy: Policy,
    record_ids: Sequence[str],
    *,
    replace: int = 0,
    rng: random.Random = _secure,
) -> Archived:
    """Archive invalid assigned records; up to `replace` of them get another record of the same database, for the same
    staff and batch, linked 1:1. They keep holder, batch and reason."""
    rows = await locking.lock_records(session, policy.module, list(dict.fromkeys(record_ids)))
    if not rows:
        raise UnknownRecords("None of these records is in a database of this module.", field="record_ids")
    invalid = set(await locking.invalid_among(session, [row.seq for row in rows]))
    chosen = [row for row in rows if row.seq in invalid]
    if not chosen:
        raise stale(Command.ARCHIVE, dict(Counter(row.state for row in rows)))
    pairs, shortage = await _replace(session, policy, chosen[: max(replace, 0)], rng)
    operation = await start_operation(session, Command.ARCHIVE, module=policy.module, database_id=only_database(chosen))
    replacements = [pairs.get(row.seq) for row in chosen]
    wanted = Move(TABLE[Command.ARCHIVE], operation, [row.seq for row in chosen], replacements=replacements)
    moved = await move(session, wanted)
    await announce_records(session, policy.module, chosen)
    return Archived(len(moved), len(pairs), shortage)


async def _replace(
    session: WriteSession, policy: Policy, rows: Sequence[Any], rng: random.Random
) -> tuple[dict[int, str], dict[str, int]]:
    """Deal one record for each of `rows`; returns the id of the replacement by replaced record, and the shortage."""
    if not rows:
        return {}, {}
    databases = await locking.lock_databases(session, sorted({row.database_id for row in rows}))
    staff = await locking.lock_staff(session, sorted({row.assigned_to for row in rows}))
    groups: dict[tuple[str, str, str | None], list[Any]] = defaultdict(list)
    for row in rows:
        groups[(row.database_id, row.assigned_to, row.batch_id)].append(row)
    pairs: dict[int, str] = {}
    shortage: Counter[str] = Counter()
    for (database_id, staff_id, batch_id), replaced in sorted(groups.items(), key=lambda group: str(group[0])):
        database = databases[database_id]
        found: list[int] = []
        if is_receiver(staff.get(staff_id)):
            pool = Pool(database_id, database.first_seq, database.last_seq)
            found = await draw(session, pool, [staff_id], len(replaced), rng, _shares)
        shortage[database_id] += len(replaced) - len(found)
        if not found:
            continue
        operation = await start_operation(
            session, Command.ASSIGN, module=policy.module, database_id=database_id, reason="replacement"
        )
        slot = Slot(staff_id, batch_id)
        moved = await move(session, Move(TABLE[Command.ASSIGN], operation, found, [slot]))
        ids = await locking.ids_of(session, moved)
        pairs.update(zip((row.seq for row in replaced), ids, strict=False))
        given = (Given(staff_id, len(moved), batch_id),)
        await session.emit(RecordsAssigned(policy.module, operation.id, given))
    return pairs, {database_id: n for database_id, n in shortage.items() if n}


async def restore_archived(session: WriteSession, policy: Policy, record_ids: Sequence[str]) -> int:
    """Bring archived records back to the pool; reservations are looked at again."""
    rows = await locking.lock_records(session, policy.module, list(dict.fromkeys(record_ids)))
    if not rows:
        raise UnknownRecords("None of these records is in a database of this module.", field="record_ids")
    chosen = [row for row in rows if TABLE[Command.RESTORE_ARCHIVED].allows(RecordState(row.state))]
    if not chosen:
        raise stale(Command.RESTORE_ARCHIVED, dict(Counter(row.state for row in rows)))
    operation = await start_operation(
        session, Command.RESTORE_ARCHIVED, module=policy.module, database_id=only_database(chosen)
    )
    wanted = Move(TABLE[Command.RESTORE_ARCHIVED], operation, [row.seq for row in chosen])
    moved = await move(session, wanted)
    await announce_records(session, policy.module, chosen)
    return len(moved)
