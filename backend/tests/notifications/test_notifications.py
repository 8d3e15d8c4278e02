"""Who is told what, and the inbox (spec 7.1)."""

import httpx

from crm_boost.db.engine import Database
from crm_boost.notifications.service import tell
from tests.assignments import support
from tests.support.factories import make_database, make_user


async def test_receivers_and_former_holders_are_told_how_many_and_where(
    database: Database, client: httpx.AsyncClient
) -> None:
    admin = await make_user(database, "admin", name="Ada")
    staff, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 20, module="memberwd")
    body = {"database_id": stored.id, "staff_ids": [staff.id, other.id], "quantity": 7}
    done = (await client.post("/api/pools/memberwd/assign-random", json=body, headers=admin.auth)).json()
    await client.post(f"/api/operations/{done['operation_id']}/undo", headers=admin.auth)

    for account, share in zip((staff, other), done["per_staff"], strict=True):
        inbox = (await client.get("/api/notifications", headers=account.auth)).json()
        assert inbox["unread"] == 2
        assert [(n["type"], n["user_id"], n["data"]["count"]) for n in inbox["notifications"]] == [
            ("records_recalled", account.id, share["assigned_count"]),
            ("records_assigned", account.id, share["assigned_count"]),
        ]
        data = inbox["notifications"][1]["data"]
        assert {"module": "memberwd", "batch_id": share["batch_id"], "by": "Ada"}.items() <= data.items()
    assert (await client.get("/api/notifications", headers=admin.auth)).json() == {"notifications": [], "unread": 0}


async def test_a_hand_out_that_is_refused_tells_nobody(database: Database, client: httpx.AsyncClient) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    stored = await make_database(database, 2)
    body = {"database_id": stored.id, "staff_ids": [staff.id], "quantity": 3}
    assert (await client.post("/api/pools/normal/assign-random", json=body, headers=admin.auth)).status_code == 409
    assert (await client.get("/api/notifications", headers=staff.auth)).json()["unread"] == 0


async def test_a_mass_hand_out_is_one_message(database: Database, client: httpx.AsyncClient) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 500, module="bonanza")
    await support.deal(database, stored, staff, 500)

    (only,) = (await client.get("/api/notifications", headers=staff.auth)).json()["notifications"]
    assert only["data"]["count"] == 500
    assert "batch_id" not in only["data"]


async def test_the_inbox_is_paged_and_read_by_its_owner_only(database: Database, client: httpx.AsyncClient) -> None:
    staff, other = await make_user(database), await make_user(database)
    for number in range(5):
        async with database.write() as session:
            await tell(session, staff.id, "greeting", {"number": number})

    first = await client.get("/api/notifications", params={"limit": 2}, headers=staff.auth)
    assert [n["data"]["number"] for n in first.json()["notifications"]] == [4, 3]
    second = await client.get(first.headers["Link"].split(">")[0].removeprefix("<"), headers=staff.auth)
    assert [n["data"]["number"] for n in second.json()["notifications"]] == [2, 1]

    ids = [n["id"] for n in first.json()["notifications"]]
    assert (await client.post("/api/notifications/read", json={"ids": ids}, headers=other.auth)).status_code == 204
    assert (await client.get("/api/notifications", headers=staff.auth)).json()["unread"] == 5
    assert (await client.post("/api/notifications/read", json={"ids": ids}, headers=staff.auth)).status_code == 204
    after = (await client.get("/api/notifications", headers=staff.auth)).json()
    assert after["unread"] == 3
    assert ["read_at" in n for n in after["notifications"]] == [True, True, False, False, False]
    unread = await client.get("/api/notifications", params={"unread": "true"}, headers=staff.auth)
    assert len(unread.json()["notifications"]) == 3
    await client.post("/api/notifications/read", json={}, headers=staff.auth)
    assert (await client.get("/api/notifications", headers=staff.auth)).json()["unread"] == 0


async def test_the_inbox_needs_a_session_and_sound_input(database: Database, client: httpx.AsyncClient) -> None:
    staff = await make_user(database)
    assert (await client.get("/api/notifications")).status_code == 401
    assert (await client.post("/api/notifications/read", json={})).status_code == 401
    for bad in ({"ids": "x"}, {"surprise": 1}, {"ids": ["x"] * 1001}):
        assert (await client.post("/api/notifications/read", json=bad, headers=staff.auth)).status_code == 422
    assert (await client.get("/api/notifications?cursor=nonsense", headers=staff.auth)).status_code == 422
