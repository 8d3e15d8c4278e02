"""`Idempotency-Key` on assign, assign-random and recall: one effect, one answer; another body is refused (spec 2.1)."""

import asyncio
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from tests.assignments import support
from tests.support.factories import Account, Stored, make_database, make_user, records_of


def keyed(account: Account, key: str = "key-1") -> dict[str, str]:
    return {**account.auth, "Idempotency-Key": key}


async def assigned(database: Database, stored: Stored) -> int:
    return (await support.count_states(database, stored)).get("assigned", 0)


@pytest.mark.parametrize("path", ["/api/pools/memberwd/assign-random", "/api/memberwd/assign-random"])
async def test_the_same_request_twice_has_one_effect(database: Database, client: httpx.AsyncClient, path: str) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    stored = await make_database(database, 20, module="memberwd")
    one = {"staff_ids": [staff.id]} if "pools" in path else {"staff_id": staff.id}
    body: dict[str, Any] = {"database_id": stored.id, "quantity": 5, **one}

    first = await client.post(path, json=body, headers=keyed(admin))
    second = await client.post(path, json=body, headers=keyed(admin))
    other_body = await client.post(path, json={**body, "quantity": 6}, headers=keyed(admin))
    other_key = await client.post(path, json=body, headers=keyed(admin, "key-2"))

    assert first.status_code == second.status_code == other_key.status_code == 200
    assert first.json() == second.json()
    assert other_body.status_code == 422
    assert other_body.json()["errors"][0]["field"] == "Idempotency-Key"
    assert await assigned(database, stored) == 10


async def test_the_same_key_of_two_people_are_two_keys(database: Database, client: httpx.AsyncClient) -> None:
    admins, staff = [await make_user(database, "admin") for _ in range(2)], await make_user(database)
    stored = await make_database(database, 20)
    body = {"database_id": stored.id, "quantity": 5, "staff_ids": [staff.id]}
    for admin in admins:
        assert (
            await client.post("/api/pools/normal/assign-random", json=body, headers=keyed(admin))
        ).status_code == 200
    assert await assigned(database, stored) == 10


async def test_picked_records_and_recall_have_keys_too(database: Database, client: httpx.AsyncClient) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    stored = await make_database(database, 4)
    for path, body in (
        ("assign", {"record_ids": stored.record_ids, "staff_ids": [staff.id]}),
        ("recall", {"record_ids": stored.record_ids}),
    ):
        answers = [
            await client.post(f"/api/pools/normal/{path}", json=body, headers=keyed(admin, path)) for _ in range(2)
        ]
        assert [a.status_code for a in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
    assert len(await support.history_of(database, stored)) == 8


async def test_simultaneous_requests_with_one_key_have_one_effect(
    database: Database, client: httpx.AsyncClient
) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    stored = await make_database(database, 100)
    body = {"database_id": stored.id, "quantity": 5, "staff_ids": [staff.id]}

    answers = await asyncio.gather(
        *(client.post("/api/pools/normal/assign-random", json=body, headers=keyed(admin)) for _ in range(6))
    )

    assert {a.status_code for a in answers} == {200}
    assert len({a.text for a in answers}) == 1
    assert await assigned(database, stored) == 5


async def test_a_refused_request_does_not_use_up_its_key(database: Database, client: httpx.AsyncClient) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    stored = await make_database(database, 5)
    await support.pick(database, stored, staff, stored.record_ids[:3])
    body = {"database_id": stored.id, "quantity": 5, "staff_ids": [staff.id]}

    refused = await client.post("/api/pools/normal/assign-random", json=body, headers=keyed(admin))
    await support.take_back(database, stored, stored.record_ids[:3])
    done = await client.post("/api/pools/normal/assign-random", json=body, headers=keyed(admin))

    assert (refused.status_code, done.status_code) == (409, 200)
    assert all(r.assigned_to for r in (await records_of(database, stored)).values())
