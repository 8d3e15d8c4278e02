"""Routes of Data Sync and of one module's health: who may, shapes, filters (spec 3.5, 7.7, 7.8)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.health.catalog import all_checks
from crm_boost.identity.permissions import Role
from crm_boost.kit.clock import business_date, frozen, utc_now
from tests.assignments import support
from tests.health.desk import PATH, PLANTS, Desk, make_desk
from tests.reservations.desk import reserved
from tests.support.factories import make_database, make_user
from tests.support.statements import recorded_statements

READS = ("health-check", "sync-status", "activity-log", "monitoring-config", "conflict-resolution-log", "conflict-resolution-stats")  # fmt: skip
WRITES = ("proactive-check", "repair", "repairs/nothing-here/undo")
MODULE_READS = ("data-health", "diagnose-product-mismatch", "diagnose-reserved-conflicts")
MODULE_WRITES = ("repair-data", "repair-product-mismatch", "fix-reserved-conflicts", "sync-reserved-status")


async def test_admins_only(client: httpx.AsyncClient, database: Database) -> None:
    staff, blind = await make_user(database), await make_user(database, Role.ADMIN, blocked_pages=["health"])
    routes = [("GET", f"{PATH}/{path}") for path in READS] + [("POST", f"{PATH}/{path}") for path in WRITES]
    kept = [("GET", f"/api/memberwd/admin/{path}") for path in MODULE_READS]
    kept += [("POST", f"/api/bonanza/admin/{path}") for path in MODULE_WRITES]
    for method, path in [*routes, *kept]:
        assert (await client.request(method, path)).status_code == 401, path
        assert (await client.request(method, path, headers=staff.auth)).status_code == 403, path
    for method, path in routes:
        assert (await client.request(method, path, headers=blind.auth)).status_code == 403, path


async def test_a_clean_desk_proves_every_check(client: httpx.AsyncClient, database: Database) -> None:
    desk = await make_desk(client, database)

    found = await desk.get("/health-check")

    assert (found["health_score"], found["status"], found["issues"], found["warnings"]) == (100, "healthy", [], [])
    assert {check["type"] for check in found["checks"]} == {check.name for check in all_checks()}
    assert all(check["count"] == 0 and check["checked_at"] for check in found["checks"])
    assert found["stats"] == {
        "checks": len(all_checks()), "clean": len(all_checks()), "at_fault": 0,
        "databases": 1, "reserved_customers": 2, "open_conflicts": 1,
    }  # fmt: skip
    status = await desk.get("/sync-status")
    assert status["overall_status"] == "synced"
    assert status["synced_features"] == status["total_features"] == len(status["features"])


async def test_findings_are_told_with_what_they_mean_and_nobodys_data(
    client: httpx.AsyncClient, database: Database
) -> None:
    desk = await make_desk(client, database)
    await PLANTS["product_mismatch"](desk)
    await PLANTS["notifications_to_nobody"](desk)

    found = await desk.get("/health-check")

    assert (found["health_score"], found["status"]) == (75, "warning")
    (issue,), (warning,) = found["issues"], found["warnings"]
    assert {name: issue[name] for name in ("type", "severity", "count", "auto_fixable")} == {
        "type": "product_mismatch", "severity": "high", "count": 2, "auto_fixable": True,
    }  # fmt: skip
    assert issue["message"] == "2 records are of another product than their database."
    assert warning["type"] == "notifications_to_nobody"
    assert {row["id"] for row in issue["sample"]} == set(desk.stored.record_ids[:2])
    assert {row["database_id"] for row in issue["sample"]} == {desk.stored.id}
    assert "customer" not in str(issue["sample"]).replace("Customers", "")
    status = await desk.get("/sync-status")
    assert status["overall_status"] == "out_of_sync"
    assert {f["feature"] for f in status["features"] if f["status"] != "synced"} == {"products", "notifications"}
    alone = await desk.get("/health-check", module="bonanza")
    assert alone["health_score"] == 100


async def test_refused_input_names_the_field(client: httpx.AsyncClient, database: Database) -> None:
    desk = await make_desk(client, database)

    async def field(method: str, path: str, **sent: Any) -> str:
        answer = await client.request(method, f"{PATH}/{path}", headers=desk.admin.auth, **sent)
        assert answer.status_code == 422, answer.text
        return str(answer.json()["errors"][0]["field"])

    assert await field("POST", "repair", params={"repair_type": "everything"}) == "repair_type"
    assert await field("POST", "repair", params={"repair_type": "duplicate_reservations"}) == "repair_type"
    assert await field("PUT", "monitoring-config", json={"check_interval_hours": 0}) == "check_interval_hours"
    assert await field("PUT", "monitoring-config", params={"check_interval_hours": "often"}) == "check_interval_hours"
    days = {"date_from": "2026-02-02", "date_to": "2026-02-01"}
    assert await field("GET", "conflict-resolution-log", params=days) == "date_to"
    unknown = await client.post(f"{PATH}/repairs/nothing-here/undo", headers=desk.admin.auth)
    assert unknown.status_code == 404


async def test_monitoring_by_query_and_by_body(client: httpx.AsyncClient, database: Database) -> None:
    desk = await make_desk(client, database)
    assert await desk.get("/monitoring-config") == {
        "enabled": True, "check_interval_hours": 6, "notify_on_warning": False, "notify_on_critical": True,
    }  # fmt: skip
    url, auth = f"{PATH}/monitoring-config", desk.admin.auth
    query: dict[str, str | int] = {
        "enabled": "false",
        "check_interval_hours": 12,
        "notify_on_warning": "true",
        "notify_on_critical": "false",
    }
    kept = (await client.put(url, params=query, headers=auth)).json()
    assert (kept["enabled"], kept["check_interval_hours"], kept["notify_on_warning"]) == (False, 12, True)
    assert kept["message"]
    body = (await client.put(url, json={"enabled": True}, headers=auth)).json()
    assert (body["enabled"], body["check_interval_hours"], body["notify_on_critical"]) == (True, 12, False)
    stored = await desk.get("/monitoring-config")
    assert (stored["enabled"], stored["updated_by"]) == (True, desk.admin.name)
    assert [entry["type"] for entry in (await desk.get("/activity-log"))["logs"]] == ["monitoring_changed"] * 2


async def test_the_conflict_log_outlives_conflicts_and_is_filtered(
    client: httpx.AsyncClient, database: Database
) -> None:
    """A day is one of the business zone: 17:30 UTC is tomorrow in Jakarta."""
    desk = await make_desk(client, database)
    zone = database.business.tz
    evening = datetime(2026, 3, 10, 17, 30, tzinfo=UTC)
    with frozen(evening):
        other = await make_database(database, 2, product_id=desk.stored.product_id, prefix="late")
        await support.pick(database, other, desk.holder, other.record_ids)
        await reserved(client, desk.admin, other.product_id, "late0", desk.owner)
        await support.take_back(database, other, [other.record_ids[0]])

    async def log(**query: Any) -> dict[str, Any]:
        return await desk.get("/conflict-resolution-log", **query)

    assert (await log())["total_count"] == 2
    assert (await log(is_open=False))["summary"] == {"total": 1, "open": 0, "ended": 1, "staff": 1, "owners": 1}
    on_the_day = await log(date_from="2026-03-11", date_to="2026-03-11")
    assert [row["customer_id"] for row in on_the_day["records"]] == ["late0"]
    assert on_the_day["records"][0]["ended_at"]
    assert (await log(date_to="2026-03-10"))["total_count"] == 0
    today = business_date(zone).isoformat()
    assert (await log(date_from=today, date_to=today))["total_count"] == 1
    assert (await log(staff_id="nobody"))["records"] == []
    assert (await log(product_id=desk.stored.product_id, staff_id=desk.owner.id))["total_count"] == 2
    first = await client.get(f"{PATH}/conflict-resolution-log", params={"limit": 1}, headers=desk.admin.auth)
    assert first.headers["X-Total-Count"] == "2"
    second = (await client.get(first.links["next"]["url"], headers=desk.admin.auth)).json()
    assert second["total_count"] == 2
    assert {first.json()["records"][0]["id"]}.isdisjoint({row["id"] for row in second["records"]})
    stats = await desk.get("/conflict-resolution-stats")
    assert {name: stats[name] for name in ("total_invalidated", "today", "this_week", "this_month")} == {
        "total_invalidated": 2, "today": 1, "this_week": 1,
        "this_month": 1 if utc_now() - evening > timedelta(days=31) else 2,
    }  # fmt: skip
    assert stats["top_affected_staff"] == [{"staff_id": desk.holder.id, "staff_name": "Holder", "count": 2}]
    assert stats["top_reserved_by_staff"][0]["staff_id"] == desk.owner.id


async def kept(desk: Desk, method: str, path: str) -> dict[str, Any]:
    """Call a kept route of the desk's module."""
    address = f"/api/{desk.stored.module}/admin/{path}"
    answer = await desk.client.request(method, address, headers=desk.admin.auth)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("module", ["memberwd", "bonanza"])
async def test_the_health_of_one_module(client: httpx.AsyncClient, database: Database, module: str) -> None:
    desk = await make_desk(client, database, module)
    clean = await kept(desk, "GET", "data-health")
    assert (clean["is_healthy"], clean["total_issues"], clean["issues"]) == (True, 0, [])
    assert ("batches" in clean) == (module == "memberwd")
    await PLANTS["orphan_holders"](desk)
    await PLANTS["owned_but_available"](desk)
    await PLANTS["product_mismatch"](desk)

    found = await kept(desk, "GET", "data-health")

    (row,) = found["databases"]
    assert (found["is_healthy"], found["total_issues"]) == (False, 5)
    assert row["issues"]["orphaned_assignments"] == 2
    assert (row["issues"]["invalid_status"], row["invalid_status_records"], row["issues"]["missing_db_name"]) == (
        1,
        1,
        0,
    )
    diagnosis = await kept(desk, "GET", "diagnose-product-mismatch")
    assert (diagnosis["total_mismatched"], diagnosis["cannot_fix"]) == (2, [])
    assert diagnosis["current_stats"][0]["total"] == 8

    log = (await kept(desk, "POST", "repair-data"))["repair_log"]

    assert (log["fixed_orphaned_assignments"], log["fixed_missing_db_info"], log["databases_checked"]) == (2, 2, 1)
    assert log["fixed_invalid_status_cleared"] == 1
    assert ("fixed_batch_counts" in log) == (module == "memberwd")
    after = await kept(desk, "GET", "data-health")
    (row,) = after["databases"]
    assert after["is_healthy"]
    assert row["available"] + row["assigned"] + row["archived"] == row["total_records"] == 8
    assert after.get("batch_mismatches", 0) == 0


async def test_conflicts_of_one_module_go_to_the_owners(client: httpx.AsyncClient, database: Database) -> None:
    desk = await make_desk(client, database, "bonanza")
    other = await make_desk(client, database, "memberwd")
    found = await kept(desk, "GET", "diagnose-reserved-conflicts")
    record_id = desk.stored.record_ids[5]
    assert found["total_conflicts"] == 1
    assert found["conflicts"][0] | {"record_id": record_id, "assigned_to": desk.holder.id} == found["conflicts"][0]
    assert (found["conflicts"][0]["reserved_by"], found["conflicts"][0]["customer_id"]) == (desk.owner.id, "customer5")

    done = await kept(desk, "POST", "fix-reserved-conflicts")

    assert done["fixed_records"] == [
        {"record_id": record_id, "customer_id": "customer5", "from_staff": desk.holder.id, "to_staff": desk.owner.id}
    ]
    assert (await kept(desk, "POST", "fix-reserved-conflicts"))["total_fixed"] == 0
    assert (await kept(other, "GET", "diagnose-reserved-conflicts"))["total_conflicts"] == 1
    assert await desk.found() == {}


async def test_reserved_states_and_products_of_one_module(client: httpx.AsyncClient, database: Database) -> None:
    desk = await make_desk(client, database, "memberwd")
    await PLANTS["owned_but_available"](desk)
    await desk.sql("UPDATE customer_records SET state = 'reserved' WHERE seq = :seq", seq=desk.seq(2))
    await PLANTS["product_mismatch"](desk)
    synced = await kept(desk, "POST", "sync-reserved-status")
    assert synced == {"success": True, "marked_reserved": 1, "marked_available": 1}
    repaired = await kept(desk, "POST", "repair-product-mismatch")
    assert repaired["repair_log"]["fixed"] == 2
    assert {"database_name", "total", "available", "assigned"} <= repaired["repair_log"]["updated_database_stats"][
        0
    ].keys()
    assert await desk.found() == {}


async def test_the_number_of_statements_does_not_follow_what_is_found(
    client: httpx.AsyncClient, database: Database
) -> None:
    desk = await make_desk(client, database, "memberwd")

    async def counted() -> list[int]:
        counts = []
        for path in (f"{PATH}/health-check", f"{PATH}/conflict-resolution-log", "/api/memberwd/admin/data-health"):
            with recorded_statements(database) as statements:
                assert (await client.get(path, headers=desk.admin.auth)).status_code == 200
            counts.append(len(statements))
        return counts

    few = await counted()
    for number in range(3):
        await make_database(database, 30, module="memberwd", prefix=f"more{number}-")
    await desk.sql("UPDATE customer_records SET customer_key = 'x' WHERE seq > :seq", seq=desk.seq(7))
    assert await counted() == few
