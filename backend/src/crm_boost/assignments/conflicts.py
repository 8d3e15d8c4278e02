"""Settling conflicts (spec 3.2): what somebody holds of a customer that is somebody else's goes to the owner, or back to
the pool. Both are the engine's own commands, in one transaction, and undone like any operation."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_boost.assignments.hand_over import hand_over
from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.recall import recall
from crm_boost.assignments.repositories import conflicts as repository
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.errors import Problem

OVER = "over"
"""Why a record was left alone: it is in no conflict any more."""


@dataclass(slots=True)
class Settled:
    """What came of settling: the operations to undo, the records that moved, and why others stayed."""

    operation_ids: list[str] = field(default_factory=list)
    moved: list[Any] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)

    def as_answer(self) -> dict[str, Any]:
        """Shape the answer of the API."""
        return {"operation_ids": self.operation_ids, "settled_count": len(self.moved), "skipped": self.skipped}


async def open_conflicts(
    session: ReadSession, policies: Sequence[Policy], record_ids: Sequence[str] | None = None
) -> list[Any]:
    """Return the conflicts of these modules as they are now, one row for each record."""
    modules = [policy.module for policy in policies]
    rows = await repository.open_conflicts(session, modules, record_ids)
    return list({row.record_id: row for row in reversed(rows)}.values())[::-1]


async def hand_to_owners(
    session: WriteSession, policies: Sequence[Policy], record_ids: Sequence[str] | None = None
) -> Settled:
    """Give the records in conflict (all of these modules, or those named) to the owners of their customers. An owner who
    cannot receive them keeps none from the others: theirs are skipped, with the reason."""
    done = Settled()
    by_owner: dict[tuple[str, str], list[Any]] = defaultdict(list)
    rows = await open_conflicts(session, policies, record_ids)
    for row in rows:
        by_owner[row.module, row.owner_id].append(row)
    for (module, owner_id), group in sorted(by_owner.items(), key=lambda item: item[0]):
        part = await session.open_part()
        try:
            handed = await hand_over(
                session, policy_of(module), [row.record_id for row in group], owner_id, settles=True
            )
        except Problem as refusal:
            await session.take_back(part)
            done.skipped += [{"record_id": row.record_id, "reason": refusal.code} for row in group]
            continue
        await part.commit()
        done.operation_ids.append(handed.operation_id)
        blocked = {item["record_id"] for item in handed.blocked}
        done.moved += [row for row in group if row.record_id not in blocked]
        done.skipped += [{"record_id": record_id, "reason": "reserved"} for record_id in sorted(blocked)]
    _note_over(done, rows, record_ids)
    return done


async def recall_conflicts(session: WriteSession, policies: Sequence[Policy], record_ids: Sequence[str]) -> Settled:
    """Take the records named that are in conflict back; they are reserved for the owners of their customers then."""
    done = Settled()
    by_module: dict[str, list[Any]] = defaultdict(list)
    rows = await open_conflicts(session, policies, record_ids)
    for row in rows:
        by_module[row.module].append(row)
    for module, group in sorted(by_module.items()):
        answer = await recall(session, policy_of(module), [row.record_id for row in group], settles=True)
        done.operation_ids.append(answer["operation_id"])
        done.moved += group
    _note_over(done, rows, record_ids)
    return done


def _note_over(done: Settled, rows: Sequence[Any], record_ids: Sequence[str] | None) -> None:
    found = {row.record_id for row in rows}
    done.skipped += [
        {"record_id": record_id, "reason": OVER}
        for record_id in dict.fromkeys(record_ids or ())
        if record_id not in found
    ]
