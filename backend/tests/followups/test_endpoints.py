"""Follow-ups over HTTP: who may, the fields, the ladder, filters, snooze, outcome, note, history (spec 5.1, 7.5)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from tests.assignments import support as engine
from tests.contacts import support as contacts
from tests.deposits.desk import booked
from tests.followups.desk import LEVELS, PATH, command, ids, listed
from tests.support.factories import Account, Stored, make_database, make_product, make_user
from tests.support.statements import recorded_statements

NOW = datetime(2025, 3, 20, 5, 0, tzinfo=UTC)
AGES = [0, 1, 2, 3, 6, 7, 30]


@dataclass(slots=True)
class Desk:
    """`staff` has one follow-up of each age, the youngest first, in a database of the first product; `other` one of
    today in another module and product."""

    admin: Account
    staff: Account
    other: Account
    stored: Stored
    more: Stored

    def record(self, age: int) -> str:
        return self.stored.record_ids[AGES.index(age)]


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with frozen(NOW):
        yield


@pytest.fixture
async def desk(database: Database) -> Desk:
    admin, staff, other = (
        await make_user(database, "admin"),
        await make_user(database, name="Wati"),
        await make_user(database, name="Budi"),
    )
    stored = await make_database(database, 10, module="memberwd", product_id=await make_product(database, "Product A"))
    more = await make_database(
        database, 2, module="bonanza", product_id=await make_product(database, "Product B"), name="More"
    )
    with frozen(NOW - timedelta(days=60)):
        await engine.pick(database, stored, staff, stored.record_ids[: len(AGES)])
        await engine.pick(database, more, other, more.record_ids[:1])
    for age, record_id in zip(AGES, stored.record_ids, strict=False):
        with frozen(NOW - timedelta(days=age)):
            await contacts.mark(database, staff, record_id, {contacts.RESPOND: "ya"})
    await contacts.mark(database, other, more.record_ids[0], {contacts.RESPOND: "ya"})
    return Desk(admin, staff, other, stored, more)


COMMANDS: list[tuple[str, Any]] = [
    ("snooze", {"until": "2025-03-25"}),
    ("done", {"outcome": "lost"}),
    ("reopen", None),
    ("note", {"text": "call after 17:00"}),
]


async def test_everybody_may_read_and_staff_only_their_own(
    desk: Desk, database: Database, client: httpx.AsyncClient
) -> None:
    barred = await make_user(database, blocked_pages=["follow-ups"])
    for path in ("", "/filters", "/notifications", f"/check-deposited/{desk.record(1)}"):
        assert (await client.get(PATH + path)).status_code == 401
        blocked = await client.get(PATH + path, headers=barred.auth)
        assert (blocked.status_code, blocked.json()["code"]) == (403, "page_blocked")
    master = await make_user(database, "master_admin")
    everything = await listed(client, desk.admin)
    assert await listed(client, master) == everything
    assert len(everything["followups"]) == everything["summary"]["total"] == len(AGES) + 1
    own = await listed(client, desk.staff)
    assert ids(own) == [desk.record(age) for age in reversed(AGES)]
    # Whatever staff is named: staff see their own; a staff that does not exist has none.
    assert await listed(client, desk.staff, staff_id=desk.other.id) == own
    assert ids(await listed(client, desk.admin, staff_id=desk.staff.id)) == ids(own)
    assert ids(await listed(client, desk.admin, staff_id="nobody")) == []
    # Whoever may not open the page of a module sees nothing of it.
    partly = await make_user(database, "admin", blocked_pages=["member-wd"])
    seen = await listed(client, partly)
    assert (ids(seen), seen["summary"]["total"]) == (desk.more.record_ids[:1], 1)
    assert (await client.get(f"{PATH}/check-deposited/{desk.record(1)}", headers=partly.auth)).status_code == 404


@pytest.mark.parametrize(("verb", "body"), COMMANDS)
async def test_a_follow_up_is_for_its_holder_and_for_admins(
    desk: Desk, client: httpx.AsyncClient, verb: str, body: Any
) -> None:
    record_id = desk.record(3)
    assert (await client.post(f"{PATH}/{record_id}/{verb}", json=body)).status_code == 401
    for who, target in ((desk.other, record_id), (desk.admin, "unknown"), (desk.admin, desk.stored.record_ids[8])):
        answer = await command(client, who, target, verb, body)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_follow_up")
    for who in (desk.staff, desk.admin):
        answer = await command(client, who, record_id, verb, body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["record_id"] == record_id


async def test_a_row_says_who_when_and_how_urgent(desk: Desk, client: httpx.AsyncClient) -> None:
    found = await listed(client, desk.staff)
    rungs = {
        row["days_since_response"]: (row["urgency"], row["reminder_level"], row["reminder_label"])
        for row in found["followups"]
    }
    assert rungs == {
        0: ("low", 0, "Today"),
        1: ("medium", 1, "1+ day"),
        2: ("medium", 1, "1+ day"),
        3: ("high", 2, "3+ days"),
        6: ("high", 2, "3+ days"),
        7: ("critical", 3, "7+ days"),
        30: ("critical", 3, "7+ days"),
    }
    assert found["summary"] == {
        "total": 7,
        "critical": 2,
        "high": 2,
        "medium": 2,
        "low": 1,
        "deposited": 0,
        "snoozed": 0,
        "done": 0,
        "lost": 0,
    }
    row = found["followups"][0]
    assert row == row | {
        "customer_display": "Person 6",
        "customer_id": "customer6",
        "product_name": "Product A",
        "database_name": "Customers",
        "staff_id": desk.staff.id,
        "staff_name": "Wati",
        "row_data": {"username": "customer6", "name": "Person 6", "phone": "08120000006"},
        "respond_date": "2025-02-18",
        "whatsapp_status": None,
        "urgency_color": "red",
        "phone_e164": "+628120000006",
        "state": "open",
    }
    assert "row_number" not in row


async def test_filters_apply_and_buckets_do_not_follow_the_urgency(desk: Desk, client: httpx.AsyncClient) -> None:
    whole = (await listed(client, desk.admin))["summary"]
    for name in LEVELS:
        found = await listed(client, desk.admin, urgency=name)
        assert {row["urgency"] for row in found["followups"]} == {name}
        assert found["summary"] == {**whole, "total": whole[name]}
        assert len(found["followups"]) == whole[name]
    for params, records in (
        ({"product_id": desk.more.product_id}, desk.more.record_ids[:1]),
        ({"database_id": desk.more.id, "product_id": desk.more.product_id}, desk.more.record_ids[:1]),
        ({"database_id": desk.stored.id, "product_id": desk.more.product_id}, []),
        ({"staff_id": desk.other.id, "database_id": desk.more.id}, desk.more.record_ids[:1]),
        ({"staff_id": desk.other.id, "product_id": desk.stored.product_id}, []),
        ({"database_id": "unknown"}, []),
    ):
        found = await listed(client, desk.admin, **params)
        assert (ids(found), found["summary"]["total"]) == (records, len(records))
    choices = (await client.get(f"{PATH}/filters", headers=desk.admin.auth)).json()
    assert [row["name"] for row in choices["products"]] == ["Product A", "Product B"]
    assert {row["id"] for row in choices["databases"]} == {desk.stored.id, desk.more.id}
    assert [row["name"] for row in choices["staff"]] == ["Budi", "Wati"]
    own = (await client.get(f"{PATH}/filters", headers=desk.other.auth)).json()
    assert [len(own[name]) for name in ("products", "databases", "staff")] == [1, 1, 1]
    for params, field in (({"urgency": "soon"}, "urgency"), ({"state": "old"}, "state"), ({"cursor": "x"}, "cursor")):
        answer = await client.get(PATH, headers=desk.admin.auth, params=params)
        assert answer.status_code == 422
        assert field in str(answer.json()["errors"])


async def test_pages_continue_where_the_last_one_ended(desk: Desk, client: httpx.AsyncClient) -> None:
    for state, records in (("open", 8), ("snoozed", 3)):
        if state == "snoozed":
            for age, until in ((7, "2025-03-28"), (6, "2025-03-24"), (1, "2025-03-24")):
                await command(client, desk.staff, desk.record(age), "snooze", {"until": until})
        whole = await client.get(PATH, headers=desk.admin.auth, params={"state": state})
        seen: list[str] = []
        url = f"{PATH}?limit=2&state={state}"
        while url:
            answer = await client.get(url, headers=desk.admin.auth)
            assert answer.headers["X-Total-Count"] == str(records)
            seen += ids(answer.json())
            url = answer.links["next"]["url"] if "next" in answer.links else ""
        assert seen == ids(whole.json())
        assert len(seen) == len(set(seen)) == records
    foreign = await client.get(PATH, headers=desk.admin.auth, params={"state": "snoozed", "cursor": "WzEsMl0"})
    assert foreign.status_code == 422


async def test_the_bell_is_the_page_without_those_of_today(desk: Desk, client: httpx.AsyncClient) -> None:
    for who in (desk.staff, desk.admin):
        page = await listed(client, who)
        bell = (await client.get(f"{PATH}/notifications", headers=who.auth)).json()
        assert bell["notifications"] == [row for row in page["followups"] if row["urgency"] != "low"]
        assert bell["count"] == bell["summary"]["total"] == len(bell["notifications"]) == 6
        assert all(bell["summary"][name] == page["summary"][name] for name in LEVELS[:3])
        short = (await client.get(f"{PATH}/notifications", headers=who.auth, params={"limit": 2})).json()
        assert (short["notifications"], short["count"]) == (bell["notifications"][:2], 6)


async def test_a_deposit_on_or_after_the_answer_closes_it_and_one_before_does_not(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    async def deposit(who: Account, age: int, product: str) -> dict[str, Any]:
        day = (NOW.date() - timedelta(days=age)).isoformat()
        return await booked(client, who, product, f" CUSTOMER{AGES.index(3)} ", day)

    async def check() -> dict[str, Any]:
        answer = await client.get(f"{PATH}/check-deposited/{desk.record(3)}", headers=desk.staff.auth)
        return dict(answer.json())

    await deposit(desk.staff, 4, desk.stored.product_id)
    await deposit(desk.other, 1, desk.stored.product_id)
    await deposit(desk.staff, 1, desk.more.product_id)
    assert desk.record(3) in ids(await listed(client, desk.staff))
    assert await check() == {"record_id": desk.record(3), "is_deposited": False, "deposit_info": None}
    made = await deposit(desk.staff, 3, desk.stored.product_id)
    found = await listed(client, desk.staff)
    assert (ids(found), found["summary"]["deposited"]) == ([desk.record(age) for age in (30, 7, 6, 2, 1, 0)], 1)
    assert ids(await listed(client, desk.staff, state="deposited")) == [desk.record(3)]
    told = await check()
    assert told["is_deposited"]
    assert told["deposit_info"] == {
        "deposit_id": made["id"],
        "record_date": "2025-03-17",
        "amount": 100_000,
        "customer_type": "RDP",
    }
    done = await command(client, desk.staff, desk.record(3), "done")
    assert (done.status_code, done.json()["state"]) == (409, "deposited")
    await client.delete(f"/api/omset/{made['id']}", headers=desk.staff.auth)
    assert desk.record(3) in ids(await listed(client, desk.staff))
    timeline = (await client.get(f"/api/records/{desk.record(3)}/timeline", headers=desk.staff.auth)).json()
    assert [(e["from"], e["to"]) for e in timeline if e["kind"] == "follow_up"] == [
        ("open", "deposited"),
        ("deposited", "open"),
    ]


async def test_a_snoozed_one_is_hidden_until_its_day(desk: Desk, client: httpx.AsyncClient) -> None:
    record_id = desk.record(7)
    answer = await command(client, desk.staff, record_id, "snooze", {"until": "2025-03-23", "note": "On holiday."})
    assert (answer.json()["state"], answer.json()["snoozed_until"]) == ("snoozed", "2025-03-23")
    # Midnight of the business zone is at 17:00 UTC of the day before.
    for at, is_there in (
        (NOW, False),
        (datetime(2025, 3, 22, 16, 59, tzinfo=UTC), False),
        (datetime(2025, 3, 22, 17, 0, tzinfo=UTC), True),
    ):
        with frozen(at):
            found = await listed(client, desk.staff)
            assert (record_id in ids(found)) is is_there
            assert found["summary"]["snoozed"] == (not is_there)
            assert found["summary"]["total"] == len(ids(found)) == sum(found["summary"][name] for name in LEVELS)
            assert ids(await listed(client, desk.staff, state="snoozed")) == ([] if is_there else [record_id])
    await command(client, desk.staff, record_id, "reopen")
    assert record_id in ids(await listed(client, desk.staff))
    for until, code in (("2025-03-20", "snooze_not_later"), ("2026-03-21", "snooze_too_long")):
        refused = await command(client, desk.staff, record_id, "snooze", {"until": until})
        error = refused.json()["errors"][0]
        assert (refused.status_code, error["field"], error["code"]) == (422, "until", code)


async def test_an_outcome_stays_until_the_customer_answers_anew(
    desk: Desk, database: Database, client: httpx.AsyncClient
) -> None:
    done, lost = desk.record(2), desk.record(6)
    assert (await command(client, desk.staff, done, "done")).json()["state"] == "done"
    assert (await command(client, desk.staff, lost, "done", {"outcome": "lost", "note": "Gone."})).json()[
        "state"
    ] == "lost"
    found = await listed(client, desk.staff)
    assert (found["summary"]["done"], found["summary"]["lost"], found["summary"]["total"]) == (1, 1, 5)
    assert ids(await listed(client, desk.staff, state="done")) == [done]
    refused = await command(client, desk.staff, done, "snooze", {"until": "2025-03-25"})
    assert (refused.status_code, refused.json()["state"]) == (409, "done")
    assert (await command(client, desk.admin, lost, "reopen")).json()["state"] == "open"
    for value in ("tidak", "ya"):
        await contacts.mark(database, desk.staff, done, {contacts.RESPOND: value})
    again = await listed(client, desk.staff, urgency="low")
    assert set(ids(again)) == {done, desk.record(0)}
    timeline = (await client.get(f"/api/records/{lost}/timeline", headers=desk.staff.auth)).json()
    said = [(e["from"], e["to"], e.get("note")) for e in timeline if e["kind"] == "follow_up"]
    assert said == [("open", "lost", "Gone."), ("lost", "reopened", None)]


async def test_a_note_is_a_note_on_the_record(desk: Desk, client: httpx.AsyncClient) -> None:
    row = (await command(client, desk.staff, desk.record(1), "note", {"text": "=1+1"})).json()
    notes = (await client.get(f"/api/records/{desk.record(1)}/notes", headers=desk.staff.auth)).json()
    assert (row["note_count"], [note["text"] for note in notes]) == (1, ["=1+1"])
    for verb, body, field in (
        ("note", {"text": " "}, "text"),
        ("note", {}, "text"),
        ("snooze", {"until": "soon"}, "until"),
        ("done", {"outcome": "maybe"}, "outcome"),
    ):
        answer = await command(client, desk.staff, desk.record(1), verb, body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_command_sent_twice_happens_once(desk: Desk, client: httpx.AsyncClient) -> None:
    headers = {**desk.staff.auth, "Idempotency-Key": "one"}
    answers = [
        await client.post(f"{PATH}/{desk.record(1)}/note", json={"text": "once"}, headers=headers) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[1].json()["note_count"] == 1


async def test_statements_do_not_follow_the_rows(desk: Desk, database: Database, client: httpx.AsyncClient) -> None:
    budget = {"": 4, "/notifications": 4, "/filters": 5}
    for path, most in budget.items():
        counts = []
        for who in (desk.other, desk.staff, desk.admin):
            with recorded_statements(database) as statements:
                assert (await client.get(PATH + path, headers=who.auth)).status_code == 200
            counts.append(len([s for s in statements if "access_counts" not in s]))
        assert len(set(counts)) == 1, counts
        assert counts[0] <= most
