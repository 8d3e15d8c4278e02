"""Handing out records: picked ones, or drawn at random, to one staff or fairly to several (spec 2, 2.1)."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_boost.assignments.errors import NotEnoughEligible, UnknownRecords, stale
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.repositories import batches, locking
from crm_boost.assignments.rivals import LockDatabases, drawn_truthfully
from crm_boost.assignments.rules import HandOutFacts, check_hand_out
from crm_boost.assignments.rules.receivers import ensure_room, rooms_of
from crm_boost.assignments.selection import Pool, Shares, Wish, draw, draw_each
from crm_boost.assignments.shares import split
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.assignments.writing import Dealt, HandOut, dealt_by_shares, write_each
from crm_boost.databases.states import RecordState
from crm_boost.db.gathering import NotTogether
from crm_boost.db.session import WriteSession
from crm_boost.kit.context import ActionContext, current_context
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

    @property
    def proportion(self) -> Sequence[int]:
        """The weight of each: equal ones, when nothing else is said."""
        return self.weights or [1] * len(self.staff_ids)


@dataclass(frozen=True, slots=True)
class Order:
    """A hand-out at random that somebody wants."""

    receivers: Receivers
    quantity: int
    allow_partial: bool = False
    by: ActionContext = field(default_factory=current_context)


@dataclass(frozen=True, slots=True)
class _Plan:
    """An order that the rules allow: how many records would fit, and into which rooms."""

    order: Order
    facts: HandOutFacts
    rooms: list[int | None]
    fitting: int


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
    order = Order(receivers, quantity, allow_partial)
    (done,) = await assign_each(session, policy, database_id, [order], rng=rng)
    return done


async def assign_each(
    session: WriteSession,
    policy: Policy,
    database_id: str,
    orders: Sequence[Order],
    *,
    rng: random.Random = _secure,
) -> list[HandOut]:
    """Deal random eligible records of a database as several people want it, as if one came after the other.

    Where there are several, and one of them is refused or does not get all it asks for, this transaction must be given up:
    alone, each gets its answer.
    """
    for order in orders:
        if not 1 <= order.quantity <= MAX_QUANTITY:
            message = f"Ask for 1 to {MAX_QUANTITY:,} records."
            raise InvalidInput.of("quantity", message, "records_at_once", {"most": MAX_QUANTITY})

    async def attempt(lock: LockDatabases) -> tuple[list[_Plan], list[list[int]]]:
        databases = await lock(session, [database_id])
        plans = await _plans(session, policy, databases, database_id, orders, rng)
        database = plans[0].facts.databases[database_id]
        pool = Pool.of(database)
        if len(plans) == 1:
            (plan,) = plans
            return plans, [await draw(session, pool, plan.order.receivers.staff_ids, plan.fitting, rng, _shares)]
        wishes = [Wish(plan.order.receivers.staff_ids, plan.fitting) for plan in plans]
        return plans, await draw_each(session, pool, wishes, rng, _shares)

    def is_short(found: tuple[list[_Plan], list[list[int]]]) -> bool:
        return any(len(seqs) < plan.fitting for plan, seqs in zip(*found, strict=True))

    if len(orders) == 1:
        plans, drawn = await drawn_truthfully(session, attempt, is_short)
    else:
        plans, drawn = found = await attempt(locking.lock_databases)
        if is_short(found):
            raise NotTogether
    dealt = [_checked(database_id, plan, seqs, rng) for plan, seqs in zip(plans, drawn, strict=True)]
    hand_outs = await write_each(session, Command.ASSIGN, dealt)
    for hand_out, plan, seqs in zip(hand_outs, plans, drawn, strict=True):
        changed = len(seqs) - hand_out.assigned
        if changed and len(orders) > 1:
            raise NotTogether
        if changed and not plan.order.allow_partial:
            raise _not_enough(plan.order.quantity, hand_out.assigned)
        missing = plan.fitting - len(seqs)
        hand_out.requested = plan.order.quantity
        no_room = plan.order.quantity - plan.fitting
        hand_out.excluded = {"no_room": no_room, "not_eligible": missing, "changed_meanwhile": changed}
    return hand_outs


async def _plans(
    session: WriteSession,
    policy: Policy,
    databases: Mapping[str, Any],
    database_id: str,
    orders: Sequence[Order],
    rng: random.Random,
) -> list[_Plan]:
    """Let the rules decide about each order, after those before it. `databases` are locked already."""
    people = await _people(session, list({i for order in orders for i in order.receivers.staff_ids}))
    plans = []
    for order in orders:
        facts = await _facts(session, policy, databases, order.receivers, people, [database_id])
        rooms = people.rooms(order.receivers)
        if not order.allow_partial:
            ensure_room(facts, rooms, order.quantity)
        shares = split(order.quantity, order.receivers.proportion, rooms, rng)
        people.give(order.receivers, shares)
        plans.append(_Plan(order, facts, rooms, sum(shares)))
    return plans


def _checked(database_id: str, plan: _Plan, seqs: Sequence[int], rng: random.Random) -> Dealt:
    """Deal what was drawn, if it is enough."""
    order = plan.order
    if not plan.fitting:
        ensure_room(plan.facts, plan.rooms, order.quantity)
    if len(seqs) < plan.fitting and not (order.allow_partial and seqs):
        raise _not_enough(order.quantity, len(seqs))
    shares = split(len(seqs), order.receivers.proportion, plan.rooms, rng)
    records = dealt_by_shares([(database_id, seq) for seq in seqs], shares)
    return Dealt(plan.facts, records, {"requested": order.quantity}, order.by)


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
    people = await _people(session, receivers.staff_ids)
    facts = await _facts(session, policy, databases, receivers, people)
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
    rooms = people.rooms(receivers)
    ensure_room(facts, rooms, len(free))
    rng.shuffle(free)
    dealt = dealt_by_shares(free, split(len(free), receivers.proportion, rooms, rng))
    (hand_out,) = await write_each(session, Command.ASSIGN, [Dealt(facts, dealt, {"requested": len(ids)})])
    excluded["changed_meanwhile"] = len(free) - hand_out.assigned
    hand_out.requested, hand_out.excluded, hand_out.blocked = len(ids), dict(excluded), shown
    return hand_out


async def assign_held(session: WriteSession, policy: Policy, request_id: str, staff_id: str) -> HandOut:
    """Give a request's held records, exactly those, to its staff (spec 2.3)."""
    rows = await locking.lock_held_by(session, [request_id])
    if not rows:
        raise stale(Command.ASSIGN_HELD, {}, request_id=request_id)
    databases = await locking.lock_databases(session, sorted({row.database_id for row in rows}))
    receivers = Receivers([staff_id], field="staff_id")
    people = await _people(session, receivers.staff_ids)
    facts = await _facts(session, policy, databases, receivers, people)
    ensure_room(facts, people.rooms(receivers), len(rows))
    records = [[(row.database_id, row.seq) for row in rows]]
    dealt = Dealt(facts, records, {"requested": len(rows), "request_id": request_id})
    (hand_out,) = await write_each(session, Command.ASSIGN_HELD, [dealt], request_id=request_id)
    hand_out.requested = len(rows)
    hand_out.excluded = {"reserved": len(rows) - hand_out.assigned}
    return hand_out


class _People:
    """Receivers, locked, and how many records those with a capacity hold."""

    def __init__(self, staff: Mapping[str, Any], open_records: Mapping[str, int]) -> None:
        self.staff = staff
        self._open_records = Counter(open_records)

    def rooms(self, receivers: Receivers) -> list[int | None]:
        """Return how many more records each may hold; None without a limit."""
        return rooms_of(receivers.staff_ids, self.staff, self._open_records)

    def give(self, receivers: Receivers, shares: Sequence[int]) -> None:
        """Let them hold so many more."""
        self._open_records.update(dict(zip(receivers.staff_ids, shares, strict=True)))


async def _people(session: WriteSession, staff_ids: Sequence[str]) -> _People:
    staff = await locking.lock_staff(session, staff_ids)
    limited = [i for i, person in staff.items() if person.capacity is not None]
    return _People(staff, await locking.open_records(session, limited) if limited else {})


async def _facts(
    session: WriteSession,
    policy: Policy,
    databases: Mapping[str, Any],
    receivers: Receivers,
    people: _People,
    database_ids: Sequence[str] | None = None,
) -> HandOutFacts:
    """Gather what the rules look at, and let them decide. `databases` are locked already."""
    batch = await locking.get_batch(session, receivers.batch_id) if receivers.batch_id else None
    wanted = list(databases) if database_ids is None else database_ids
    facts = HandOutFacts(
        policy, wanted, databases, receivers.staff_ids, people.staff, receivers.batch_id, batch, receivers.field
    )
    check_hand_out(facts)
    return facts


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
