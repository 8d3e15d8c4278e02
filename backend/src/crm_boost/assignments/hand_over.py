"""Handing records over from their holders to another staff (spec 2.1): one move, the work on them starts afresh."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_boost.assignments.errors import NotEnoughEligible, UnknownRecords, stale
from crm_boost.assignments.events import Given, RecordsAssigned
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.recall import SETTLES, only_database, tell_taken
from crm_boost.assignments.repositories import batches, locking
from crm_boost.assignments.repositories.moves import Move, Slot, move, start_operation
from crm_boost.assignments.rules import HandOutFacts, check_hand_out
from crm_boost.assignments.rules.receivers import ensure_room, rooms_of
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.databases.states import RecordState
from crm_boost.db.session import WriteSession
from crm_boost.kit.errors import FieldError

HELD_ALREADY = "held_already"
"""Why a record is left alone: the receiver has it."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What came of handing over: what is left where it is, and which customers belong to somebody else."""

    operation_id: str
    moved: int
    excluded: dict[str, int]
    blocked: list[dict[str, Any]]

    def as_answer(self) -> dict[str, Any]:
        """Shape the answer of the API."""
        return {
            "operation_id": self.operation_id,
            "moved_count": self.moved,
            "excluded": [{"reason": reason, "count": n} for reason, n in sorted(self.excluded.items()) if n],
            "blocked_records": self.blocked,
        }


async def hand_over(
    session: WriteSession, policy: Policy, record_ids: Sequence[str], staff_id: str, *, settles: bool = False
) -> HandedOver:
    """Give records that others hold to `staff_id`, who must be able to receive them as in any hand-out.

    Verdicts are cleared, in batched modules the records come in a new batch of the receiver; both sides are told.
    `settles`: they go to the owner of their customers, and undoing it brings the conflicts back.
    """
    ids = list(dict.fromkeys(record_ids))
    found = await locking.lock_databases_of_records(session, ids)
    databases = {i: row for i, row in found.items() if row.module == policy.module and row.deleted_at is None}
    if not databases:
        raise UnknownRecords("None of these records is in a database of this module.", field="record_ids")
    staff = await locking.lock_staff(session, [staff_id])
    check_hand_out(HandOutFacts(policy, list(databases), databases, [staff_id], staff, staff_field="staff_id"))
    rows = await locking.lock_records(session, policy.module, ids)
    held = [row for row in rows if TABLE[Command.HAND_OVER].allows(RecordState(row.state))]
    others = [row for row in held if row.assigned_to != staff_id]
    blocked = await batches.taken_records(session, [row.seq for row in others], staff_id)
    free = [row for row in others if row.seq not in blocked]
    shown = [blocked[row.seq] for row in others if row.seq in blocked]
    if not free:
        raise _nothing_to_hand_over(rows, shown)
    await _ensure_room(session, policy, databases, staff, staff_id, len(free))
    slots, slot_of = await _slots(session, policy, free, staff_id)
    operation = await start_operation(
        session,
        Command.HAND_OVER,
        module=policy.module,
        database_id=only_database(free),
        detail={"requested": len(ids), "staff_id": staff_id, **({SETTLES: True} if settles else {})},
    )
    wanted = Move(TABLE[Command.HAND_OVER], operation, [row.seq for row in free], slots, slot_of)
    moved = set(await move(session, wanted))
    counts = Counter(slot for row, slot in zip(free, slot_of, strict=True) if row.seq in moved)
    given = tuple(Given(staff_id, n, slots[slot].batch_id) for slot, n in sorted(counts.items()))
    if given:
        await session.emit(RecordsAssigned(policy.module, operation.id, given))
    await tell_taken(session, policy.module, operation, free, moved)
    excluded = Counter(row.state for row in rows if row not in held)
    excluded[HELD_ALREADY] = len(held) - len(others)
    excluded["reserved"] += len(shown)
    excluded["unknown"] = len(ids) - len(rows)
    excluded["changed_meanwhile"] = len(free) - len(moved)
    return HandedOver(operation.id, len(moved), dict(excluded), shown)


async def _ensure_room(
    session: WriteSession,
    policy: Policy,
    databases: dict[str, Any],
    staff: dict[str, Any],
    staff_id: str,
    quantity: int,
) -> None:
    if staff[staff_id].capacity is None:
        return
    rooms = rooms_of([staff_id], staff, await locking.open_records(session, [staff_id]))
    facts = HandOutFacts(policy, list(databases), databases, [staff_id], staff, staff_field="staff_id")
    ensure_room(facts, rooms, quantity)


async def _slots(
    session: WriteSession, policy: Policy, rows: Sequence[Any], staff_id: str
) -> tuple[list[Slot], list[int]]:
    """Give the records of each database a slot, in batched modules with a new batch of the receiver."""
    slots: list[Slot] = []
    new: list[batches.NewBatch] = []
    index: dict[str, int] = {}
    for row in rows:
        group = row.database_id if policy.batched else ""
        if group in index:
            continue
        index[group] = len(slots)
        batch_id = None
        if policy.batched:
            new.append(batches.NewBatch.of(policy.module, row.database_id, staff_id, None))
            batch_id = new[-1].id
        slots.append(Slot(staff_id, batch_id))
    if new:
        await batches.add_batches(session, new)
    return slots, [index[row.database_id if policy.batched else ""] for row in rows]


def _nothing_to_hand_over(rows: Sequence[Any], blocked: list[dict[str, Any]]) -> Exception:
    states = dict(Counter(row.state for row in rows))
    if not blocked:
        return stale(Command.HAND_OVER, states)
    message = "All of these records are reserved for somebody else."
    errors = [FieldError("record_ids", message)]
    return NotEnoughEligible(message, errors=errors, eligible_count=0, states=states, blocked_records=blocked)
