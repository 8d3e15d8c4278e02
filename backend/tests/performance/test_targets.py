"""Targets: of everybody and of one staff, from a day on (spec 4.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.identity.permissions import Role
from crm_boost.kit.clock import frozen
from tests.performance.desk import LONG_AGO, NOON, get, send
from tests.support.factories import Account, make_user

TARGETS = "/leaderboard/targets"
USUAL = {"monthly_omset": 100_000_000, "daily_ndp": 10, "daily_rdp": 15, "required_success_days": 18}


@dataclass(frozen=True, slots=True)
class Desk:
    client: httpx.AsyncClient
    admin: Account
    staff: Account

    @property
    def of_staff(self) -> str:
        return f"{TARGETS}/staff/{self.staff.id}"

    async def put(self, path: str = TARGETS, **body: Any) -> dict[str, Any]:
        answer = await send(self.client, self.admin, "PUT", path, body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with frozen(NOON):
        yield


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database) -> Desk:
    people = [await make_user(database, role, created_at=LONG_AGO) for role in (Role.ADMIN, Role.STAFF)]
    return Desk(client, *people)


def figures(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: answer[name] for name in USUAL}


async def test_what_holds_from_the_start(desk: Desk) -> None:
    for who in (desk.admin, desk.staff):
        answer = await get(desk.client, who, TARGETS)
        assert figures(answer) == USUAL
        assert answer["changes"] == [] and answer["earliest_change"] == "2025-03-01"
    answer = await get(desk.client, desk.admin, desk.of_staff)
    assert figures(answer) == USUAL
    assert (answer["is_own"], answer["staff_name"]) == (False, desk.staff.name)


async def test_a_change_holds_from_its_day_on_and_what_is_left_out_stays(desk: Desk) -> None:
    answer = await desk.put(daily_ndp=5)
    assert figures(answer) == {**USUAL, "daily_ndp": 5} and answer["effective_from"] == "2025-03-01"
    planned = await desk.put(daily_ndp=7, monthly_omset=5000, effective_from="2025-04-10")
    assert figures(planned) == {**USUAL, "daily_ndp": 5}, "not yet"
    assert [row["effective_from"] for row in planned["changes"]] == ["2025-04-10", "2025-03-01"]
    assert planned["changes"][0]["targets"] == {**USUAL, "daily_ndp": 7, "monthly_omset": 5000}
    # What is set anew holds today, whatever was set since that day; what is planned stays.
    await desk.put(daily_ndp=6, effective_from="2025-03-12")
    again = await desk.put(daily_ndp=8)
    assert figures(again) == {**USUAL, "daily_ndp": 8}
    assert [row["effective_from"] for row in again["changes"]] == ["2025-04-10", "2025-03-01"]
    progress = await get(desk.client, desk.admin, "/leaderboard/admin-progress", year=2025, month=4)
    assert progress["daily_ndp_target"] == 8
    may = await get(desk.client, desk.admin, "/leaderboard/admin-progress", year=2025, month=5)
    assert may["daily_ndp_target"] == 7


async def test_one_staff_has_targets_of_their_own_and_goes_back(desk: Desk) -> None:
    await desk.put(daily_ndp=5)
    own = await desk.put(desk.of_staff, daily_rdp=3, required_success_days=20)
    assert figures(own) == {**USUAL, "daily_ndp": 5, "daily_rdp": 3, "required_success_days": 20}
    assert own["is_own"]
    assert figures(await get(desk.client, desk.admin, TARGETS)) == {**USUAL, "daily_ndp": 5}
    mine = await get(desk.client, desk.staff, "/staff/target-progress")
    assert figures(mine["targets"]) == figures(own) and mine["targets_are_own"]

    answer = await send(desk.client, desk.admin, "POST", f"{desk.of_staff}/reset", {"effective_from": "2025-03-20"})
    assert figures(answer.json()) == figures(own), "until that day"
    assert "targets" not in answer.json()["changes"][0]
    answer = await send(desk.client, desk.admin, "POST", f"{desk.of_staff}/reset")
    assert figures(answer.json()) == {**USUAL, "daily_ndp": 5} and not answer.json()["is_own"]
    answer = await send(desk.client, desk.admin, "POST", f"{TARGETS}/reset", {})
    assert figures(answer.json()) == USUAL


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("monthly_omset", value) for value in (0, -1, 1e309, "NaN", "banana", True, 1e13, 0.001)],
        *[("daily_ndp", value) for value in (0, -1, 1001, 1.5, "ten", True)],
        *[("daily_rdp", value) for value in (0, 1001)],
        *[("required_success_days", value) for value in (0, 32, "NaN")],
        *[("effective_from", value) for value in ("2025-02-28", "2026-03-17", "2025-02-30", "banana", 7)],
    ],
)
async def test_bad_values_are_refused_by_field_and_change_nothing(desk: Desk, field: str, value: Any) -> None:
    for path in (TARGETS, desk.of_staff):
        body = f'{{"{field}": {"1e309" if value == 1e309 else __import__("json").dumps(value)}}}'
        answer = await desk.client.put(
            f"/api{path}", content=body, headers={**desk.admin.auth, "Content-Type": "application/json"}
        )
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == [field]
        assert (await get(desk.client, desk.admin, path))["changes"] == []


async def test_who_may_change_them(desk: Desk, database: Database) -> None:
    unknown = f"{TARGETS}/staff/nobody"
    of_admin = f"{TARGETS}/staff/{desk.admin.id}"
    for method, path in (
        ("PUT", TARGETS), ("POST", f"{TARGETS}/reset"), ("GET", desk.of_staff), ("PUT", desk.of_staff),
        ("POST", f"{desk.of_staff}/reset"), ("PUT", unknown),
    ):  # fmt: skip
        assert (await desk.client.request(method, f"/api{path}", json={})).status_code == 401
        assert (await send(desk.client, desk.staff, method, path, {})).status_code == 403
    for path in (unknown, of_admin):
        for method, more in (("GET", ""), ("PUT", ""), ("POST", "/reset")):
            answer = await send(desk.client, desk.admin, method, path + more, {})
            assert (answer.status_code, answer.json()["code"]) == (404, "staff_not_found")
    blocked = await make_user(database, Role.ADMIN, blocked_pages=["team"])
    assert (await send(desk.client, blocked, "PUT", TARGETS, {})).status_code == 403


async def test_an_idempotency_key_means_one_effect(desk: Desk) -> None:
    keyed = {"Idempotency-Key": "one"}
    first = await send(desk.client, desk.admin, "PUT", TARGETS, {"daily_ndp": 4}, **keyed)
    await desk.put(daily_ndp=5)
    again = await send(desk.client, desk.admin, "PUT", TARGETS, {"daily_ndp": 4}, **keyed)
    assert first.json() == again.json()
    assert (await get(desk.client, desk.admin, TARGETS))["daily_ndp"] == 5
    other = await send(desk.client, desk.admin, "PUT", TARGETS, {"daily_ndp": 6}, **keyed)
    assert other.status_code == 422
