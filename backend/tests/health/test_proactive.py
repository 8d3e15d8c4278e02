"""The look at everything that the clock takes: who is told, and that nobody is told twice (spec 3.5)."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx

from crm_boost.db.engine import Database
from crm_boost.health import proactive, service
from crm_boost.identity.permissions import Role
from crm_boost.kit.clock import frozen, utc_now
from tests.health.desk import PATH, PLANTS, Desk, make_desk
from tests.support.factories import Account, make_user


async def told(desk: Desk, who: Account | None = None) -> list[dict[str, Any]]:
    """What somebody was told of findings, the newest first."""
    inbox = await desk.client.get("/api/notifications", headers=(who or desk.admin).auth)
    return [item["data"] for item in inbox.json()["notifications"] if item["type"] == "data_health"]


async def test_a_new_finding_is_told_once_and_again_when_it_comes_back(
    client: httpx.AsyncClient, database: Database
) -> None:
    desk = await make_desk(client, database)
    blind = await make_user(database, Role.ADMIN, blocked_pages=["health"])
    clean = await desk.post("/proactive-check")
    assert (clean["health_score"], clean["issues_found"], clean["notifications_sent"]) == (100, 0, 0)
    await PLANTS["product_mismatch"](desk)

    first, second = await desk.post("/proactive-check"), await desk.post("/proactive-check")

    assert (first["health_score"], first["critical_issues"], first["medium_issues"]) == (80, 1, 0)
    assert (first["notifications_sent"], second["notifications_sent"]) == (1, 0)
    assert await told(desk) == [{"check": "product_mismatch", "severity": "high", "count": 2}]
    assert [await told(desk, who) for who in (desk.holder, blind)] == [[], []]
    logged = (await desk.get("/activity-log", limit=5))["logs"]
    assert {entry["type"] for entry in logged} == {"proactive_health_check"}

    await desk.post("/repair", repair_type="product_mismatch")
    await desk.post("/proactive-check")
    await PLANTS["product_mismatch"](desk)

    assert (await desk.post("/proactive-check"))["notifications_sent"] == 1


async def test_the_configuration_says_which_findings_are_told(client: httpx.AsyncClient, database: Database) -> None:
    desk = await make_desk(client, database)
    await PLANTS["stale_conflicts"](desk)
    quiet = await desk.post("/proactive-check")
    assert (quiet["medium_issues"], quiet["notifications_sent"]) == (1, 0)
    change = {"notify_on_warning": True}
    await client.put(f"{PATH}/monitoring-config", json=change, headers=desk.admin.auth)
    assert (await desk.post("/proactive-check"))["notifications_sent"] == 1, "it was never told"
    assert (await desk.post("/proactive-check"))["notifications_sent"] == 0


async def test_the_clock_obeys_the_switch_and_the_interval(client: httpx.AsyncClient, database: Database) -> None:
    desk = await make_desk(client, database)
    now = utc_now()
    hours: list[dict[str, int]] = []
    for hour in (0, 1, 5, 6, 7):
        with frozen(now + timedelta(hours=hour)):
            hours.append(await proactive.run(database))
    assert [counts.get("health_score", "skipped") for counts in hours] == [100, "skipped", "skipped", 100, "skipped"]
    await client.put(f"{PATH}/monitoring-config", json={"enabled": False}, headers=desk.admin.auth)
    with frozen(now + timedelta(days=2)):
        assert await proactive.run(database) == {"skipped": 1}


async def test_two_looks_at_once_tell_once(client: httpx.AsyncClient, database: Database) -> None:
    desk = await make_desk(client, database)
    await PLANTS["product_mismatch"](desk)
    answers = await asyncio.gather(*(desk.post("/proactive-check") for _ in range(4)))
    assert sorted(answer["notifications_sent"] for answer in answers) == [0, 0, 0, 1]
    assert len(await told(desk)) == 1


async def test_a_large_desk_shows_what_the_clock_found(
    client: httpx.AsyncClient, database: Database, monkeypatch: Any
) -> None:
    """Comparing every record is not done each time somebody opens the page."""
    monkeypatch.setattr(service, "SMALL_POOL", 5)
    desk = await make_desk(client, database)

    async def checks() -> dict[str, dict[str, Any]]:
        return {check["type"]: check for check in (await desk.get("/health-check"))["checks"]}

    assert "checked_at" not in (await checks())["product_mismatch"], "never asked yet, and it says so"
    assert "checked_at" in (await checks())["orphan_holders"]
    await PLANTS["product_mismatch"](desk)
    await desk.post("/proactive-check")
    assert (await checks())["product_mismatch"]["count"] == 2
