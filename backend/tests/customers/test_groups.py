"""My customers: groups with their counts, pins, names and news; filters; and what nobody else sees."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from crm_boost.contacts.verdicts import Verdict
from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen, utc_now
from tests.assignments import support as engine
from tests.contacts import support as contacts
from tests.contacts.support import RESPOND, WHATSAPP
from tests.customers.conftest import Desk
from tests.support.factories import make_database, make_user
from tests.support.statements import recorded_statements

GROUPS = "/api/my/groups"


async def groups(client: httpx.AsyncClient, who: Any, query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"{GROUPS}{query}", headers=who.auth)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def group_of(client: httpx.AsyncClient, desk: Desk, module: str) -> dict[str, Any]:
    (found,) = [group for group in await groups(client, desk.staff) if group["module"] == module]
    return found


def address(group: dict[str, Any], tail: str = "") -> str:
    return f"{GROUPS}/{group['kind']}/{group['id']}{tail}"


async def test_a_group_counts_what_was_found_out(desk: Desk, database: Database, client: httpx.AsyncClient) -> None:
    first, second, third, _ = desk.mine()
    contacts.act_as(desk.staff)
    await contacts.mark(database, desk.staff, first, {WHATSAPP: "ada", RESPOND: "ya"})
    await contacts.mark(database, desk.staff, second, {WHATSAPP: "ceklis1", RESPOND: "tidak"})
    await contacts.mark(database, desk.staff, third, {WHATSAPP: "tidak"})
    await contacts.mark(database, desk.staff, third, {WHATSAPP: None})
    await contacts.judge(database, desk.staff, [first], Verdict.VALIDATED)
    await contacts.judge(database, desk.staff, [second], Verdict.INVALID, "duplicate")

    batch, database_group = await group_of(client, desk, "memberwd"), await group_of(client, desk, "bonanza")

    assert (batch["kind"], database_group["kind"]) == ("batch", "database")
    assert database_group["id"] == desk.stored["bonanza"].id
    assert (batch["title"], batch["record_count"], batch["worked_count"]) == ("Database memberwd", 4, 2)
    assert (batch["is_pinned"], batch["new_count"], "custom_title" in batch) == (False, 4, False)
    assert batch["counts"] == {
        "ada": 1,
        "ceklis1": 1,
        "tidak": 0,
        "respond_ya": 1,
        "respond_tidak": 1,
        "validated": 1,
        "invalid": 1,
        "unvalidated": 2,
    }
    assert database_group["counts"]["unvalidated"] == 4 and database_group["worked_count"] == 0
    # The marks of an earlier holder are not the next one's.
    await engine.take_back(database, desk.stored["memberwd"], [first])
    await engine.pick(database, desk.stored["memberwd"], desk.other, [first])
    theirs = [group for group in await groups(client, desk.other) if group["module"] == "memberwd"]
    assert sum(group["worked_count"] for group in theirs) == 0


async def test_pins_names_and_news_are_ones_own(desk: Desk, database: Database, client: httpx.AsyncClient) -> None:
    oldest = await group_of(client, desk, "normal")
    assert [group["module"] for group in await groups(client, desk.staff)] == ["bonanza", "memberwd", "normal"]

    named = await client.patch(address(oldest), json={"title": " Morning ", "is_pinned": True}, headers=desk.staff.auth)
    assert named.status_code == 204
    first, *_ = await groups(client, desk.staff)
    assert (first["id"], first["title"], first["custom_title"], first["is_pinned"]) == (
        oldest["id"],
        "Morning",
        "Morning",
        True,
    )
    await client.patch(address(oldest), json={"title": "", "is_pinned": False}, headers=desk.staff.auth)
    back = await group_of(client, desk, "normal")
    assert (back["title"], back["is_pinned"], "custom_title" in back) == ("Database normal", False, False)

    bonanza = await group_of(client, desk, "bonanza")
    refused = await client.patch(address(bonanza), json={"title": "x"}, headers=desk.staff.auth)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "title")
    assert (await client.patch(address(bonanza), json={"is_pinned": True}, headers=desk.staff.auth)).status_code == 204
    assert (await groups(client, desk.staff))[0]["id"] == bonanza["id"]

    seen = await client.post(address(bonanza, "/seen"), headers=desk.staff.auth)
    assert seen.status_code == 204
    with frozen(utc_now() + timedelta(seconds=1)):
        await engine.pick(database, desk.stored["bonanza"], desk.staff, desk.free("bonanza")[:2])
    after = await group_of(client, desk, "bonanza")
    assert (after["record_count"], after["new_count"], after["is_pinned"]) == (6, 2, True)


@pytest.mark.parametrize(("method", "tail", "body"), [("PATCH", "", {"is_pinned": True}), ("POST", "/seen", None)])
async def test_a_group_is_changed_by_its_staff_alone(
    desk: Desk, database: Database, client: httpx.AsyncClient, method: str, tail: str, body: Any
) -> None:
    for module in ("memberwd", "bonanza"):
        group = await group_of(client, desk, module)
        path = address(group, tail)
        answers = [
            (await client.request(method, path, json=body, headers=headers)).status_code
            for headers in ({}, desk.admin.auth, desk.staff.auth)
        ]
        assert answers == [401, 403, 204]
    batch = await group_of(client, desk, "memberwd")
    assert (await client.request(method, address(batch, tail), json=body, headers=desk.other.auth)).status_code == 404
    empty = await make_database(database, 1, module="bonanza")
    for kind, group_id in (("batch", "unknown"), ("database", empty.id)):
        path = f"{GROUPS}/{kind}/{group_id}{tail}"
        assert (await client.request(method, path, json=body, headers=desk.staff.auth)).status_code == 404
    wrong_kind = await client.request(method, f"{GROUPS}/folder/x{tail}", json=body, headers=desk.staff.auth)
    assert (wrong_kind.status_code, wrong_kind.json()["errors"][0]["field"]) == (422, "kind")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": "x" * 201}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"is_pinned": "maybe"}, "is_pinned"),
        ({"x": 1}, "x"),
    ],
)
async def test_bad_changes_name_their_field(desk: Desk, client: httpx.AsyncClient, body: Any, field: str) -> None:
    group = await group_of(client, desk, "memberwd")
    answer = await client.patch(address(group), json=body, headers=desk.staff.auth)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_groups_come_in_pages(database: Database, client: httpx.AsyncClient) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 7, module="memberwd")
    for record_id in stored.record_ids:
        await engine.pick(database, stored, staff, [record_id])
    everything = await groups(client, staff)
    await client.patch(address(everything[5]), json={"is_pinned": True}, headers=staff.auth)
    wanted = [group["id"] for group in await groups(client, staff)]

    path, found, totals = f"{GROUPS}?limit=3", [], []
    while path:
        answer = await client.get(path, headers=staff.auth)
        found += [group["id"] for group in answer.json()]
        totals.append(answer.headers.get("X-Total-Count"))
        link = answer.headers.get("Link")
        path = link[1 : link.index(">")] if link else ""

    assert found == wanted and wanted[0] == everything[5]["id"]
    assert totals == ["7", None, None]
    wrong = await client.get(f"{GROUPS}?cursor=xxx", headers=staff.auth)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "cursor")


FILTERS = [
    ("whatsapp=ada", {0, 1}),
    ("whatsapp=ceklis1", {2}),
    ("whatsapp=tidak", set()),
    ("whatsapp=none", {3}),
    ("respond=ya", {0}),
    ("respond=none", {2, 3}),
    ("whatsapp=ada&respond=tidak", {1}),
    ("validation=validated", {0}),
    ("validation=invalid", {1, 2}),
    ("validation=none", {3}),
    ("validation=invalid&reason=duplicate", {2}),
    ("reason=other", {1}),
    ("q=customer3", {3}),
    ("q=customer3&whatsapp=ada", set()),
]


@pytest.mark.parametrize(("query", "wanted"), FILTERS)
async def test_filters_narrow_both_lists(
    desk: Desk, database: Database, client: httpx.AsyncClient, query: str, wanted: set[int]
) -> None:
    contacts.act_as(desk.staff)
    for module in ("memberwd", "bonanza"):
        ids = desk.mine(module)
        marks = [{WHATSAPP: "ada", RESPOND: "ya"}, {WHATSAPP: "ada", RESPOND: "tidak"}, {WHATSAPP: "ceklis1"}]
        for record_id, values in zip(ids[:3], marks, strict=True):
            await contacts.mark(database, desk.staff, record_id, dict(values))
        await contacts.judge(database, desk.staff, ids[:1], Verdict.VALIDATED)
        await contacts.judge(database, desk.staff, ids[1:2], Verdict.INVALID, "other")
        await contacts.judge(database, desk.staff, ids[2:3], Verdict.INVALID, "duplicate")
    batch = await group_of(client, desk, "memberwd")
    expected = sorted(desk.mine()[n] for n in wanted)

    async def ids_of(path: str, who: Any) -> list[str]:
        answer = await client.get(path, headers=who.auth)
        assert answer.status_code == 200, answer.text
        assert answer.headers["X-Total-Count"] == str(len(answer.json()))
        return sorted(row["id"] for row in answer.json())

    group = f"group_kind={batch['kind']}&group_id={batch['id']}"
    assert await ids_of(f"/api/my/records?{group}&{query}", desk.staff) == expected
    listed = await ids_of(f"/api/assignments?module=memberwd&staff_id={desk.staff.id}&{query}", desk.admin)
    assert listed == expected
    assert len(await ids_of(f"/api/my/records?module=normal&{query}", desk.staff)) >= 2 * len(wanted)


@pytest.mark.parametrize("query", ["whatsapp=ADA", "respond=ada", "validation=yes", "q=" + "x" * 201])
async def test_bad_filters_name_their_field(desk: Desk, client: httpx.AsyncClient, query: str) -> None:
    for path, who in (("/api/my/records", desk.staff), ("/api/assignments", desk.admin)):
        answer = await client.get(f"{path}?{query}", headers=who.auth)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, query.split("=", maxsplit=1)[0])


async def test_groups_take_the_same_statements_however_many_records(
    desk: Desk, database: Database, client: httpx.AsyncClient
) -> None:
    counts = []
    for _ in range(2):
        with recorded_statements(database) as statements:
            await groups(client, desk.staff)
        counts.append(len([s for s in statements if "FROM outbox" not in s and not s.startswith("UPDATE users")]))
        many = await make_database(database, 300, module="memberwd")
        await engine.pick(database, many, desk.staff, many.record_ids)
        contacts.act_as(desk.staff)
        for record_id in many.record_ids[:30]:
            await contacts.mark(database, desk.staff, record_id, {WHATSAPP: "ada"})
    assert counts == [2, 2]


async def test_times_before_a_visit_are_not_news(database: Database, client: httpx.AsyncClient) -> None:
    """A recall that is undone gives records back as of the day they were dealt."""
    staff = await make_user(database)
    stored = await make_database(database, 3, module="memberwd")
    with frozen(datetime(2026, 1, 1, tzinfo=UTC)):
        await engine.pick(database, stored, staff, stored.record_ids)
    (group,) = await groups(client, staff)
    await client.post(address(group, "/seen"), headers=staff.auth)
    recalled = await engine.take_back(database, stored, stored.record_ids[:1])
    await engine.undo_it(database, stored, recalled["operation_id"])

    (group,) = await groups(client, staff)
    assert (group["record_count"], group["new_count"]) == (3, 0)
