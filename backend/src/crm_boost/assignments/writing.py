"""Writing hand-outs: batches, the operations, history, the conditional update, and telling the receivers.

Several hand-outs of one command are written by the same statements as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_boost.assignments.events import Given, RecordsAssigned
from crm_boost.assignments.repositories import batches
from crm_boost.assignments.repositories.moves import Move, Slot, Started, move, start_operations
from crm_boost.assignments.rules import HandOutFacts
from crm_boost.assignments.transitions import TABLE, Command
from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.kit.context import ActionContext, current_context, enter_context


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
class Dealt:
    """A hand-out to be written: for each receiver the records (database, seq), and who hands them out."""

    facts: HandOutFacts
    records: Sequence[Sequence[tuple[str, int]]]
    detail: dict[str, Any]
    by: ActionContext = field(default_factory=current_context)


def dealt_by_shares(records: Sequence[tuple[str, int]], shares: Sequence[int]) -> list[list[tuple[str, int]]]:
    """Cut a shuffled row of records into the share of each receiver."""
    dealt, start = [], 0
    for share in shares:
        dealt.append(list(records[start : start + share]))
        start += share
    return dealt


async def write_each(
    session: WriteSession, command: Command, hand_outs: Sequence[Dealt], *, request_id: str | None = None
) -> list[HandOut]:
    """Write hand-outs of one module, none of which has a record of another. Who gets how much is what was really moved."""
    planned = _Slots(request_id)
    spans = [planned.add(dealt) for dealt in hand_outs]
    if planned.new_batches:
        await batches.add_batches(session, planned.new_batches)
    databases = {database_id for dealt in hand_outs for database_id in dealt.facts.database_ids}
    operations = await start_operations(
        session,
        command,
        [(dealt.by, dealt.detail) for dealt in hand_outs],
        module=hand_outs[0].facts.policy.module,
        database_id=databases.pop() if len(databases) == 1 else None,
    )
    each = [operation.seq for operation, span in zip(operations, spans, strict=True) for _ in span]
    wanted = Move(
        TABLE[command],
        operations[0],
        planned.seqs,
        planned.slots,
        planned.slot_of,
        operations=each if len(operations) > 1 else (),
        request_id=request_id,
    )
    counts = wanted.count_by_slot(await move(session, wanted))
    done = []
    for dealt, operation, span in zip(hand_outs, operations, spans, strict=True):
        enter_context(dealt.by)
        given = [Given(planned.slots[i].staff_id, counts[i], planned.slots[i].batch_id) for i in span if counts[i]]
        done.append(await _report(session, dealt.facts, operation, given, request_id))
    return done


class _Slots:
    """Gives every receiver a slot, in batched modules one for each database with a batch of its own."""

    def __init__(self, request_id: str | None) -> None:
        self.slots: list[Slot] = []
        self.seqs: list[int] = []
        self.slot_of: list[int] = []
        self.new_batches: list[batches.NewBatch] = []
        self._request_id = request_id

    def add(self, dealt: Dealt) -> range:
        """Add a hand-out; return its slots."""
        first = len(self.slots)
        for staff_id, records in zip(dealt.facts.staff_ids, dealt.records, strict=True):
            of_database: dict[str, int] = {}
            for database_id, seq in records:
                group = database_id if dealt.facts.policy.batched else ""
                if group not in of_database:
                    of_database[group] = len(self.slots)
                    self.slots.append(Slot(staff_id, self._batch(dealt.facts, database_id, staff_id)))
                self.seqs.append(seq)
                self.slot_of.append(of_database[group])
        return range(first, len(self.slots))

    def _batch(self, facts: HandOutFacts, database_id: str, staff_id: str) -> str | None:
        if not facts.policy.batched or facts.batch_id is not None:
            return facts.batch_id
        batch = batches.NewBatch.of(facts.policy.module, database_id, staff_id, self._request_id)
        self.new_batches.append(batch)
        return batch.id


async def _report(
    session: WriteSession, facts: HandOutFacts, operation: Started, given: Sequence[Given], request_id: str | None
) -> HandOut:
    module = facts.policy.module
    if given:
        await session.emit(RecordsAssigned(module, operation.id, tuple(given), request_id))
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
