"""What happens at the same instant: real transactions side by side, on both databases."""

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen, utc_now
from crm_boost.requests.review_service import expire_due
from tests.assignments import support
from tests.requests.desk import ask, asked, decide, held_by, moves_of
from tests.support.factories import make_database, make_user, records_of

ROUNDS = 5


async def test_of_an_approval_and_a_rejection_one_wins_and_the_other_is_told(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff, admins = await make_user(database), [await make_user(database, "admin") for _ in range(2)]
    winners = Counter[str]()
    for number in range(ROUNDS):
        stored = await make_database(database, 10)
        request = await asked(client, staff, stored, 10)
        calls = [
            decide(client, admins[0], request["id"], "approve"),
            decide(client, admins[1], request["id"], "reject"),
            decide(client, staff, request["id"], "cancel"),
        ]
        # The first to begin usually wins: everybody gets to begin.
        answers = await asyncio.gather(*calls[number % 3 :], *calls[: number % 3])

        (won,) = [answer for answer in answers if answer.status_code == 200]
        lost = [answer for answer in answers if answer.status_code != 200]
        state = won.json()["status"]
        assert {(a.status_code, a.json()["state"]) for a in lost} == {(400, state)}
        expected = {"assigned": 10} if state == "approved" else {"available": 10}
        assert await support.count_states(database, stored) == expected
        winners[state] += 1
    assert sum(winners.values()) == ROUNDS


async def test_many_approvals_of_one_request_give_it_once(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 10)
    request = await asked(client, staff, stored, 5)
    answers = await asyncio.gather(*(decide(client, admin, request["id"], "approve") for _ in range(6)))
    assert Counter(a.status_code for a in answers) == {200: 1, 400: 5}
    assert await support.count_states(database, stored) == {"assigned": 5, "available": 5}
    assert (await moves_of(database))[request["id"]] == {"hold": 5, "assign_held": 5}


@pytest.mark.parametrize("capacity", [None, 1000])
async def test_a_pool_is_held_for_no_two_people_and_to_the_last_record(
    database: Database, client: httpx.AsyncClient, capacity: int | None
) -> None:
    people = [await make_user(database, capacity=capacity) for _ in range(8)]
    admin = await make_user(database, "admin")
    stored = await make_database(database, 50)
    body = {"database_id": stored.id, "staff_ids": [people[0].id], "quantity": 5}
    answers, dealt = await asyncio.gather(
        asyncio.gather(*(ask(client, who, stored, 5) for who in people for _ in range(2))),
        client.post("/api/pools/normal/assign-random", json=body, headers=admin.auth),
    )
    given = [a.json() for a in answers if a.status_code == 200]
    assert len(given) + (dealt.status_code == 200) == 10
    assert {a.json()["code"] for a in answers if a.status_code != 200} == {"not_enough_eligible"}
    held = [i for request in given for i in await held_by(database, request["id"])]
    assert len(held) == len(set(held)) == 5 * len(given)


async def test_everything_at_once_ends_and_adds_up(database: Database, client: httpx.AsyncClient) -> None:
    """Asking, deciding, expiring, trashing and removing take their locks in one order: nobody waits for ever."""
    admin = await make_user(database, "admin")
    for _ in range(3):
        people = [await make_user(database, capacity=limit) for limit in (None, 40, None, 40)]
        stored = await make_database(database, 60)
        old = [await asked(client, who, stored, 5) for who in people]

        async def expire() -> None:
            async with database.write() as session:
                await expire_due(session)

        with frozen(utc_now() + timedelta(hours=25)):
            calls = [
                *(ask(client, who, stored, 4) for who in people),
                *(decide(client, admin, request["id"], "approve") for request in old),
                client.delete(f"/api/users/{people[0].id}", headers=admin.auth),
                client.delete(f"/api/databases/{stored.id}?force=true", headers=admin.auth),
                *(ask(client, who, stored, 40) for who in people),
            ]
            answers, _ = await asyncio.gather(asyncio.gather(*calls), expire())
        assert {a.status_code for a in answers} <= {200, 400, 401, 404, 409}, [a.text for a in answers]
        assert await support.count_states(database, stored) == {"available": 60}
        for request in old:
            assert await held_by(database, request["id"]) == set()
    rows = (await client.get("/api/download-requests", headers=admin.auth)).json()
    assert {row["status"] for row in rows} <= {"expired", "cancelled"}


async def test_bulk_reviews_of_the_same_requests_in_opposite_orders(
    database: Database, client: httpx.AsyncClient
) -> None:
    people, admins = [await make_user(database) for _ in range(6)], [await make_user(database, "admin")] * 2
    stored = await make_database(database, 60)
    ids = [(await asked(client, who, stored, 5))["id"] for who in people]
    answers = await asyncio.gather(
        *(
            client.post("/api/bulk/requests", json={"request_ids": order, "action": action}, headers=admin.auth)
            for order, action, admin in zip((ids, ids[::-1]), ("approve", "reject"), admins, strict=True)
        )
    )
    done = [answer.json() for answer in answers]
    assert sum(answer["success_count"] for answer in done) == 6
    assert sum(answer["failed_count"] for answer in done) == 6
    counts = await support.count_states(database, stored)
    assert counts.get("assigned", 0) == 5 * done[0]["success_count"]
    assert counts.get("requested", 0) == 0
    holders = Counter(r.assigned_to for r in (await records_of(database, stored)).values() if r.assigned_to)
    assert set(holders.values()) <= {5}
