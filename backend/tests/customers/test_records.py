"""One record over HTTP: who may open and mark it, merging and conflicts, notes, timeline (spec 2.4)."""

from typing import Any

import httpx
import pytest

from crm_boost.contacts.verdicts import Verdict
from crm_boost.db.engine import Database
from tests.assignments import support as engine
from tests.contacts import support as contacts
from tests.customers.conftest import Desk
from tests.support.factories import make_user, reserve_customer
from tests.support.statements import recorded_statements

ADA = {"whatsapp_status": "ada"}
ONE_RECORD: list[tuple[str, str, Any]] = [
    ("GET", "/api/records/{id}", None),
    ("PATCH", "/api/records/{id}", ADA),
    ("GET", "/api/records/{id}/notes", None),
    ("POST", "/api/records/{id}/notes", {"text": "call after 17:00"}),
    ("GET", "/api/records/{id}/timeline", None),
    ("PATCH", "/api/customer-records/{id}/whatsapp-status", ADA),
    ("PATCH", "/api/customer-records/{id}/respond-status", {"respond_status": "ya"}),
]


@pytest.mark.parametrize(("method", "path", "body"), ONE_RECORD)
async def test_a_record_is_for_its_holder_and_for_admins(
    desk: Desk, database: Database, client: httpx.AsyncClient, method: str, path: str, body: Any
) -> None:
    mine, theirs, free = desk.mine()[0], desk.theirs()[0], desk.free()[0]

    async def status(record_id: str, who: Any) -> int:
        headers = who.auth if who else {}
        return (await client.request(method, path.format(id=record_id), json=body, headers=headers)).status_code

    done = 201 if path.endswith("notes") and method == "POST" else 200
    assert await status(mine, None) == 401
    assert [await status(mine, who) for who in (desk.staff, desk.admin, desk.master)] == [done] * 3
    assert [await status(record_id, desk.staff) for record_id in (theirs, free, "unknown")] == [404] * 3
    assert [await status(mine, desk.other), await status("unknown", desk.admin)] == [404, 404]
    # What nobody holds can be looked at by admins, and noted on, but not marked.
    assert await status(free, desk.admin) == (404 if method == "PATCH" else done)
    shut_out = await make_user(database, "admin", blocked_pages=["member-wd"])
    assert await status(mine, shut_out) == 404
    await client.delete(
        f"/api/pools/memberwd/databases/{desk.stored['memberwd'].id}?force=true", headers=desk.admin.auth
    )
    assert await status(mine, desk.staff) == 404


async def test_the_customers_page_can_be_blocked(desk: Desk, database: Database, client: httpx.AsyncClient) -> None:
    barred = await make_user(database, blocked_pages=["customers"])
    await engine.pick(database, desk.stored["memberwd"], barred, desk.free()[:1])
    for method, path, body in ONE_RECORD:
        answer = await client.request(method, path.format(id=desk.free()[0]), json=body, headers=barred.auth)
        assert (answer.status_code, answer.json()["code"]) == (403, "page_blocked")


async def test_a_row_tells_its_holder_nothing_of_others(
    desk: Desk, database: Database, client: httpx.AsyncClient
) -> None:
    record_id = desk.mine()[0]
    await reserve_customer(database, desk.stored["memberwd"], "customer0", desk.other.id)
    fresh = await client.get(f"/api/records/{record_id}", headers=desk.staff.auth)
    row = fresh.json()

    assert fresh.headers["ETag"] == '"0"'
    assert (row["version"], row["whatsapp_status"], row["respond_status"], row["note_count"]) == (0, None, None, 0)
    assert (row["is_reservation_conflict"], row["module"]) == (True, "memberwd")
    assert not {"row_number", "reserved_by_name", "whatsapp_status_at", "validation_note"} & row.keys()
    full = (await client.get(f"/api/records/{record_id}", headers=desk.admin.auth)).json()
    assert (full["row_number"], full["reserved_by_name"]) == (1, desk.other.name)


async def test_marks_merge_by_field_and_the_same_field_is_a_conflict(desk: Desk, client: httpx.AsyncClient) -> None:
    path = f"/api/records/{desk.mine()[0]}"

    async def patch(who: Any, body: Any, seen: str | None = None) -> httpx.Response:
        headers = who.auth | ({"If-Match": seen} if seen else {})
        return await client.patch(path, json=body, headers=headers)

    first = await patch(desk.staff, ADA, '"0"')
    assert (first.status_code, first.headers["ETag"], first.json()["version"]) == (200, '"1"', 1)
    merged = await patch(desk.admin, {"respond_status": "ya"}, '"0"')
    assert (merged.status_code, merged.headers["ETag"]) == (200, '"2"')
    assert (merged.json()["whatsapp_status"], merged.json()["respond_status"]) == ("ada", "ya")
    assert {"whatsapp_status_at", "respond_status_at"} <= merged.json().keys()

    refused = await patch(desk.admin, {"whatsapp_status": "tidak", "respond_status": "tidak"}, '"1"')
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["version"]) == (409, "edited_meanwhile", 2)
    (conflict,) = problem["conflicts"]
    known = {"field": "respond_status", "yours": "tidak", "theirs": "ya", "by_name": desk.admin.name}
    assert known.items() <= conflict.items() and conflict["at"]
    assert (await client.get(path, headers=desk.staff.auth)).json()["whatsapp_status"] == "ada"

    agreed = await patch(desk.staff, {"respond_status": "ya"}, '"0"')
    assert (agreed.status_code, agreed.headers["ETag"]) == (200, '"2"')
    weak = await patch(desk.staff, {"whatsapp_status": "tidak"}, 'W/"2"')
    last_writer = await patch(desk.admin, {"whatsapp_status": "ceklis1"})
    whatever = await patch(desk.staff, {"whatsapp_status": None}, "*")
    assert [answer.headers["ETag"] for answer in (weak, last_writer, whatever)] == ['"3"', '"4"', '"5"']
    assert whatever.json()["whatsapp_status"] is None


BAD: list[tuple[Any, dict[str, str], str]] = [
    ({}, {}, "whatsapp_status"),
    ({"whatsapp_status": "ADA"}, {}, "whatsapp_status"),
    ({"whatsapp_status": 1}, {}, "whatsapp_status"),
    ({"respond_status": "maybe"}, {}, "respond_status"),
    ({"validation_status": "invalid"}, {}, "validation_status"),
    (ADA, {"If-Match": "3"}, "If-Match"),
    (ADA, {"If-Match": '"x"'}, "If-Match"),
]


@pytest.mark.parametrize(("body", "headers", "field"), BAD)
async def test_bad_marks_name_their_field(
    desk: Desk, client: httpx.AsyncClient, body: Any, headers: dict[str, str], field: str
) -> None:
    answer = await client.patch(f"/api/records/{desk.mine()[0]}", json=body, headers=desk.staff.auth | headers)
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_the_kept_addresses_set_clear_and_repeat(
    desk: Desk, database: Database, client: httpx.AsyncClient
) -> None:
    record_id = desk.mine("normal")[0]
    path = f"/api/customer-records/{record_id}"
    versions = []
    for value in ("ada", "ada", None, None, "tidak"):
        body = {"whatsapp_status": value, "sent_by": "an old client"}
        answer = await client.patch(f"{path}/whatsapp-status", json=body, headers=desk.staff.auth)
        assert (answer.status_code, answer.json()["whatsapp_status"]) == (200, value)
        versions.append(answer.json()["version"])
    answer = await client.patch(f"{path}/respond-status", json={"respond_status": "tidak"}, headers=desk.admin.auth)

    assert versions == [1, 1, 2, 2, 3] and answer.json()["respond_status"] == "tidak"
    assert len(await contacts.events_of(database, record_id)) == 4
    for tail, field in (("whatsapp-status", "whatsapp_status"), ("respond-status", "respond_status")):
        wrong: list[dict[str, str]] = [{}, {field: "nope"}]
        for bad in wrong:
            refused = await client.patch(f"{path}/{tail}", json=bad, headers=desk.staff.auth)
            assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == field


async def test_notes_are_read_in_their_own_time(desk: Desk, database: Database, client: httpx.AsyncClient) -> None:
    record_id = desk.mine()[0]
    path = f"/api/records/{record_id}/notes"

    async def write(who: Any, text: str) -> httpx.Response:
        return await client.post(path, json={"text": text}, headers=who.auth | {"Idempotency-Key": text[:50]})

    async def read(who: Any) -> list[str]:
        return [note["text"] for note in (await client.get(path, headers=who.auth)).json()]

    created = await write(desk.staff, "  call after 17:00\nor tomorrow ")
    assert created.status_code == 201
    assert created.json() == (await write(desk.staff, "  call after 17:00\nor tomorrow ")).json()
    assert (created.json()["text"], created.json()["author_name"]) == ("call after 17:00\nor tomorrow", "Wati")
    await write(desk.admin, "from the admin")
    assert await read(desk.staff) == await read(desk.admin) == ["call after 17:00\nor tomorrow", "from the admin"]
    row = (await client.get(f"/api/records/{record_id}", headers=desk.staff.auth)).json()
    assert row["note_count"] == 2

    await engine.take_back(database, desk.stored["memberwd"], [record_id])
    await engine.pick(database, desk.stored["memberwd"], desk.other, [record_id])
    await write(desk.other, "mine now")
    assert await read(desk.other) == ["mine now"]
    assert len(await read(desk.admin)) == 3
    counts = [
        (await client.get(f"/api/records/{record_id}", headers=who.auth)).json()["note_count"]
        for who in (desk.other, desk.admin)
    ]
    assert counts == [1, 3]
    # Back with the first one: their own notes are theirs, the other's are not.
    await engine.take_back(database, desk.stored["memberwd"], [record_id])
    await engine.pick(database, desk.stored["memberwd"], desk.staff, [record_id])
    assert await read(desk.staff) == ["call after 17:00\nor tomorrow"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\u0000b", None, 7])
async def test_bad_notes_name_their_field(desk: Desk, client: httpx.AsyncClient, text: Any) -> None:
    answer = await client.post(f"/api/records/{desk.mine()[0]}/notes", json={"text": text}, headers=desk.staff.auth)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "text")


async def test_the_timeline_tells_everything_and_staff_only_their_own(
    desk: Desk, database: Database, client: httpx.AsyncClient
) -> None:
    record_id, stored = desk.mine()[0], desk.stored["memberwd"]
    address = f"/api/records/{record_id}"
    await client.patch(address, json=ADA, headers=desk.staff.auth)
    await client.patch(address, json={"respond_status": "ya"}, headers=desk.admin.auth)
    await client.post(f"{address}/notes", json={"text": "first"}, headers=desk.staff.auth)
    contacts.act_as(desk.staff)
    await contacts.judge(database, desk.staff, [record_id], Verdict.INVALID, "wrong_person", note="her brother")
    contacts.act_as(desk.admin)
    await engine.take_back(database, stored, [record_id])
    await engine.pick(database, stored, desk.other, [record_id])
    await client.patch(address, json={"whatsapp_status": "tidak"}, headers=desk.other.auth)
    await client.post(f"{address}/notes", json={"text": "second"}, headers=desk.other.auth)

    async def timeline(who: Any) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = (await client.get(f"{address}/timeline", headers=who.auth)).json()
        assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
        return entries

    full, own = await timeline(desk.admin), await timeline(desk.other)

    assert [entry["kind"] for entry in full] == [
        *("import", "assign", "whatsapp_status", "respond_status", "note", "validation", "recall", "assign"),
        *("whatsapp_status", "note"),
    ]
    assert [entry["kind"] for entry in own] == ["assign", "whatsapp_status", "note"]
    assert (own[1]["from"], own[1]["to"], own[1]["actor_name"]) == (None, "tidak", "Budi")
    assert "Wati" not in str(own) and "first" not in str(own)
    # Whom it went to afterwards is not for the one it was taken from.
    contacts.act_as(desk.admin)
    await engine.take_back(database, stored, [record_id])
    assert [entry["kind"] for entry in await timeline(desk.admin)][-1] == "recall"
    await engine.pick(database, stored, desk.staff, [record_id])
    assert "Budi" not in str(await timeline(desk.staff))
    by_admin, verdict = full[3], full[5]
    assert (by_admin["actor_name"], by_admin["holder_name"], by_admin["to"]) == (desk.admin.name, "Wati", "ya")
    assert (verdict["to"], verdict["reason"], verdict["note"]) == ("invalid", "wrong_person", "her brother")
    assert (full[0]["to"], full[0]["actor_name"]) == ("available", "Importer")


async def test_a_record_and_its_timeline_have_a_budget(
    desk: Desk, database: Database, client: httpx.AsyncClient
) -> None:
    record_id = desk.mine()[0]
    # The first look of the hour reads how many there were.
    await client.get(f"/api/records/{record_id}", headers=desk.staff.auth)
    budgets: list[dict[str, int]] = []
    for _ in range(2):
        counts = {}
        for tail in ("", "/notes", "/timeline"):
            with recorded_statements(database) as statements:
                answer = await client.get(f"/api/records/{record_id}{tail}", headers=desk.staff.auth)
            assert answer.status_code == 200
            sent = [s for s in statements if "FROM outbox" not in s and not s.startswith("UPDATE users")]
            counts[tail] = len(sent)
        budgets.append(counts)
        for value in ("ada", "tidak", "ceklis1"):
            await client.patch(f"/api/records/{record_id}", json={"whatsapp_status": value}, headers=desk.staff.auth)
            await client.post(f"/api/records/{record_id}/notes", json={"text": value}, headers=desk.staff.auth)
    assert budgets[0] == budgets[1] == {"": 3, "/notes": 3, "/timeline": 5}
