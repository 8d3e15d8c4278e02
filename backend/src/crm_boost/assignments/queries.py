"""What screens ask of the engine: eligibility before a hand-out, and history."""

from collections.abc import Sequence
from typing import Any

from crm_boost.assignments.errors import UnknownDatabase
from crm_boost.assignments.policies.base import Policy
from crm_boost.assignments.repositories import draw, listing, locking
from crm_boost.assignments.rules import HandOutFacts
from crm_boost.assignments.rules.receivers import (
    receivers_are_active,
    receivers_are_known,
    receivers_may_receive,
    rooms_of,
)
from crm_boost.assignments.rules.target import databases_are_known, databases_are_live
from crm_boost.databases.counts_repository import counts_by_state
from crm_boost.databases.states import RecordState
from crm_boost.db.session import ReadSession
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.errors import NotFound


async def eligibility(
    session: ReadSession, policy: Policy, database_id: str, staff_ids: Sequence[str]
) -> dict[str, Any]:
    """Return what a hand-out of this database to these staff could take, and what is kept from it and why."""
    ids = list(dict.fromkeys(staff_ids))
    databases = await locking.database_facts(session, [database_id])
    staff = await locking.staff_facts(session, ids)
    facts = HandOutFacts(policy, [database_id], databases, ids, staff, staff_field="staff_id")
    for rule in (
        databases_are_known,
        databases_are_live,
        receivers_are_known,
        receivers_may_receive,
        receivers_are_active,
    ):
        rule(facts)
    by_state = (await counts_by_state(session, [database_id]))[database_id]
    available = by_state.get(RecordState.AVAILABLE, 0)
    eligible = await draw.count_eligible(session, database_id, ids, available)
    free = available + by_state.get(RecordState.RESERVED, 0)
    excluded = {
        "reserved": free - eligible,
        "assigned": by_state.get(RecordState.ASSIGNED, 0),
        "requested": by_state.get(RecordState.REQUESTED, 0),
        "archived": by_state.get(RecordState.ARCHIVED, 0),
    }
    open_records = await locking.open_records(session, ids)
    rooms = rooms_of(ids, staff, open_records)
    return {
        "eligible": eligible,
        "excluded": [{"reason": reason, "count": count} for reason, count in excluded.items() if count],
        "staff": [
            {
                "staff_id": staff_id,
                "staff_name": staff[staff_id].name,
                "open_records": open_records.get(staff_id, 0),
                "capacity": staff[staff_id].capacity,
                "room": room,
            }
            for staff_id, room in zip(ids, rooms, strict=True)
        ],
    }


async def reserved_and_eligible(session: ReadSession, database_id: str, staff_id: str) -> tuple[int, int]:
    """Return how many records of a database are reserved, and how many this staff could still receive."""
    databases = await locking.database_facts(session, [database_id])
    if database_id not in databases:
        raise UnknownDatabase("There is no such database in this module.", id=database_id)
    by_state = (await counts_by_state(session, [database_id]))[database_id]
    available = by_state.get(RecordState.AVAILABLE, 0)
    eligible = await draw.count_eligible(session, database_id, [staff_id], available)
    return by_state.get(RecordState.RESERVED, 0), eligible


async def history(session: ReadSession, principal: Principal, record_id: str) -> list[dict[str, Any]]:
    """Return everything that happened to a record, oldest first, beginning with its import.

    A staff sees only records of their own, and of those only what concerns them; anything else is a 404.
    """
    sees_all = principal.can(Permission.RECORDS_READ_ALL)
    record = await listing.find_record(session, record_id, None if sees_all else principal.id)
    if record is None:
        raise NotFound("There is no such record.", id=record_id)
    entries = await listing.record_history(session, record.seq, None if sees_all else principal.id)
    if sees_all:
        first_state = entries[0]["from_state"] if entries else record.state
        imported = {
            "at": record.uploaded_at,
            "actor_name": record.uploaded_by_name,
            "kind": "import",
            "from_state": None,
            "to_state": first_state,
        }
        entries.insert(0, imported)
    return entries
