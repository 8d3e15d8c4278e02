"""A script that harvests customers is stopped; a person who works is not."""

import asyncio
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from tests.assignments import support
from tests.deposits.desk import booked
from tests.support.factories import make_database, make_product, make_user

LIMITS = "/api/settings/access-limits"


async def test_a_scripted_harvester_is_stopped_and_reported(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database, name="Quick"), await make_user(database, "admin")
    stored = await make_database(database, 400)
    await support.pick(database, stored, staff, stored.record_ids)

    answers = [await client.get(f"/api/records/{record_id}", headers=staff.auth) for record_id in stored.record_ids]

    shown = [a for a in answers if a.status_code == 200]
    stopped = [a for a in answers if a.status_code == 429]
    assert (len(shown), len(stopped)) == (300, 100)
    refusal = stopped[0]
    assert refusal.json()["code"] == "access_limited"
    assert (refusal.json()["kind"], refusal.json()["limit"], refusal.json()["span"]) == ("open", 300, "hour")
    assert 1 <= int(refusal.headers["Retry-After"]) <= 3601
    assert "ask an administrator" in refusal.json()["detail"]
    assert not any(name in refusal.text for name in ("customer1", "Person"))
    inbox: list[dict[str, Any]] = []
    for _ in range(50):
        inbox = (await client.get("/api/notifications", headers=admin.auth)).json()["notifications"]
        if inbox:
            break
        await asyncio.sleep(0.1)
    assert [(n["type"], n["data"]["staff_name"], n["data"]["kind"]) for n in inbox] == [
        ("access_alert", "Quick", "open")
    ]
    # His own work goes on: lists, marks and searches have limits of their own.
    assert (await client.get("/api/my/records?limit=50", headers=staff.auth)).status_code == 200


async def test_a_person_who_works_fifty_records_an_hour_is_never_stopped(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 60)
    await support.pick(database, stored, staff, stored.record_ids)
    statuses = set()
    for number, record_id in enumerate(stored.record_ids[:50]):
        for path in (
            f"/api/my/records?limit=50&q=customer{number}",
            f"/api/search?q=person {number}",
            f"/api/search?q=customer{number}",
            f"/api/records/{record_id}",
            f"/api/records/{record_id}/timeline",
            "/api/my/records?limit=50",
        ):
            statuses.add((await client.get(path, headers=staff.auth)).status_code)
    first = await client.get("/api/my/records?limit=50", headers=staff.auth)
    second = await client.get(first.headers["Link"].split(">")[0].removeprefix("<"), headers=staff.auth)
    statuses.add(second.status_code)
    assert statuses == {200}


@pytest.mark.parametrize(
    ("limits", "path", "kind"),
    [
        ({"searches_per_hour": 2}, "/api/my/records?limit=50&q=customer", "search"),
        ({"searches_per_hour": 2}, "/api/search?q=customer", "search"),
        ({"rows_per_hour": 15}, "/api/my/records", "rows"),
        ({"rows_per_hour": 15}, "/api/my-assigned-records", "rows"),
        ({"rows_per_hour": 15}, "/api/assignments", "rows"),
        ({"rows_per_hour": 15}, "/api/databases/{database}/records", "rows"),
        ({"rows_per_hour": 15}, "/api/pools/normal/databases/{database}/records?limit=1000", "rows"),
        ({"searches_per_hour": 2}, "/api/pools/normal/databases/{database}/records?limit=1&q=cust", "search"),
    ],
)
async def test_searching_and_leafing_have_limits_too(
    database: Database, client: httpx.AsyncClient, limits: dict[str, int], path: str, kind: str
) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    stored = await make_database(database, 10)
    await support.pick(database, stored, staff, stored.record_ids)
    assert (await client.put(LIMITS, json=limits, headers=admin.auth)).status_code == 200
    who = staff if "/my" in path or "search" in path.split("?", maxsplit=1)[0] else admin

    answers = [await client.get(path.format(database=stored.id), headers=who.auth) for _ in range(3)]

    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[2].json()["kind"] == kind


async def test_a_first_screen_costs_nothing(database: Database, client: httpx.AsyncClient) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    stored = await make_database(database, 10)
    await support.pick(database, stored, staff, stored.record_ids)
    await client.put(LIMITS, json={"rows_per_hour": 1, "searches_per_hour": 1}, headers=admin.auth)
    for _ in range(5):
        assert (await client.get("/api/my/records?limit=50&q=", headers=staff.auth)).status_code == 200


@pytest.mark.parametrize("path", ["/api/omset/export", "/api/omset?limit=500"])
async def test_rows_of_files_and_long_lists_of_deposits_are_counted(
    database: Database, client: httpx.AsyncClient, path: str
) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    product = await make_product(database)
    for number in range(3):
        await booked(client, staff, product, f"customer{number}", "2026-01-05")
    await client.put(LIMITS, json={"rows_per_hour": 3}, headers=admin.auth)

    assert (await client.get(path, headers=staff.auth)).status_code == 200
    refused = await client.get(path, headers=staff.auth)

    assert (refused.status_code, refused.json()["kind"], refused.json()["limit"]) == (429, "rows", 3)
    # The day's own work goes on.
    assert (await client.get("/api/omset?limit=50", headers=staff.auth)).status_code == 200
    await booked(client, staff, product, "customer9", "2026-01-05")


async def test_the_limits_are_settings(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin", name="Ada")
    blocked = await make_user(database, "admin", blocked_pages=["users"])
    for method in ("GET", "PUT"):
        assert (await client.request(method, LIMITS, json={})).status_code == 401
        for who in (staff, blocked):
            assert (await client.request(method, LIMITS, json={}, headers=who.auth)).status_code == 403
    defaults = (await client.get(LIMITS, headers=admin.auth)).json()
    assert (defaults["opens_per_hour"], defaults["updated_at"]) == (300, None)
    await client.put(LIMITS, json={"opens_per_hour": 10, "alarm_factor": 3}, headers=admin.auth)
    changed = (await client.put(LIMITS, json={"searches_per_day": None}, headers=admin.auth)).json()
    assert changed == (await client.get(LIMITS, headers=admin.auth)).json()
    assert changed["updated_at"]
    expected = {"opens_per_hour": 10, "alarm_factor": 3, "searches_per_day": None, "updated_by": "Ada"}
    assert {**changed, "updated_at": None} == {**defaults, **expected}
    for field, value in (("opens_per_hour", 0), ("rows_per_day", "9"), ("alarm_factor", 1), ("surprise", 1)):
        bad = await client.put(LIMITS, json={field: value}, headers=admin.auth)
        assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, field)
