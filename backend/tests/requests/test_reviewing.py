"""Approve, reject, cancel, expire, one or many (spec 2.3): one code path, and each change with its author."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from crm_boost.databases.models import Record
from crm_boost.db.engine import Database
from crm_boost.identity.models import User
from crm_boost.kit.clock import frozen, utc_now
from crm_boost.requests.review_service import expire_due
from crm_boost.requests.states import RequestStatus
from crm_boost.requests.transitions import TABLE, RequestCommand
from tests.assignments import support
from tests.requests.desk import REQUESTS, asked, decide, held_by, inbox
from tests.support.factories import make_database, make_user, records_of, reserve_customer

UNKNOWN = "nothing-here"


@pytest.mark.pure
def test_only_what_is_pending_changes() -> None:
    assert set(TABLE) == set(RequestCommand)
    for transition in TABLE.values():
        assert {status for status in RequestStatus if transition.allows(status)} == {RequestStatus.PENDING}
    targets = [transition.target for transition in TABLE.values()]
    assert {*targets, RequestStatus.PENDING} == set(RequestStatus)
    assert len(set(targets)) == len(targets)


async def test_approval_gives_exactly_the_held_records(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin", name="Ada")
    stored = await make_database(database, 30, name="Spring list")
    request = await asked(client, staff, stored, 10)
    held = await held_by(database, request["id"])

    response = await decide(client, admin, request["id"], "approve")

    assert response.status_code == 200
    row = response.json()
    records = await records_of(database, stored)
    assert {i for i, r in records.items() if r.assigned_to == staff.id} == held
    assert {records[i].batch_id for i in held} == {row["batch_id"]}
    assert {records[i].request_id for i in held} == {None}
    assert (row["status"], row["assigned_count"], row["skipped_reserved_count"]) == ("approved", 10, 0)
    assert (row["reviewed_by"], row["reviewed_by_name"], row["auto_approved"]) == (admin.id, "Ada", False)
    assert "expires_at" not in row
    assert await inbox(client, staff) == [
        (
            "request_approved",
            {
                "request_id": request["id"],
                "count": 10,
                "database_name": "Spring list",
                "by": "Ada",
                "batch_id": row["batch_id"],
            },
        )
    ]
    events = (await client.get(f"{REQUESTS}/{request['id']}", headers=staff.auth)).json()["events"]
    assert [(e.get("from_status"), e["to_status"], e["actor_name"]) for e in events] == [
        (None, "pending", staff.name),
        ("pending", "approved", "Ada"),
    ]


async def test_what_was_reserved_for_somebody_else_meanwhile_goes_back_and_is_counted(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff, owner, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 6)
    request = await asked(client, staff, stored, 6)
    for number in (1, 4):
        await reserve_customer(database, stored, f"customer{number}", owner.id)
    await reserve_customer(database, stored, "customer2", staff.id)

    row = (await decide(client, admin, request["id"], "approve")).json()

    assert (row["assigned_count"], row["skipped_reserved_count"]) == (4, 2)
    states = [record.state for record in (await records_of(database, stored)).values()]
    assert states == ["assigned", "reserved", "assigned", "assigned", "reserved", "assigned"]
    assert (await inbox(client, staff))[0][1]["count"] == 4


async def test_nothing_left_to_give_is_said_and_the_request_can_be_rejected(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff, owner, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    stored, gone = await make_database(database, 2), await make_database(database, 2)
    reserved, trashed = await asked(client, staff, stored, 2), await asked(client, staff, gone, 2)
    for number in (0, 1):
        await reserve_customer(database, stored, f"customer{number}", owner.id)
    await support.to_trash(database, gone, gone.record_ids)

    for request in (reserved, trashed):
        refused = await decide(client, admin, request["id"], "approve")
        assert (refused.status_code, refused.json()["code"]) == (400, "nothing_held")
        assert refused.json()["state"] == "pending"
        assert (await decide(client, admin, request["id"], "reject")).status_code == 200
    assert await support.count_states(database, stored) == {"reserved": 2}
    assert await support.count_states(database, gone) == {"trashed": 2}


async def test_a_rejection_has_a_reason_and_lets_the_records_go(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin", name="Ada")
    stored = await make_database(database, 10, name="Spring list")
    request = await asked(client, staff, stored, 4)

    row = (await decide(client, admin, request["id"], "reject", "Finish the last batch first.")).json()

    assert (row["status"], row["reason"], row["reviewed_by_name"]) == (
        "rejected",
        "Finish the last batch first.",
        "Ada",
    )
    assert await support.count_states(database, stored) == {"available": 10}
    assert await inbox(client, staff) == [
        (
            "request_rejected",
            {
                "request_id": request["id"],
                "count": 4,
                "database_name": "Spring list",
                "by": "Ada",
                "reason": "Finish the last batch first.",
            },
        )
    ]
    history = await support.history_of(database, stored)
    assert [kind for _, kind, _, _ in history].count("release") == 4
    too_long = await decide(client, admin, request["id"], "reject", "x" * 501)
    assert (too_long.status_code, too_long.json()["errors"][0]["field"]) == (422, "reason")


@pytest.mark.parametrize("first", ["approve", "reject", "cancel"])
async def test_a_repeated_review_is_a_400_that_says_the_state(
    database: Database, client: httpx.AsyncClient, first: str
) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 10)
    request = await asked(client, staff, stored, 4)
    who = {"cancel": staff}
    row = (await decide(client, who.get(first, admin), request["id"], first)).json()
    before = await support.history_of(database, stored)
    for again in ("approve", "reject", "cancel"):
        refused = await decide(client, who.get(again, admin), request["id"], again)
        assert (refused.status_code, refused.json()["code"]) == (400, "stale_transition")
        assert refused.json()["state"] == row["status"]
        assert row["status"] in refused.json()["detail"]
    assert await support.history_of(database, stored) == before


async def test_who_may_decide(database: Database, client: httpx.AsyncClient) -> None:
    staff, other, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    master = await make_user(database, "master_admin")
    stored = await make_database(database, 10)
    request = await asked(client, staff, stored, 2)
    expected = {
        ("approve", staff): 403,
        ("reject", staff): 403,
        ("cancel", admin): 403,
        ("cancel", other): 404,
    }
    for (action, who), status in expected.items():
        assert (await decide(client, who, request["id"], action)).status_code == status, action
        unknown = await decide(client, who, UNKNOWN, action)
        assert unknown.status_code == (403 if status == 403 else 404)
    for action in ("approve", "reject"):
        assert (await decide(client, admin, UNKNOWN, action)).status_code == 404
    for action in ("approve", "reject", "cancel"):
        assert (await client.patch(f"{REQUESTS}/{request['id']}/{action}")).status_code == 401
    assert len(await held_by(database, request["id"])) == 2
    assert (await decide(client, master, request["id"], "approve")).status_code == 200


@pytest.mark.parametrize("action", ["approve", "reject", "cancel"])
async def test_an_expired_hold_is_closed_by_whoever_comes_too_late(
    database: Database, client: httpx.AsyncClient, action: str
) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 10)
    request = await asked(client, staff, stored, 4)
    with frozen(utc_now() + timedelta(hours=25)):
        refused = await decide(client, staff if action == "cancel" else admin, request["id"], action)
    assert (refused.status_code, refused.json()["state"]) == (400, "expired")
    row = (await client.get(f"{REQUESTS}/{request['id']}", headers=admin.auth)).json()
    assert (row["status"], row["reviewed_by_name"]) == ("expired", "system")
    assert "reviewed_by" not in row
    assert await support.count_states(database, stored) == {"available": 10}


async def test_approving_too_late_takes_nothing_from_the_new_holder(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff, other, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 5)
    request = await asked(client, staff, stored, 5)
    with frozen(utc_now() + timedelta(hours=25)):
        newer = await asked(client, other, stored, 5)
        assert (await decide(client, admin, request["id"], "approve")).json()["state"] == "expired"
        assert (await decide(client, admin, newer["id"], "approve")).status_code == 200
        assert (await decide(client, admin, request["id"], "approve")).json()["state"] == "expired"
    assert {r.assigned_to for r in (await records_of(database, stored)).values()} == {other.id}


async def test_the_clock_closes_every_request_past_its_hold(database: Database, client: httpx.AsyncClient) -> None:
    people = [await make_user(database) for _ in range(3)]
    stored = [await make_database(database, 10) for _ in range(3)]
    due = [await asked(client, who, pool, 4) for who, pool in zip(people, stored, strict=True)]
    async with database.write() as session:
        assert await expire_due(session) == 0
    with frozen(utc_now() + timedelta(hours=12)):
        later = await asked(client, people[0], stored[1], 2)
    with frozen(utc_now() + timedelta(hours=25)):
        async with database.write() as session:
            assert await expire_due(session) == 3
        async with database.write() as session:
            assert await expire_due(session) == 0
    for request, who in zip(due, people, strict=True):
        assert await held_by(database, request["id"]) == set()
        kind, data = (await inbox(client, who))[0]
        assert (kind, data["request_id"]) == ("request_expired", request["id"])
    assert len(await held_by(database, later["id"])) == 2


async def test_removing_somebody_cancels_what_they_asked_for(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 10)
    request = await asked(client, staff, stored, 4)

    removed = await client.delete(f"/api/users/{staff.id}", headers=admin.auth)

    assert removed.json()["released_count"] == 4
    row = (await client.get(f"{REQUESTS}/{request['id']}", headers=admin.auth)).json()
    assert (row["status"], row["reason"], row["reviewed_by_name"]) == ("cancelled", "user_removed", admin.name)
    assert await support.count_states(database, stored) == {"available": 10}
    assert (await decide(client, admin, request["id"], "approve")).json()["state"] == "cancelled"


async def test_a_database_in_the_trash_closes_its_requests(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored, other = await make_database(database, 10, name="Spring list"), await make_database(database, 10)
    request, untouched = await asked(client, staff, stored, 4), await asked(client, staff, other, 4)

    trashed = await client.delete(f"/api/databases/{stored.id}", headers=admin.auth)

    assert trashed.json()["released_count"] == 4
    row = (await client.get(f"{REQUESTS}/{request['id']}", headers=staff.auth)).json()
    assert (row["status"], row["reason"]) == ("cancelled", "database_deleted")
    kind, data = (await inbox(client, staff))[0]
    assert (kind, data["request_id"], data["reason"]) == ("request_cancelled", request["id"], "database_deleted")
    assert len(await held_by(database, untouched["id"])) == 4
    await client.post(f"/api/databases/{stored.id}/restore", headers=admin.auth)
    assert await support.count_states(database, stored) == {"available": 10}


async def test_one_failure_in_a_bulk_review_leaves_the_others_whole(
    database: Database, client: httpx.AsyncClient
) -> None:
    people = [await make_user(database) for _ in range(4)]
    admin = await make_user(database, "admin")
    stored = await make_database(database, 40)
    requests = [await asked(client, who, stored, 5) for who in people]
    ids = [request["id"] for request in requests]
    await decide(client, people[1], ids[1], "cancel")
    async with database.write() as session:
        # Switched off since: nothing can be given to him any more.
        await session.execute(update(User).where(User.id == people[2].id).values(is_active=False))

    body = {"request_ids": [*ids, UNKNOWN, ids[0]], "action": "approve"}
    response = await client.post("/api/bulk/requests", json=body, headers=admin.auth)

    assert response.status_code == 200
    done = response.json()
    assert (done["success_count"], done["failed_count"]) == (2, 3)
    assert [(r["id"], r["status"], "error" in r) for r in done["results"]] == [
        (ids[0], "approved", False),
        (ids[1], "cancelled", True),
        (ids[2], "pending", True),
        (ids[3], "approved", False),
        (UNKNOWN, "unknown", True),
    ]
    assert await support.count_states(database, stored) == {"assigned": 10, "requested": 5, "available": 25}
    assert len(await held_by(database, ids[2])) == 5
    rejected = {"request_ids": [ids[2]], "action": "reject", "reason": "Left the team."}
    assert (await client.post("/api/bulk/requests", json=rejected, headers=admin.auth)).json()["success_count"] == 1
    assert await support.count_states(database, stored) == {"assigned": 10, "available": 30}


async def test_a_fault_in_the_middle_of_an_approval_leaves_nothing_behind(
    database: Database, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 10)
    request = await asked(client, staff, stored, 4)

    async def fault(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the lights went out")

    monkeypatch.setattr("crm_boost.requests.repository.move", fault)
    assert (await decide(client, admin, request["id"], "approve")).status_code == 500
    monkeypatch.undo()
    assert len(await held_by(database, request["id"])) == 4
    assert (await decide(client, admin, request["id"], "approve")).json()["assigned_count"] == 4


async def test_a_hand_out_never_takes_what_is_held_for_another_request(
    database: Database, client: httpx.AsyncClient
) -> None:
    one, two, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 10)
    first, second = await asked(client, one, stored, 5), await asked(client, two, stored, 5)
    async with database.write() as session:
        # A record that slipped over to another request, however that may happen.
        some = next(iter(await held_by(database, first["id"])))
        statement = update(Record).where(Record.id == some)
        await session.execute(statement.values(request_id=second["id"], held_for=two.id))
    assert (await decide(client, admin, first["id"], "approve")).json()["assigned_count"] == 4
    assert (await decide(client, admin, second["id"], "approve")).json()["assigned_count"] == 6
