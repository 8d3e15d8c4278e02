"""Handing out records: picked ones, or drawn at random, to one staff or fairly to several (spec 2, 2.1)."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_boost.assignments.errors import NotEnoughEligible, UnknownRecords, stale
from crm_boost.assignments.events import Given, RecordsAssigned
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.repositories import batches, locking
from crm_boost.assignments.repositories.moves import Move, Slot, Started, move, start_operation
from crm_boost.assignments.rivals import LockDatabases, drawn_truthfully
from crm_boost.assignments.rules import HandOutFacts, check_hand_out
from crm_boost.assignments.rules.receivers import ensure_room, rooms_of
from crm_boost.assignments.selection import Pool, Shares, draw
from crm_boost.assignments.shares import split
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.databases.states import RecordState
from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.kit.errors import FieldError, InvalidInput

MAX_QUANTITY = 100_000

_secure = random.SystemRandom()
_shares = Shares()


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who gets the records, in which proportion, and into which existing batch."""

    staff_ids: Sequence[str]
    weights: Sequence[int] | None = None
    batch_id: str | None = None
    field: str = "staff_ids"
    """What the request calls them."""

    def __post_init__(self) -> None:
        if len(set(self.staff_ids)) != len(self.staff_ids):
            raise InvalidInput.of(self.field, "Somebody is named twice.", "named_twice")
        if self.weights is not None and len(self.weights) != len(self.staff_ids):
            raise InvalidInput.of("weights", "Give one weight for each receiver.", "one_weight_each")


@dataclass(slots=True)
class HandOut:
    """What came of a hand-out."""

    operation_id: str
    requested: int
    assigned: int
    excluded: dict[str, int]
    per_staff: list[dict[str, Any]]
    blocked: list[dict[str, Any]] = field(default_factory=list)

    def as_answer(self) -> dict[str, Any]:
        """Shape the answer of the API."""
        return {
            "operation_id": self.operation_id,
            "requested_count": self.requested,
            "assigned_count": self.assigned,
            "excluded": [{"reason": reason, "count": n} for reason, n in sorted(self.excluded.items()) if n],
            "per_staff": self.per_staff,
            "blocked_records": self.blocked,
        }


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A draw before it is written: how many would fit, and what was found."""

    facts: HandOutFacts
    rooms: list[int | None]
    fitting: int
    seqs: list[int]


async def assign_random(
    session: WriteSession,
    policy: Policy,
    database_id: str,
    receivers: Receivers,
    quantity: int,
    *,
    allow_partial: bool = False,
    rng: random.Random = _secure,
) -> HandOut:
    """Deal `quantity` random eligible records of a database. All or nothing, unless `allow_partial`."""
    if not 1 <= quantity <= MAX_QUANTITY:
        message = f"Ask for 1 to {MAX_QUANTITY:,} records."
        raise InvalidInput.of("quantity", message, "records_at_once", {"most": MAX_QUANTITY})
    weights = receivers.weights or [1] * len(receivers.staff_ids)

    async def attempt(lock: LockDatabases) -> _Drawn:
        databases = await lock(session, [database_id])
        facts, rooms = await _facts(session, policy, databases, receivers, [database_id])
        if not allow_partial:
            ensure_room(facts, rooms, quantity)
        fitting = sum(split(quantity, weights, rooms, rng))
        database = facts.databases[database_id]
        pool = Pool(database_id, database.first_seq, database.last_seq)
        seqs = await draw(session, pool, receivers.staff_ids, fitting, rng, _shares)
        return _Drawn(facts, rooms, fitting, seqs)

    drawn = await drawn_truthfully(session, attempt, lambda found: len(found.seqs) < found.fitting)
    if not drawn.fitting:
        ensure_room(drawn.facts, drawn.rooms, quantity)
    missing = drawn.fitting - len(drawn.seqs)
    if missing and not (allow_partial and drawn.seqs):
        raise _not_enough(quantity, len(drawn.seqs))
    shares = split(len(drawn.seqs), weights, drawn.rooms, rng)
    dealt = _deal([(database_id, seq) for seq in drawn.seqs], shares)
    hand_out = await _write(session, drawn.facts, Command.ASSIGN, dealt, detail={"requested": quantity})
    changed = len(drawn.seqs) - hand_out.assigned
    if changed and not allow_partial:
        raise _not_enough(quantity, hand_out.assigned)
    hand_out.requested = quantity
    hand_out.excluded = {"no_room": quantity - drawn.fitting, "not_eligible": missing, "changed_meanwhile": changed}
    return hand_out


async def assign_manual(
    session: WriteSession,
    policy: Policy,
    record_ids: Sequence[str],
    receivers: Receivers,
    *,
    rng: random.Random = _secure,
) -> HandOut:
    """Deal the records picked. Those reserved for somebody else are blocked, those in another state left alone."""
    ids = list(dict.fromkeys(record_ids))
    found = await locking.lock_databases_of_records(session, ids)
    databases = {i: row for i, row in found.items() if row.module == policy.module and row.deleted_at is None}
    if not databases:
        raise UnknownRecords("None of these records is in a database of this module.", field="record_ids")
    facts, rooms = await _facts(session, policy, databases, receivers)
    rows = await locking.lock_records(session, policy.module, ids)
    transition = TABLE[Command.ASSIGN]
    open_rows = [row for row in rows if transition.allows(RecordState(row.state))]
    excluded = Counter(row.state for row in rows if not transition.allows(RecordState(row.state)))
    excluded["unknown"] = len(ids) - len(rows)
    blocked = await batches.blocked_records(session, [row.seq for row in open_rows], receivers.staff_ids)
    excluded["reserved"] = len(blocked)
    free = [(row.database_id, row.seq) for row in open_rows if row.seq not in blocked]
    shown = [blocked[row.seq] for row in open_rows if row.seq in blocked]
    if not free:
        raise _nothing_to_assign(rows, shown)
    ensure_room(facts, rooms, len(free))
    rng.shuffle(free)
    weights = receivers.weights or [1] * len(receivers.staff_ids)
    dealt = _deal(free, split(len(free), weights, rooms, rng))
    hand_out = await _write(session, facts, Command.ASSIGN, dealt, detail={"requested": len(ids)})
    excluded["changed_meanwhile"] = len(free) - hand_out.assigned
    hand_out.requested, hand_out.excluded, hand_out.blocked = len(ids), dict(excluded), shown
    return hand_out


async def assign_held(session: WriteSession, policy: Policy, request_id: str, staff_id: str) -> HandOut:
    """Give a request's held records, exactly those, to its staff (spec 2.3)."""
    rows = await locking.lock_held_by(session, [request_id])
    if not rows:
        raise stale(Command.ASSIGN_HELD, {}, request_id=request_id)
    databases = await locking.lock_databases(session, sorted({row.database_id for row in rows}))
    facts, rooms = await _facts(session, policy, databases, Receivers([staff_id], field="staff_id"))
    ensure_room(facts, rooms, len(rows))
    dealt = [[(row.database_id, row.seq) for row in rows]]
    detail = {"requested": len(rows), "request_id": request_id}
    hand_out = await _write(session, facts, Command.ASSIGN_HELD, dealt, detail=detail, request_id=request_id)
    hand_out.requested = len(rows)
    hand_out.excluded = {"reserved": len(rows) - hand_out.assigned}
    return hand_out


async def _facts(
    session: WriteSession,
    policy: Policy,
    databases: Mapping[str, Any],
    receivers: Receivers,
    database_ids: Sequence[str] | None = None,
) -> tuple[HandOutFacts, list[int | None]]:
    """Read what the rules look at, and let them decide. `databases` are locked already."""
    staff = await locking.lock_staff(session, receivers.staff_ids)
    batch = await locking.get_batch(session, receivers.batch_id) if receivers.batch_id else None
    wanted = list(databases) if database_ids is None else database_ids
    facts = HandOutFacts(
        policy, wanted, databases, receivers.staff_ids, staff, receivers.batch_id, batch, receivers.field
    )
    check_hand_out(facts)
    limited = [i for i in receivers.staff_ids if staff[i].capacity is not None]
    open_records = await locking.open_records(session, limited) if limited else {}
    return facts, rooms_of(receivers.staff_ids, staff, open_records)


def _deal(records: Sequence[tuple[str, int]], shares: Sequence[int]) -> list[list[tuple[str, int]]]:
    dealt, start = [], 0
    for share in shares:
        dealt.append(list(records[start : start + share]))
        start += share
    return dealt


async def _write(
    session: WriteSession,
    facts: HandOutFacts,
    command: Command,
    dealt: Sequence[Sequence[tuple[str, int]]],
    *,
    detail: dict[str, Any],
    request_id: str | None = None,
) -> HandOut:
    """Write one hand-out: batches, the operation, history, the conditional update, and tell the receivers."""
    slots, seqs, slot_of, new_batches = _slots(facts, dealt, request_id)
    if new_batches:
        await batches.add_batches(session, new_batches)
    only_database = facts.database_ids[0] if len(facts.database_ids) == 1 else None
    operation = await start_operation(
        session, command, module=facts.policy.module, database_id=only_database, detail=detail
    )
    wanted = Move(TABLE[command], operation, seqs, slots, slot_of, request_id=request_id)
    moved = await move(session, wanted)
    by_seq = dict(zip(seqs, slot_of, strict=True))
    counts = Counter(by_seq[seq] for seq in moved)
    return await _report(session, facts, operation, slots, counts, request_id)


def _slots(
    facts: HandOutFacts, dealt: Sequence[Sequence[tuple[str, int]]], request_id: str | None
) -> tuple[list[Slot], list[int], list[int], list[batches.NewBatch]]:
    """Give every receiver a slot, in batched modules one for each database with a batch of its own."""
    slots: list[Slot] = []
    seqs: list[int] = []
    slot_of: list[int] = []
    new_batches: list[batches.NewBatch] = []
    for staff_id, records in zip(facts.staff_ids, dealt, strict=True):
        by_database: dict[str, int] = {}
        for database_id, seq in records:
            group = database_id if facts.policy.batched else ""
            if group not in by_database:
                by_database[group] = len(slots)
                batch_id = facts.batch_id
                if facts.policy.batched and batch_id is None:
                    batch = batches.NewBatch.of(facts.policy.module, database_id, staff_id, request_id)
                    new_batches.append(batch)
                    batch_id = batch.id
                slots.append(Slot(staff_id, batch_id))
            seqs.append(seq)
            slot_of.append(by_database[group])
    return slots, seqs, slot_of, new_batches


async def _report(
    session: WriteSession,
    facts: HandOutFacts,
    operation: Started,
    slots: Sequence[Slot],
    counts: Mapping[int, int],
    request_id: str | None,
) -> HandOut:
    module = facts.policy.module
    given = tuple(Given(s.staff_id, counts.get(i, 0), s.batch_id) for i, s in enumerate(slots) if counts.get(i, 0))
    if given:
        await session.emit(RecordsAssigned(module, operation.id, given, request_id))
    await announce(session, "records", {"module": module, "database_ids": list(facts.database_ids)})
    per_staff = []
    for staff_id in facts.staff_ids:
        own = [g for g in given if g.staff_id == staff_id]
        row: dict[str, Any] = {"staff_id": staff_id, "staff_name": facts.staff[staff_id].name}
        row["assigned_count"] = sum(g.count for g in own)
        if own and own[0].batch_id is not None:
            row["batch_id"] = own[0].batch_id
        per_staff.append(row)
    return HandOut(operation.id, 0, sum(g.count for g in given), {}, per_staff)


def _not_enough(quantity: int, eligible: int) -> NotEnoughEligible:
    message = f"Only {eligible:,} records are eligible, not {quantity:,}."
    errors = [FieldError("quantity", message)]
    return NotEnoughEligible(message, errors=errors, requested_count=quantity, eligible_count=eligible)


def _nothing_to_assign(rows: Sequence[Any], blocked: list[dict[str, Any]]) -> Exception:
    states = dict(Counter(row.state for row in rows))
    if not blocked:
        return stale(Command.ASSIGN, states, eligible_count=0)
    message = "All of these records that are free are reserved for somebody else."
    errors = [FieldError("record_ids", message)]
    return NotEnoughEligible(message, errors=errors, eligible_count=0, states=states, blocked_records=blocked)
