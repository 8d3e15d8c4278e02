"""Holding records for a request, and letting them go again (spec 2.1, 2.3)."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from crm_boost.assignments.errors import NotEnoughEligible
from crm_boost.assignments.events import HeldRecordsDropped
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.recall import announce_records, only_database
from crm_boost.assignments.repositories import locking
from crm_boost.assignments.repositories.moves import Move, Slot, move, start_operation
from crm_boost.assignments.rivals import LockDatabases, drawn_truthfully
from crm_boost.assignments.rules import HandOutFacts, check_hand_out
from crm_boost.assignments.rules.receivers import ensure_room, rooms_of
from crm_boost.assignments.selection import Pool, Shares, draw
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.databases.states import RecordState
from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.kit.errors import FieldError

_secure = random.SystemRandom()
_shares = Shares()


async def _nothing_first() -> None:
    return


async def hold(
    session: WriteSession,
    policy: Policy,
    database_id: str,
    staff_id: str,
    quantity: int,
    *,
    request_id: str,
    until: datetime,
    first: Callable[[], Awaitable[None]] = _nothing_first,
    others: Sequence[str] = (),
    rng: random.Random = _secure,
) -> int:
    """Hold `quantity` random eligible records of a database for a staff's request; all or nothing.

    The staff is locked alone until the transaction ends, so what is counted for them stays true. `first` runs under
    the locks of the database and of these people and `others`, before anything is drawn: it may let records go.
    """

    async def attempt(lock: LockDatabases) -> list[int]:
        databases = await lock(session, [database_id])
        staff = await locking.claim_staff(session, [staff_id, *others])
        await first()
        facts = HandOutFacts(policy, [database_id], databases, [staff_id], staff, staff_field="record_count")
        check_hand_out(facts)
        await _ensure_room(session, facts, quantity)
        pool = Pool.of(databases[database_id])
        return await draw(session, pool, [staff_id], quantity, rng, _shares)

    seqs = await drawn_truthfully(session, attempt, lambda found: len(found) < quantity)
    if len(seqs) < quantity:
        raise _not_enough(quantity, len(seqs))
    detail = {"request_id": request_id, "requested": quantity}
    operation = await start_operation(
        session, Command.HOLD, module=policy.module, database_id=database_id, detail=detail
    )
    wanted = Move(TABLE[Command.HOLD], operation, seqs, [Slot(staff_id)], request_id=request_id, held_until=until)
    held = len(await move(session, wanted))
    if held < quantity:
        raise _not_enough(quantity, held)
    await announce(session, "records", {"module": policy.module, "database_ids": [database_id]})
    return held


async def _ensure_room(session: WriteSession, facts: HandOutFacts, quantity: int) -> None:
    """Refuse to hold what could not be given: what is held already counts like what is dealt."""
    (staff_id,) = facts.staff_ids
    if facts.staff[staff_id].capacity is None:
        return
    taken = (await locking.open_records(session, [staff_id])).get(staff_id, 0)
    taken += await locking.held_records(session, staff_id)
    ensure_room(facts, rooms_of([staff_id], facts.staff, {staff_id: taken}), quantity)


def _not_enough(quantity: int, eligible: int) -> NotEnoughEligible:
    message = f"Only {eligible:,} records are eligible, not {quantity:,}."
    errors = [FieldError("record_count", message)]
    return NotEnoughEligible(message, errors=errors, requested_count=quantity, eligible_count=eligible)


async def release_requests(session: WriteSession, request_ids: Sequence[str], *, reason: str) -> int:
    """Let go what these requests hold: they were rejected or cancelled, or have expired."""
    return await _release(session, await locking.lock_held_by(session, request_ids), reason)


async def release_all_of(session: WriteSession, staff_id: str, *, reason: str) -> int:
    """Let go everything held for a staff."""
    return await _release(session, await locking.lock_held_of(session, staff_id), reason)


async def release_database(session: WriteSession, database_id: str, *, reason: str) -> int:
    """Let go everything held of a database."""
    rows = await locking.lock_in_database(session, database_id, RecordState.REQUESTED)
    return await _release(session, rows, reason)


async def release_taken(session: WriteSession, customer_keys: Sequence[str]) -> int:
    """Let go what is held of these customers for anybody but their owner; the requests concerned are told."""
    rows = await locking.lock_held_for_others(session, customer_keys)
    released = await _release(session, rows, "reserved")
    dropped = Counter(row.request_id for row in rows)
    if dropped:
        await session.emit(HeldRecordsDropped(tuple(sorted(dropped.items()))))
    return released


async def _release(session: WriteSession, rows: Sequence[Any], reason: str) -> int:
    released = 0
    for module in sorted({row.module for row in rows}):
        own = [row for row in rows if row.module == module]
        operation = await start_operation(
            session, Command.RELEASE, module=module, database_id=only_database(own), reason=reason
        )
        released += len(await move(session, Move(TABLE[Command.RELEASE], operation, [row.seq for row in own])))
        await announce_records(session, module, own)
    return released
