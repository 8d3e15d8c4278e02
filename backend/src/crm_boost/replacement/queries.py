"""What the Validation page and the kept lists show (spec 2.5, 2.7)."""

from collections.abc import Sequence
from typing import Any

from crm_boost.assignments.policies import all_policies
from crm_boost.db.session import ReadSession
from crm_boost.identity.principal import Principal
from crm_boost.replacement.repositories import alerts
from crm_boost.replacement.repositories import replacements as repository


def open_modules(principal: Principal, module: str | None = None) -> list[str]:
    """Return the modules whose page is not blocked for the caller; with `module`, that one if it is among them."""
    seen = [policy.module for policy in all_policies() if policy.page not in principal.blocked_pages]
    return [each for each in seen if module is None or each == module]


async def summary(session: ReadSession, modules: Sequence[str]) -> dict[str, Any]:
    """Return how much is rejected, by staff and module and therein by reason, and since when an alert is open."""
    opened = {(row.staff_id, row.module): row.opened_at for row in await alerts.open_alerts(session, modules)}
    by_staff: dict[tuple[str, str], dict[str, Any]] = {}
    for row in await repository.invalid_by_reason(session, modules):
        key = (row.staff_id, row.module)
        if key not in by_staff:
            by_staff[key] = {
                "staff_id": row.staff_id,
                "staff_name": row.staff_name,
                "module": row.module,
                "count": 0,
                "by_reason": [],
            }
            if key in opened:
                by_staff[key]["alert_opened_at"] = opened[key]
        count = int(row.records)
        by_staff[key]["count"] += count
        by_staff[key]["by_reason"].append({"reason": row.reason or "", "count": count})
    staff = sorted(by_staff.values(), key=lambda one: (-one["count"], one["staff_name"], one["module"]))
    return {"total": sum(one["count"] for one in staff), "staff": staff}


async def kept_notifications(session: ReadSession, modules: Sequence[str]) -> dict[str, Any]:
    """Return the open alerts as existing clients read them (spec 7.1)."""
    found = await summary(session, modules)
    counted = {(one["staff_id"], one["module"]): one for one in found["staff"]}
    shown: list[dict[str, Any]] = []
    for row in await alerts.open_alerts(session, modules):
        one = counted.get((row.staff_id, row.module))
        if one is None:
            continue
        reasons = ", ".join(part["reason"] for part in one["by_reason"] if part["reason"])
        shown.append(
            {
                "id": row.id,
                "staff_id": row.staff_id,
                "staff_name": row.staff_name,
                "record_count": one["count"],
                "reason": reasons,
                "type": row.module,
                "created_at": row.opened_at,
            }
        )
    totals: dict[str, int] = {}
    for module in modules:
        totals[f"{module}_notifications"] = sum(row["type"] == module for row in shown)
        totals[f"{module}_invalid_records"] = sum(one["count"] for one in found["staff"] if one["module"] == module)
    return {"notifications": shown, "summary": {**totals, "total_unresolved": len(shown)}}
