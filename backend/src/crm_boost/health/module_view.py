"""The same engine seen through one module, under the names that existing clients know (spec 7.7, 7.9)."""

from collections import defaultdict
from typing import Any

from crm_boost.assignments import conflicts
from crm_boost.assignments.policies.base import Policy
from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.health import repairing
from crm_boost.health.catalog import all_checks, check_named
from crm_boost.health.checks import Check
from crm_boost.health.repositories import modules as repository
from crm_boost.health.service import ask
from crm_boost.kit.clock import utc_now

_BATCHES = 1000
_ORPHANED = ("orphan_holders",)
_RESERVED_STATE = ("owned_but_available", "reserved_without_owner")
_INVALID_STATUS = ("dead_requests", *_RESERVED_STATE)
_PRODUCT = "product_mismatch"
_BATCH = "foreign_batches"


def _checks() -> list[Check]:
    return [check for check in all_checks() if check.of_records]


async def data_health(session: ReadSession, policy: Policy) -> dict[str, Any]:
    """Return the databases of a module with what is at fault in each. Available is what neither somebody holds nor is
    archived, reserved and requested records included: the three add up to the total."""
    at_fault: dict[str, dict[str, int]] = {}
    for check in _checks():
        question = await check.find(session, policy.module)
        at_fault[check.name] = await repository.per_database(session, question)
    databases = await _databases(session, policy)
    rows = [
        _shaped(item, {name: found.get(item["database_id"], 0) for name, found in at_fault.items()})
        for item in databases
    ]
    issues = [
        {"type": check.name, "severity": str(check.severity), "count": sum(at_fault[check.name].values())}
        for check in _checks()
        if at_fault[check.name]
    ]
    answer = {
        "is_healthy": not issues,
        "total_issues": sum(row["total_issues"] for row in rows),
        "databases": rows,
        "issues": issues,
    }
    if policy.batched:
        found = await repository.batches(session, policy.module, _BATCHES)
        # Counts are derived and never stored (spec 2.6), so what is stored cannot differ from what is.
        answer["batches"] = [
            {
                "batch_id": row[0],
                "staff_name": row[1],
                "stored_count": row[2],
                "actual_count": row[2],
                "has_mismatch": False,
                "difference": 0,
            }
            for row in found
        ]
        answer["batch_mismatches"] = sum(at_fault[_BATCH].values())
    return answer


async def _databases(session: ReadSession, policy: Policy) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for database_id, name, product_id, state, count in await repository.databases(session, policy.module):
        row = found.setdefault(
            database_id,
            {"database_id": database_id, "database_name": name, "product_id": product_id, "states": defaultdict(int)},
        )
        if state is not None:
            row["states"][state] = count
    return list(found.values())


def _counts(states: dict[str, int]) -> dict[str, int]:
    total, assigned, archived = sum(states.values()), states[RecordState.ASSIGNED], states[RecordState.ARCHIVED]
    available = total - assigned - archived
    return {"total_records": total, "available": available, "assigned": assigned, "archived": archived}


def _shaped(item: dict[str, Any], issues: dict[str, int]) -> dict[str, Any]:
    invalid = sum(issues[name] for name in _INVALID_STATUS)
    total = sum(issues.values())
    return {
        "database_id": item["database_id"],
        "database_name": item["database_name"],
        **_counts(item["states"]),
        "invalid_status_records": invalid,
        "issues": {
            # A database without a name cannot be stored.
            "missing_db_name": 0,
            "orphaned_assignments": sum(issues[name] for name in _ORPHANED),
            "invalid_status": invalid,
            **{name: count for name, count in issues.items() if count},
        },
        "has_issues": total > 0,
        "total_issues": total,
    }


async def repair_data(database: Database, policy: Policy) -> dict[str, Any]:
    """Repair everything in a module that can be repaired without a decision."""
    checks = [check for check in _checks() if check.repair is not None]
    done = await repairing.find_and_repair(database, checks, policy.module)
    async with database.read() as session:
        databases = await _databases(session, policy)
    fixed = {answer["repair_type"]: answer["fixed"] for answer in done}
    total = sum(fixed.values())
    log: dict[str, Any] = {
        "timestamp": utc_now(),
        "repaired": {name: count for name, count in fixed.items() if count},
        "repair_ids": [answer["repair_id"] for answer in done if "repair_id" in answer],
        "databases_checked": len(databases),
        "fixed_missing_db_info": fixed[_PRODUCT],
        "fixed_invalid_status_restored": fixed["dead_requests"] + fixed["reserved_without_owner"],
        "fixed_invalid_status_cleared": fixed["owned_but_available"],
        "fixed_orphaned_assignments": fixed["orphan_holders"],
    }
    if policy.batched:
        log.update(fixed_batch_counts=fixed[_BATCH], batches_synchronized=[])
    return {"success": True, "message": f"{total} repaired.", "repair_log": log}


async def diagnose_product(session: ReadSession, policy: Policy) -> dict[str, Any]:
    """Return which records of a module are of another product than their database, and the databases as they are."""
    check = _named(_PRODUCT)
    finding = await ask(session, check, policy.module)
    by_database = await repository.per_database(session, await check.find(session, policy.module))
    databases = await _databases(session, policy)
    names = {item["database_id"]: item["database_name"] for item in databases}
    moves = [
        {"database_id": database_id, "database_name": names[database_id], "count": count}
        for database_id, count in sorted(by_database.items())
    ]
    return {
        "total_mismatched": finding.count,
        "by_database": moves,
        "would_move": finding.sample,
        # The product of a record is that of its database, so there is always a right one.
        "cannot_fix": [],
        "current_stats": [_stats(item) for item in databases],
    }


async def repair_product(database: Database, policy: Policy) -> dict[str, Any]:
    """Give those records the product of their database."""
    (done,) = await repairing.find_and_repair(database, [_named(_PRODUCT)], policy.module)
    async with database.read() as session:
        stats = [_stats(item) for item in await _databases(session, policy)]
    log: dict[str, Any] = {"timestamp": utc_now(), "fixed": done["fixed"], "updated_database_stats": stats}
    if "repair_id" in done:
        log["repair_id"] = done["repair_id"]
    return {
        "success": True,
        "message": f"{done['fixed']} records have the product of their database.",
        "repair_log": log,
    }


def _stats(item: dict[str, Any]) -> dict[str, Any]:
    counts = _counts(item["states"])
    return {
        "database_id": item["database_id"],
        "database_name": item["database_name"],
        "product_id": item["product_id"],
        "available": counts["available"],
        "assigned": counts["assigned"],
        "total": counts["total_records"],
    }


async def diagnose_conflicts(session: ReadSession, policy: Policy) -> dict[str, Any]:
    """Return what somebody holds of a module while its customers are somebody else's."""
    rows = await conflicts.open_conflicts(session, [policy])
    shown = [
        {
            "record_id": row.record_id,
            "customer_id": row.customer_id,
            "assigned_to": row.staff_id,
            "assigned_to_name": row.staff_name,
            "reserved_by": row.owner_id,
            "reserved_by_name": row.owner_name,
        }
        for row in rows
    ]
    return {"total_conflicts": len(shown), "message": f"{len(shown)} records are in conflict.", "conflicts": shown}


async def fix_conflicts(session: WriteSession, policy: Policy) -> dict[str, Any]:
    """Give them to the owners of their customers; what an owner cannot receive stays, with the reason."""
    done = await conflicts.hand_to_owners(session, [policy])
    fixed = [
        {
            "record_id": row.record_id,
            "customer_id": row.customer_id,
            "from_staff": row.staff_id,
            "to_staff": row.owner_id,
        }
        for row in done.moved
    ]
    return {
        "success": True,
        "total_fixed": len(fixed),
        "message": f"{len(fixed)} records went to the owners of their customers.",
        "fixed_records": fixed,
        "skipped": done.skipped,
        "operation_ids": done.operation_ids,
    }


async def sync_reserved(database: Database, policy: Policy) -> dict[str, Any]:
    """Let free and reserved records of a module agree with the reservations."""
    checks = [_named(name) for name in _RESERVED_STATE]
    marked, freed = await repairing.find_and_repair(database, checks, policy.module)
    return {"success": True, "marked_reserved": marked["fixed"], "marked_available": freed["fixed"]}


def _named(name: str) -> Check:
    check = check_named(name)
    assert check is not None
    return check
