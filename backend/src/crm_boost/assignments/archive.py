"""Archiving invalid records, with a replacement each where one is left, and bringing archived ones back (spec 2.5).

Whoever may deal replacements locks the databases alone, first of all: what is counted against a quota and what is left
to draw then stay true until the end. After that people, then records, as everywhere.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_boost.assignments.errors import UnknownRecords, stale
from crm_boost.assignments.events import Given, RecordsArchived, RecordsAssigned
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.recall import announce_records, only_database
from crm_boost.assignments.repositories import locking, replacing
from crm_boost.assignments.repositories.moves import Move, Slot, Started, move, start_operation
from crm_boost.assignments.rules.receivers import is_receiver
from crm_boost.assignments.selection import Pool, Shares, draw
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.databases.states import RecordState
from crm_boost.db.session import WriteSession

NONE_LEFT = "none_left"
NO_ROOM = "no_room"
NOT_A_RECEIVER = "not_a_receiver"

_secure = random.SystemRandom()
_shares = Shares()


@dataclass(frozen=True, slots=True)
class Ground:
    """What replacing stands on, locked: the databases, alone, and the people."""

    databases: Mapping[str, Any]
    staff: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """An archived record, and the one that was dealt in its place."""

    archived: Any
    dealt_seq: int
    dealt_id: str


@dataclass(slots=True)
class Archived:
    """What came of archiving: how many records, which of them were replaced, and why others were not, by their ids."""

    operation: Started | None = None
    archived: int = 0
    pairs: list[Pair] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    shortage: dict[str, int] = field(default_factory=dict)
    """Replacements that were wanted and are missing, by database."""

    @property
    def replaced(self) -> int:
        return len(self.pairs)


async def stand_on(session: WriteSession, database_ids: Sequence[str], staff_ids: Sequence[str]) -> Ground:
    """Lock what a replacement stands on. Call it before any record is locked."""
    databases = await locking.lock_databases_alone(session, sorted(set(database_ids)))
    return Ground(databases, await locking.lock_staff(session, sorted(set(staff_ids))))


async def archive_invalid(
    session: WriteSession,
    policy: Policy,
    record_ids: Sequence[str],
    *,
    replace: int = 0,
    staff_id: str | None = None,
    rng: random.Random = _secure,
) -> Archived:
    """Archive invalid assigned records (with `staff_id`: of that holder); up to `replace` of them get another record of
    the same database, for the same staff and batch, linked 1:1. They keep holder, batch and reason."""
    ids = list(dict.fromkeys(record_ids))
    ground = Ground({}, {})
    if replace > 0:
        found = [row for row in await replacing.holders_of(session, ids) if row.module == policy.module]
        ground = await stand_on(session, [row.database_id for row in found], [row.assigned_to for row in found])
    rows = await locking.lock_records(session, policy.module, ids)
    if staff_id is not None:
        rows = [row for row in rows if row.assigned_to == staff_id]
    if not rows:
        raise UnknownRecords("None of these records is in a database of this module.", field="record_ids")
    invalid = set(await locking.invalid_among(session, [row.seq for row in rows]))
    chosen = [row for row in rows if row.seq in invalid]
    if not chosen:
        raise stale(Command.ARCHIVE, dict(Counter(row.state for row in rows)))
    wanted = chosen[: max(replace, 0)]
    done = await _deal(session, policy, wanted, ground, rng, freed=Counter(row.assigned_to for row in chosen))
    await _archive(session, policy, chosen, done)
    return done


async def replace_invalid(
    session: WriteSession, policy: Policy, rows: Sequence[Any], ground: Ground, *, rng: random.Random = _secure
) -> Archived:
    """Replace invalid records 1:1 and archive exactly those replaced; what cannot be replaced stays where it is.

    `rows` are locked and stand on `ground`. Nobody gets more than they hold: who is above their capacity gets nothing.
    """
    done = await _deal(session, policy, rows, ground, rng, freed=None)
    replaced = {pair.archived.seq for pair in done.pairs}
    await _archive(session, policy, [row for row in rows if row.seq in replaced], done)
    return done


async def _archive(session: WriteSession, policy: Policy, rows: Sequence[Any], done: Archived) -> None:
    if not rows:
        return
    links = {pair.archived.seq: pair.dealt_id for pair in done.pairs}
    done.operation = await start_operation(
        session, Command.ARCHIVE, module=policy.module, database_id=only_database(rows)
    )
    wanted = Move(
        TABLE[Command.ARCHIVE],
        done.operation,
        [row.seq for row in rows],
        replacements=[links.get(row.seq) for row in rows],
    )
    done.archived = len(await move(session, wanted))
    holders = tuple(sorted({row.assigned_to for row in rows}))
    await session.emit(RecordsArchived(policy.module, done.operation.id, holders))
    await announce_records(session, policy.module, rows)


async def _deal(
    session: WriteSession,
    policy: Policy,
    rows: Sequence[Any],
    ground: Ground,
    rng: random.Random,
    *,
    freed: Mapping[str, int] | None,
) -> Archived:
    """Deal one record for each of `rows` where that is possible. `freed` is how many each holder is about to lose;
    None: as many as they get."""
    done = Archived()
    able = await _able(session, rows, ground, done, freed)
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in able:
        groups[(row.database_id, row.assigned_to)].append(row)
    operation: Started | None = None
    given: Counter[tuple[str, str | None]] = Counter()
    for (database_id, staff_id), replaced in sorted(groups.items()):
        pool = Pool.of(ground.databases[database_id])
        found = await draw(session, pool, [staff_id], len(replaced), rng, _shares)
        if found and operation is None:
            operation = await start_operation(
                session, Command.ASSIGN, module=policy.module, database_id=only_database(able), reason="replacement"
            )
        moved = await _give(session, operation, staff_id, replaced, found) if operation and found else {}
        for row in replaced:
            if row.seq in moved:
                done.pairs.append(Pair(row, *moved[row.seq]))
                given[(staff_id, row.batch_id)] += 1
            else:
                done.failed[row.id] = NONE_LEFT
    if operation is not None and given:
        await replacing.forget_links_to(session, [pair.dealt_id for pair in done.pairs])
        parts = tuple(Given(staff_id, n, batch_id) for (staff_id, batch_id), n in given.items())
        await session.emit(RecordsAssigned(policy.module, operation.id, parts))
    done.shortage = dict(Counter(row.database_id for row in rows if row.id in done.failed))
    return done


async def _able(
    session: WriteSession, rows: Sequence[Any], ground: Ground, done: Archived, freed: Mapping[str, int] | None
) -> list[Any]:
    """Keep the rows whose holders may receive one more; note why the others are not replaced."""
    limited = [i for i, person in ground.staff.items() if person.capacity is not None]
    held = await locking.open_records(session, limited) if limited else {}
    rooms = {i: ground.staff[i].capacity - held.get(i, 0) + (freed or {}).get(i, 0) for i in limited}
    able: list[Any] = []
    for row in rows:
        holder = row.assigned_to
        if not is_receiver(ground.staff.get(holder)):
            done.failed[row.id] = NOT_A_RECEIVER
        elif holder not in rooms:
            able.append(row)
        elif rooms[holder] > 0 or (freed is None and rooms[holder] == 0):
            # One to one, whoever is exactly full stays so.
            rooms[holder] -= freed is not None
            able.append(row)
        else:
            done.failed[row.id] = NO_ROOM
    return able


async def _give(
    session: WriteSession, operation: Started, staff_id: str, replaced: Sequence[Any], found: Sequence[int]
) -> dict[int, tuple[int, str]]:
    """Hand the drawn records over, each into the batch of the one it replaces: (seq, id) by the replaced seq."""
    batches = list(dict.fromkeys(row.batch_id for row in replaced))
    slots = [Slot(staff_id, batch_id) for batch_id in batches]
    pairs = list(zip(replaced, found, strict=False))
    slot_of = [batches.index(row.batch_id) for row, _ in pairs]
    moved = set(await move(session, Move(TABLE[Command.ASSIGN], operation, found, slots, slot_of)))
    ids = await replacing.ids_by_seq(session, sorted(moved))
    return {row.seq: (seq, ids[seq]) for row, seq in pairs if seq in moved}


async def restore_archived(session: WriteSession, policy: Policy, record_ids: Sequence[str]) -> dict[str, Any]:
    """Bring archived records back to the pool; reservations are looked at again. `skipped` counts by state those that are
    not archived."""
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
    skipped = Counter(row.state for row in rows if row.state != RecordState.ARCHIVED)
    return {"operation_id": operation.id, "restored_count": len(moved), "skipped": dict(skipped)}
