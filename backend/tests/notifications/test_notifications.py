"""Who is told what, and the inbox (spec 7.1)."""

import json
import re
from pathlib import Path

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.notifications.kinds import KINDS
from crm_boost.notifications.service import tell, tell_all
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
    for who, found in ((other, 0), (staff, 1)):
        back = await client.post("/api/notifications/unread", json={"ids": ids[:1]}, headers=who.auth)
        assert back.status_code == 204
        inbox = (await client.get("/api/notifications", params={"unread": "true"}, headers=staff.auth)).json()
        assert (inbox["unread"], [n["id"] for n in inbox["notifications"]]) == (found, ids[:found])


async def test_the_inbox_needs_a_session_and_sound_input(database: Database, client: httpx.AsyncClient) -> None:
    staff = await make_user(database)
    assert (await client.get("/api/notifications")).status_code == 401
    assert (await client.post("/api/notifications/read", json={})).status_code == 401
    assert (await client.post("/api/notifications/unread", json={"ids": ["x"]})).status_code == 401
    for body in ("{}", '{"ids": []}', json.dumps({"ids": ["x"] * 1001})):
        headers = {**staff.auth, "Content-Type": "application/json"}
        answer = await client.post("/api/notifications/unread", content=body, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "ids")
    for bad in ({"ids": "x"}, {"surprise": 1}, {"ids": ["x"] * 1001}):
        assert (await client.post("/api/notifications/read", json=bad, headers=staff.auth)).status_code == 422
    assert (await client.get("/api/notifications?cursor=nonsense", headers=staff.auth)).status_code == 422


async def test_a_muted_kind_is_not_told_to_who_muted_it(database: Database, client: httpx.AsyncClient) -> None:
    staff, other = await make_user(database), await make_user(database)
    quiet = await client.put("/api/notifications/settings", json={"muted": ["deposits"]}, headers=staff.auth)
    assert quiet.status_code == 200
    assert [k["kind"] for k in quiet.json()["kinds"] if k["muted"]] == ["deposits"]
    # What only others are told of is not offered.
    assert {"validation", "health", "access"}.isdisjoint(k["kind"] for k in quiet.json()["kinds"])
    async with database.write() as session:
        await tell_all(
            session,
            [
                (person.id, kind, {})
                for person in (staff, other)
                for kind in ("deposit_approved", "records_assigned", "of no kind")
            ],
        )

    def told(answer: httpx.Response) -> set[str]:
        return {row["type"] for row in answer.json()["notifications"]}

    everything = {"deposit_approved", "records_assigned", "of no kind"}
    inbox = await client.get("/api/notifications", headers=staff.auth)
    assert told(inbox) == everything - {"deposit_approved"}
    assert inbox.json()["unread"] == 2
    assert told(await client.get("/api/notifications", headers=other.auth)) == everything

    again = await client.put("/api/notifications/settings", json={"muted": []}, headers=staff.auth)
    assert not any(kind["muted"] for kind in again.json()["kinds"])
    async with database.write() as session:
        await tell(session, staff.id, "deposit_declined", {})
    assert "deposit_declined" in told(await client.get("/api/notifications", headers=staff.auth))


async def test_settings_need_a_session_and_sound_input(database: Database, client: httpx.AsyncClient) -> None:
    admin = await make_user(database, "admin")
    assert (await client.get("/api/notifications/settings")).status_code == 401
    assert (await client.put("/api/notifications/settings", json={"muted": []})).status_code == 401
    for bad in ({}, {"muted": "x"}, {"muted": ["nothing"]}, {"muted": ["access"]}, {"muted": [], "surprise": 1}):
        answer = await client.put("/api/notifications/settings", json=bad, headers=admin.auth)
        assert answer.status_code == 422, bad
        assert answer.json()["errors"][0]["field"].startswith("surprise" if "surprise" in bad else "muted")
    kinds = (await client.get("/api/notifications/settings", headers=admin.auth)).json()["kinds"]
    assert {"kind": "access", "muted": False, "essential": True} in kinds


@pytest.mark.pure
def test_every_message_with_words_has_a_kind() -> None:
    root = Path(__file__).parents[3]
    words = json.loads((root / "frontend/src/i18n/en/inbox.json").read_text(encoding="utf-8"))["types"]
    names = {re.sub("(_text)?(_one|_other)?$", "", name) for name in words} - {"unknown"}
    assert names == {name for spec in KINDS.values() for name in spec.types}
