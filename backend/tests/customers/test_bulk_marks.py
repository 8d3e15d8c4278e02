"""Many marks at once: what the web app's queue sends, and the kept bulk endpoint (spec 2.4, 2.7)."""

import asyncio
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.db.outbox import OutboxMessage, Position, messages_after
from crm_boost.identity.principal import Principal
from crm_boost.live.news import News
from tests.assignments import support as engine
from tests.contacts import support as contacts
from tests.customers.conftest import Desk
from tests.support.factories import make_database, make_user
from tests.support.statements import recorded_statements

MARKS = "/api/my/marks"
BULK = "/api/bulk/status-update"


async def test_marks_are_set_conflicts_and_strangers_told_apart(desk: Desk, client: httpx.AsyncClient) -> None:
    first, second, third, _ = desk.mine()
    foreign = desk.theirs()[0]
    await client.patch(f"/api/records/{second}", json={"whatsapp_status": "tidak"}, headers=desk.admin.auth)
    body = {
        "marks": [
            {"record_id": first, "whatsapp_status": "ada", "respond_status": "ya", "version": 0},
            {"record_id": second, "whatsapp_status": "ada", "respond_status": "ya", "version": 0},
            {"record_id": third, "respond_status": "tidak"},
            {"record_id": foreign, "whatsapp_status": "ada"},
            {"record_id": "unknown", "whatsapp_status": "ada"},
        ]
    }
    answer = await client.post(MARKS, json=body, headers=desk.staff.auth)

    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert [(r["id"], r["version"], r["whatsapp_status"], r["respond_status"]) for r in done["records"]] == [
        (first, 2, "ada", "ya"),
        (second, 2, "tidak", "ya"),
        (third, 1, None, "tidak"),
    ]
    assert "whatsapp_status_at" not in done["records"][2] and done["records"][2]["respond_status_at"]
    assert done["missing"] == [foreign, "unknown"]
    (conflict,) = done["conflicts"]
    assert {k: conflict[k] for k in ("record_id", "field", "yours", "theirs", "by_name", "version")} == {
        "record_id": second,
        "field": "whatsapp_status",
        "yours": "ada",
        "theirs": "tidak",
        "by_name": desk.admin.name,
        "version": 2,
    }
    # The same again, as after an answer that was lost: nothing changes, nothing clashes.
    body["marks"].pop(1)
    again = (await client.post(MARKS, json=body, headers=desk.staff.auth)).json()
    assert (again["conflicts"], [r["version"] for r in again["records"]]) == ([], [2, 1])
    of_admin = await client.post(MARKS, json={"marks": body["marks"][-2:]}, headers=desk.admin.auth)
    assert [r["id"] for r in of_admin.json()["records"]] == [foreign]
    assert (await client.post(MARKS, json=body)).status_code == 401


async def test_one_record_twice_in_a_queue_is_no_conflict_with_itself(
    desk: Desk, database: Database, client: httpx.AsyncClient
) -> None:
    record_id = desk.mine()[0]
    marks = [{"record_id": record_id, "whatsapp_status": value, "version": 0} for value in ("ada", "tidak", "ceklis1")]
    done = (await client.post(MARKS, json={"marks": marks}, headers=desk.staff.auth)).json()

    assert (done["conflicts"], done["records"][0]["whatsapp_status"]) == ([], "ceklis1")
    assert len(await contacts.events_of(database, record_id)) == 3


BAD_MARKS: list[tuple[Any, str]] = [
    ([], "marks"),
    ([{"whatsapp_status": "ada"}], "marks.0.record_id"),
    ([{"record_id": "x"}], "marks.0.whatsapp_status"),
    ([{"record_id": "x", "respond_status": "ada"}], "marks.0.respond_status"),
    ([{"record_id": "x", "respond_status": "ya", "version": -1}], "marks.0.version"),
    ([{"record_id": "x", "respond_status": "ya", "version": "1"}], "marks.0.version"),
    ([{"record_id": "x", "respond_status": "ya", "validation": "invalid"}], "marks.0.validation"),
    ([{"record_id": "x", "respond_status": "ya"}] * 501, "marks"),
]


@pytest.mark.parametrize(("marks", "field"), BAD_MARKS)
async def test_bad_marks_name_their_field(desk: Desk, client: httpx.AsyncClient, marks: Any, field: str) -> None:
    answer = await client.post(MARKS, json={"marks": marks}, headers=desk.staff.auth)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_the_kept_bulk_endpoint(desk: Desk, database: Database, client: httpx.AsyncClient) -> None:
    mine = [*desk.mine("normal"), *desk.mine("memberwd"), *desk.mine("bonanza")]
    body = {"record_ids": mine, "whatsapp_status": "ada", "respond_status": None}
    first = await client.post(BULK, json=body, headers=desk.staff.auth)
    again = await client.post(BULK, json={**body, "respond_status": "ya"}, headers=desk.admin.auth)
    once_more = await client.post(BULK, json=body, headers=desk.staff.auth)

    assert first.json() == {"success": True, "updated_count": 12, "unchanged_count": 0}
    assert again.json() == {"success": True, "updated_count": 12, "unchanged_count": 0}
    assert once_more.json() == {"success": True, "updated_count": 0, "unchanged_count": 12}
    assert len(await contacts.events_of(database, mine[0])) == 2

    for stranger in (desk.theirs()[0], desk.free()[0], "unknown"):
        refused = await client.post(
            BULK, json={"record_ids": [mine[0], stranger], "whatsapp_status": "tidak"}, headers=desk.staff.auth
        )
        assert (refused.status_code, refused.json()["record_ids"]) == (404, [stranger])
    assert len(await contacts.events_of(database, mine[0])) == 2
    assert (await client.post(BULK, json=body)).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"record_ids": []}, "record_ids"),
        ({"record_ids": ["x"] * 501, "whatsapp_status": "ada"}, "record_ids"),
        ({"record_ids": ["x"]}, "whatsapp_status"),
        ({"record_ids": ["x"], "whatsapp_status": None, "respond_status": None}, "whatsapp_status"),
        ({"record_ids": ["x"], "respond_status": "ada"}, "respond_status"),
    ],
)
async def test_bad_bulk_names_its_field(desk: Desk, client: httpx.AsyncClient, body: Any, field: str) -> None:
    answer = await client.post(BULK, json=body, headers=desk.staff.auth)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_marking_takes_the_same_statements_for_one_and_for_500(
    desk: Desk, database: Database, client: httpx.AsyncClient
) -> None:
    many = await make_database(database, 500)
    await engine.pick(database, many, desk.staff, many.record_ids)
    counts = []
    for ids in (desk.mine()[:1], many.record_ids):
        body = {
            "marks": [{"record_id": i, "whatsapp_status": "ada", "respond_status": "ya", "version": 0} for i in ids]
        }
        with recorded_statements(database) as statements:
            answer = await client.post(MARKS, json=body, headers=desk.staff.auth)
        assert len(answer.json()["records"]) == len(ids)
        counts.append(len([s for s in statements if "FROM outbox" not in s and not s.startswith("UPDATE users")]))
    # Six for the marks; the rest keeps follow-ups and the figures of work.
    assert counts[0] == counts[1] <= 20, counts


async def test_the_holder_and_those_who_see_all_hear_of_marks(
    desk: Desk, database: Database, client: httpx.AsyncClient
) -> None:
    body = {"record_ids": [desk.mine()[0], desk.theirs()[0]], "whatsapp_status": "ada"}
    await client.post(BULK, json=body, headers=desk.admin.auth)
    heard = await _announced(database)

    assert {message.payload["database_ids"][0] for message in heard} == {desk.stored["memberwd"].id}
    for person, of in (
        (desk.staff, {desk.staff.id}),
        (desk.other, {desk.other.id}),
        (desk.admin, {desk.staff.id, desk.other.id}),
        (desk.master, {desk.staff.id, desk.other.id}),
        (await make_user(database), set()),
    ):
        principal = Principal(person.id, person.name, person.role, frozenset(), "")
        told = [message.payload["staff_id"] for message in heard if News(message).told_to(principal)]
        assert sorted(told) == sorted(of)
    # What changes nothing is not announced.
    await client.post(BULK, json=body, headers=desk.admin.auth)
    assert len(await _announced(database)) == len(heard) == 4


async def _announced(database: Database) -> list[OutboxMessage]:
    async with database.read() as session:
        return [m for m in await messages_after(session, Position()) if m.topic == "contacts"]


async def test_two_tabs_of_one_staff_at_the_same_instant(desk: Desk, client: httpx.AsyncClient) -> None:
    """Real requests: each record gets one of the two values, the other tab is told; other fields merge."""
    marks = {
        value: {"marks": [{"record_id": i, field: value, "version": 0} for i in desk.mine()]}
        for field, value in (("whatsapp_status", "ada"), ("whatsapp_status", "tidak"), ("respond_status", "ya"))
    }
    answers = await asyncio.gather(*(client.post(MARKS, json=body, headers=desk.staff.auth) for body in marks.values()))
    done = [answer.json() for answer in answers]
    conflicts = [conflict for one in done for conflict in one["conflicts"]]

    assert len(conflicts) == 4 and len({c["record_id"] for c in conflicts}) == 4
    rows = (await client.get("/api/my/records?q=customer&whatsapp=ada&respond=ya", headers=desk.staff.auth)).json()
    others = (await client.get("/api/my/records?whatsapp=tidak&respond=ya", headers=desk.staff.auth)).json()
    assert sorted(row["id"] for row in rows + others) == sorted(desk.mine())
    assert all({c["yours"], c["theirs"]} == {"ada", "tidak"} for c in conflicts)
