"""At risk, lost and back again over ninety days; dismissing; the briefing; phone numbers; who may see what."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from crm_boost.retention.rebuild import check
from tests.deposits.desk import booked, done
from tests.retention.desk import NOON, TODAY, entered, get, post
from tests.retention.sound import assert_followed
from tests.support.factories import make_product, make_user, open_session

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with frozen(NOON):
        yield


def later(days: int) -> Any:
    return frozen(NOON + days * DAY)


async def test_ninety_days_of_two_customers(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    product = await make_product(database)
    levels: dict[str, list[str]] = {"once": [], "often": []}
    for number in range(91):
        with later(number):
            if number % 10 == 0:
                # Nobody stays signed in for so long.
                admin, staff = [replace(who, token=await open_session(database, who.id)) for who in (admin, staff)]
            day = str(TODAY + number * DAY)
            if number == 0:
                await booked(client, staff, product, "once", day)
            # Back after eight days, then lost, then back again on day 60.
            if number in (0, 8, 60):
                await booked(client, staff, product, "often", day)
            found = await get(client, admin, "/alerts")
            lost = {row["customer_key"] for row in await get(client, staff, "/lost-customers")}
            by_key = {row["customer_key"]: row["risk_level"] for row in found["alerts"]}
            assert found["summary"]["total"] == len(found["alerts"])
            for customer, seen in levels.items():
                seen.append("lost" if customer in lost else by_key.get(customer, "-"))
    often = ["-"] * 7 + ["high"] + ["-"] * 3 + ["medium"] * 4 + ["high"] * 7 + ["critical"] * 17 + ["lost"] * 21
    assert levels["once"] == ["-"] * 7 + ["high"] * 7 + ["critical"] * 17 + ["lost"] * 60
    assert levels["often"] == [*often, "-", "-", "-", *["medium"] * 4, *["high"] * 7, *["critical"] * 17]
    await assert_followed(database)


async def test_who_sees_which_alerts(client: httpx.AsyncClient, database: Database) -> None:
    admin, a, b = await make_user(database, "admin"), await make_user(database), await make_user(database)
    master, product, other = (
        await make_user(database, "master_admin"),
        await make_product(database),
        await make_product(database),
    )
    ago = {days: TODAY - days * DAY for days in (2, 5, 6, 9, 20, 31, 40)}
    await entered(
        database,
        [
            (a.id, "shared", product, ago[20], False),
            (b.id, "shared", product, ago[9], False),
            (a.id, "mine", product, ago[20], False),
            (a.id, "mine", product, ago[5], False),
            (a.id, "mine", other, ago[40], False),
            (b.id, "theirs", other, ago[20], False),
            (b.id, "fresh", other, ago[2], False),
            (a.id, "lately once", product, ago[6], False),
            (a.id, "gone", product, ago[31], False),
        ],
    )
    whole = await get(client, admin, "/alerts")
    assert [(row["customer_key"], row["risk_level"]) for row in whole["alerts"]] == [
        ("theirs", "critical"), ("shared", "high"), ("mine", "medium")
    ]  # fmt: skip
    assert whole["summary"] == {"total": 3, "critical": 1, "high": 1, "medium": 1}
    assert await get(client, master, "/alerts") == whole
    # The customer of the latest deposit is theirs, wherever the others were; figures are of their own deposits.
    (row,) = (await get(client, b, "/alerts", product_id=product))["alerts"]
    assert (row["customer_key"], row["total_deposits"], row["staff_id"]) == ("shared", 1, b.id)
    assert (row["customer_name"], row["avg_days_between_deposits"]) == ("Name of shared", None)
    (row,) = (await get(client, a, "/alerts"))["alerts"]
    assert (row["customer_key"], row["avg_days_between_deposits"], row["days_since_deposit"]) == ("mine", 15.0, 5)
    assert (await get(client, admin, "/alerts", staff_id=b.id))["summary"]["total"] == 2
    only = await get(client, admin, "/alerts", risk_level="high")
    assert ([row["customer_key"] for row in only["alerts"]], only["summary"]) == (["shared"], whole["summary"])
    assert [row["customer_key"] for row in await get(client, admin, "/lost-customers")] == ["gone", "mine"]
    assert (await get(client, admin, "/lost-customers", staff_id=b.id)) == []
    team = await get(client, admin, "/alerts/by-staff")
    assert team["summary"] == whole["summary"]
    assert [(row["staff_id"], row["total"]) for row in team["staff"]] == [(b.id, 2), (a.id, 1)]
    # Page by page: the same rows.
    first = await client.get("/api/retention/alerts?limit=2", headers=admin.auth)
    second = await client.get(first.links["next"]["url"], headers=admin.auth)
    assert [*first.json()["alerts"], *second.json()["alerts"]] == whole["alerts"]
    assert first.headers["X-Total-Count"] == "3"


async def test_dismissing_is_for_seven_days_and_for_oneself(client: httpx.AsyncClient, database: Database) -> None:
    admin, other, staff = (
        await make_user(database, "admin"),
        await make_user(database, "admin"),
        await make_user(database),
    )
    product = await make_product(database)
    await entered(database, [(staff.id, name, product, TODAY - 10 * DAY, False) for name in ("x", "y")])
    alert = {"customer_id": " X", "product_id": product}
    answers = [await post(client, admin, "/alerts/dismiss", alert, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.json()["until"] for answer in answers] == [str(TODAY + 7 * DAY)] * 2

    async def seen(who: Any) -> tuple[list[str], int, int]:
        found = await get(client, who, "/alerts")
        team = (await get(client, who, "/alerts/by-staff"))["summary"]["total"] if who is not staff else 0
        return [row["customer_key"] for row in found["alerts"]], found["summary"]["total"], team

    assert await seen(admin) == (["y"], 1, 1)
    assert await seen(other) == (["x", "y"], 2, 2)
    assert (await seen(staff))[0] == ["x", "y"]
    with later(6):
        assert await seen(admin) == (["y"], 1, 1)
    with later(7):
        assert await seen(admin) == (["x", "y"], 2, 2)
        assert (await check(database))["ended"] == 1
    await post(client, staff, "/alerts/dismiss", alert)
    assert (await seen(staff))[:2] == (["y"], 1)
    assert (await post(client, staff, "/alerts/undismiss", alert)).status_code == 200
    assert (await seen(staff))[:2] == (["x", "y"], 2)


async def test_whose_alert_one_may_dismiss(client: httpx.AsyncClient, database: Database) -> None:
    a, b, product = await make_user(database), await make_user(database), await make_product(database)
    await entered(database, [(a.id, "x", product, TODAY, False)])
    for body, status in (
        ({"customer_id": "x", "product_id": product}, 404),
        ({"customer_id": "nobody", "product_id": product}, 404),
        ({"customer_id": " ", "product_id": product}, 422),
        ({"product_id": product}, 422),
        ({"customer_id": "x", "product_id": product, "until": "2030-01-01"}, 422),
    ):
        for path in ("/alerts/dismiss", "/alerts/undismiss"):
            answer = await post(client, b, path, body)
            assert answer.status_code == status, (body, answer.text)
            if status == 422:
                assert answer.json()["errors"][0]["field"] in ("customer_id", "until")


async def test_what_is_refused(client: httpx.AsyncClient, database: Database) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    blocked = await make_user(database, "admin", blocked_pages=["retention"])
    paths = ("summary", "overview", "customers", "trend", "by-product", "by-staff", "cohorts", "alerts", "alerts/by-staff",
             "lost-customers", "daily-briefing")  # fmt: skip
    for path in paths:
        assert (await client.get(f"/api/retention/{path}")).status_code == 401
        refused = path in ("by-staff", "alerts/by-staff")
        answer = await client.get(f"/api/retention/{path}", headers=staff.auth)
        assert answer.status_code == (403 if refused else 200), path
        answer = await client.get(f"/api/retention/{path}", headers=blocked.auth)
        assert answer.status_code == (200 if path == "daily-briefing" else 403), path
    for path in ("alerts/dismiss", "alerts/undismiss", "daily-briefing/dismiss"):
        assert (await client.post(f"/api/retention/{path}", json={})).status_code == 401
    for asked, field in (
        ("summary?start_date=2025-13-01", "start_date"),
        ("summary?start_date=2025-02-01&end_date=2025-01-01", "end_date"),
        ("summary?start_date=2015-02-01&end_date=2025-01-01", "end_date"),
        ("summary?end_date=0001-01-02", "end_date"),
        ("summary?start_date=0001-01-01&end_date=0002-01-01", "start_date"),
        ("customers?filter_type=best", "filter_type"),
        ("customers?sort_by=name", "sort_by"),
        ("customers?limit=1001", "limit"),
        ("customers?cursor=abc", "cursor"),
        ("alerts?risk_level=low", "risk_level"),
        ("alerts?cursor=WyJhIiwiYiIsImMiXQ", "cursor"),
        ("trend?days=0", "days"),
        ("cohorts?months=37", "months"),
    ):
        answer = await client.get(f"/api/retention/{asked}", headers=admin.auth)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), asked
    for path in paths[:-1]:
        unknown = {"product_id": "nothing", "staff_id": "nobody"}
        answer = await client.get(f"/api/retention/{path}", headers=admin.auth, params=unknown)
        assert answer.status_code == 200, path
    assert await get(client, admin, "/customers", product_id="nothing") == []


async def test_deposits_that_wait_or_are_gone_count_nowhere(client: httpx.AsyncClient, database: Database) -> None:
    staff, admin, product = await make_user(database), await make_user(database, "admin"), await make_product(database)
    first = await booked(client, staff, product, "x", "2025-06-01")
    second = await booked(client, staff, product, "x", "2025-06-08")
    await done(client, admin, "DELETE", f"/{second['id']}")
    (row,) = (await get(client, admin, "/alerts"))["alerts"]
    assert (row["last_deposit_date"], row["total_deposits"], row["risk_level"]) == ("2025-06-01", 1, "critical")
    await done(client, admin, "POST", f"/restore/{second['id']}")
    await done(client, admin, "DELETE", f"/{first['id']}")
    (row,) = (await get(client, admin, "/alerts"))["alerts"]
    assert (row["first_deposit_date"], row["last_deposit_date"]) == ("2025-06-08", "2025-06-08")
    await done(client, admin, "DELETE", f"/{second['id']}")
    found = await get(client, admin, "/summary")
    assert (found["total_customers"], found["retention_rate"], found["top_loyal_customers"]) == (0, None, [])
    assert (await get(client, admin, "/alerts"))["alerts"] == []
    await assert_followed(database)


async def test_midnight_is_the_business_zone_s(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff, product = await make_user(database, "admin"), await make_user(database), await make_product(database)
    await entered(database, [(staff.id, "x", product, TODAY - 6 * DAY, False)])
    for instant, levels in (
        (datetime(2025, 6, 15, 16, 59, tzinfo=UTC), []),
        (datetime(2025, 6, 15, 17, 0, tzinfo=UTC), ["high"]),
    ):
        with frozen(instant):
            found = await get(client, admin, "/alerts")
        assert [row["risk_level"] for row in found["alerts"]] == levels
