"""When requests are approved at once (spec 2.3, 7.9): global switch, limits, and what each database says."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from crm_boost.requests.auto_approval import AutoApproval, Wanted
from tests.requests.desk import REQUESTS, ask, asked, inbox, switch_on
from tests.support.factories import Account, Stored, make_database, make_user, records_of

SETTINGS = "/api/settings/auto-approve"


async def set_database(client: httpx.AsyncClient, admin: Account, stored: Stored, value: str | None) -> Any:
    query = "" if value is None else f"?auto_approve={value}"
    response = await client.put(f"/api/databases/{stored.id}/auto-approve/set{query}", headers=admin.auth)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.pure
@pytest.mark.parametrize(
    ("enabled", "of_database", "at_once"),
    [
        (True, None, True),
        (True, True, True),
        (True, False, False),
        (False, None, False),
        (False, True, False),
        (False, False, False),
    ],
)
def test_the_global_switch_comes_first_then_the_database(
    enabled: bool, of_database: bool | None, at_once: bool
) -> None:
    assert AutoApproval(enabled=enabled).approves(Wanted(5, of_database, 0)) is at_once
    assert AutoApproval(enabled=enabled).covers(of_database) is at_once


@pytest.mark.pure
@pytest.mark.parametrize("of_database", [None, True])
def test_limits_hold_for_every_database(of_database: bool | None) -> None:
    settings = AutoApproval(enabled=True, max_records_per_request=50, max_records_per_staff_per_day=100)
    assert settings.approves(Wanted(50, of_database, 50))
    assert not settings.approves(Wanted(51, of_database, 0))
    assert not settings.approves(Wanted(50, of_database, 51))


async def test_at_once_means_in_the_answer(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 10)
    await switch_on(client, admin)

    row = await asked(client, staff, stored, 4)

    assert (row["status"], row["auto_approved"], row["assigned_count"]) == ("approved", True, 4)
    assert row["reviewed_by_name"] == "Auto-approval"
    assert "reviewed_by" not in row
    mine = [r for r in (await records_of(database, stored)).values() if r.assigned_to == staff.id]
    assert {r.batch_id for r in mine} == {row["batch_id"]}
    assert len(mine) == 4
    assert [kind for kind, _ in await inbox(client, staff)] == ["request_approved"]
    assert await inbox(client, admin) == []
    events = (await client.get(f"{REQUESTS}/{row['id']}", headers=staff.auth)).json()["events"]
    assert [(e["to_status"], e["actor_name"]) for e in events] == [
        ("pending", staff.name),
        ("approved", "Auto-approval"),
    ]


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("value", [None, "true", "false", "", "null"])
async def test_what_a_database_says(
    database: Database, client: httpx.AsyncClient, enabled: bool, value: str | None
) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 10)
    await client.put(SETTINGS, json={"enabled": enabled, "max_records_per_request": None}, headers=admin.auth)

    answer = await set_database(client, admin, stored, value)

    stored_value = {"true": True, "false": False}.get(value or "")
    messages = {True: "Database set to: Auto-Approve", False: "Database set to: Manual Approval"}
    assert answer["auto_approve"] is stored_value
    assert answer["message"] == messages.get(stored_value, "Database set to: Follow Global Setting")
    one = (await client.get(f"/api/databases/{stored.id}", headers=admin.auth)).json()
    (listed,) = (await client.get("/api/databases", headers=admin.auth)).json()
    assert one["auto_approve"] is listed["auto_approve"] is stored_value
    (shown,) = (await client.get("/api/my/requestable-databases", headers=staff.auth)).json()
    at_once = enabled and stored_value is not False
    assert shown["is_auto_approved"] is at_once
    assert (await asked(client, staff, stored, 2))["status"] == ("approved" if at_once else "pending")


async def test_the_setting_of_a_database_is_guarded(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    blocked = await make_user(database, "admin", blocked_pages=["databases"])
    stored, other = await make_database(database, 1), await make_database(database, 1, module="bonanza")
    path = f"/api/databases/{stored.id}/auto-approve/set?auto_approve=true"
    assert (await client.put(path)).status_code == 401
    assert (await client.put(path, headers=staff.auth)).status_code == 403
    assert (await client.put(path, headers=blocked.auth)).status_code == 403
    for unknown in ("nothing-here", other.id):
        address = f"/api/databases/{unknown}/auto-approve/set"
        assert (await client.put(address, headers=admin.auth)).status_code == 404
    bad = await client.put(f"/api/databases/{stored.id}/auto-approve/set?auto_approve=maybe", headers=admin.auth)
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "auto_approve")


async def test_the_day_is_the_business_day_and_only_what_was_given_at_once_counts(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff, other, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 200)
    await switch_on(client, admin, max_records_per_staff_per_day=50, max_records_per_request=30)
    # 23:30 in Jakarta; half an hour later it is tomorrow there, in UTC still the same day.
    evening = datetime.now(UTC).replace(hour=16, minute=30) + timedelta(days=1)
    with frozen(evening):
        assert (await asked(client, staff, stored, 30))["status"] == "approved"
        waiting = await asked(client, staff, stored, 21)
        assert waiting["status"] == "pending"
        await client.patch(f"{REQUESTS}/{waiting['id']}/approve", headers=admin.auth)
        # What somebody approved by hand does not count.
        assert (await asked(client, staff, stored, 20))["status"] == "approved"
        assert (await asked(client, staff, stored, 1))["status"] == "pending"
        assert (await asked(client, other, stored, 31))["status"] == "pending"
        assert (await asked(client, other, stored, 30))["status"] == "approved"
    with frozen(evening + timedelta(hours=1)):
        assert (await asked(client, staff, stored, 30))["status"] == "approved"


@pytest.mark.parametrize("capacity", [None, 100_000])
async def test_the_day_limit_stands_under_many_requests_at_once(
    database: Database, client: httpx.AsyncClient, capacity: int | None
) -> None:
    staff, admin = await make_user(database, capacity=capacity), await make_user(database, "admin")
    stored = [await make_database(database, 100) for _ in range(2)]
    await switch_on(client, admin, max_records_per_staff_per_day=25)

    answers = await asyncio.gather(*(ask(client, staff, stored[n % 2], 5) for n in range(20)))

    assert {a.status_code for a in answers} == {200}
    statuses = [a.json()["status"] for a in answers]
    assert (statuses.count("approved"), statuses.count("pending")) == (5, 15)
    given = [r for pool in stored for r in (await records_of(database, pool)).values() if r.assigned_to == staff.id]
    assert len(given) == 25


async def test_the_settings_keep_what_is_left_out(database: Database, client: httpx.AsyncClient) -> None:
    admin = await make_user(database, "admin", name="Ada")
    defaults = (await client.get(SETTINGS, headers=admin.auth)).json()
    assert defaults == {
        "enabled": False,
        "max_records_per_request": None,
        "max_records_per_staff_per_day": None,
        "hold_hours": 24,
    }
    everything = {"max_records_per_request": 10, "max_records_per_staff_per_day": 20, "hold_hours": 5}
    await switch_on(client, admin, **everything)
    kept = await client.put(SETTINGS, json={"enabled": False, "max_records_per_request": None}, headers=admin.auth)
    assert kept.status_code == 200
    stored = (await client.get(SETTINGS, headers=admin.auth)).json()
    assert stored == kept.json()
    assert stored.pop("updated_at")
    assert stored == {
        "enabled": False,
        "max_records_per_request": None,
        "max_records_per_staff_per_day": 20,
        "hold_hours": 5,
        "updated_by": "Ada",
    }


async def test_the_settings_are_guarded_and_checked(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    blocked = await make_user(database, "admin", blocked_pages=["requests"])
    for method in ("GET", "PUT"):
        assert (await client.request(method, SETTINGS, json={})).status_code == 401
        for who in (staff, blocked):
            assert (await client.request(method, SETTINGS, json={}, headers=who.auth)).status_code == 403
    for field, value in (
        ("enabled", "perhaps"),
        ("max_records_per_request", 0),
        ("max_records_per_staff_per_day", "12"),
        ("hold_hours", 0),
        ("hold_hours", 721),
    ):
        bad = await client.put(SETTINGS, json={field: value}, headers=admin.auth)
        assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, field)
