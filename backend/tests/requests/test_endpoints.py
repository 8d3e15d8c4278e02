"""The addresses clients know (spec 2.7, 7.9): fields, paging, filters, statistics, and who sees what."""

from datetime import timedelta

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen, utc_now
from tests.requests.desk import REQUESTS, asked, decide, switch_on
from tests.support.factories import make_database, make_user
from tests.support.statements import recorded_statements

KEPT = {
    "id",
    "database_id",
    "database_name",
    "product_id",
    "product_name",
    "record_count",
    "status",
    "requested_by",
    "requested_by_name",
    "requested_at",
    "auto_approved",
    "skipped_reserved_count",
}


async def test_rows_have_the_fields_of_the_contract_and_no_empty_texts(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 20)
    requests = [await asked(client, staff, stored, 2) for _ in range(4)]
    for request, action in zip(requests, ("approve", "reject"), strict=False):
        assert set((await decide(client, admin, request["id"], action)).json()) >= KEPT
    await decide(client, staff, requests[2]["id"], "cancel")

    for who in (staff, admin):
        listed = (await client.get(REQUESTS, headers=who.auth)).json()
        assert [row["status"] for row in listed] == ["pending", "cancelled", "rejected", "approved"]
        for row in listed:
            assert set(row) >= KEPT
            assert None not in row.values()
            if row["status"] != "pending":
                assert {"reviewed_at", "reviewed_by", "reviewed_by_name"} <= set(row)
        detail = (await client.get(f"{REQUESTS}/{listed[-1]['id']}", headers=who.auth)).json()
        assert {name: value for name, value in detail.items() if name != "events"} == listed[-1]


async def test_staff_see_their_own_and_admins_all(database: Database, client: httpx.AsyncClient) -> None:
    one, two, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 20)
    first, second = await asked(client, one, stored, 2), await asked(client, two, stored, 3)

    assert [row["id"] for row in (await client.get(REQUESTS, headers=one.auth)).json()] == [first["id"]]
    everything = await client.get(REQUESTS, headers=admin.auth)
    assert [row["id"] for row in everything.json()] == [second["id"], first["id"]]
    assert (await client.get(f"{REQUESTS}?staff_id={two.id}", headers=one.auth)).json() == []
    assert (await client.get(f"{REQUESTS}/{second['id']}", headers=one.auth)).status_code == 404
    assert (await client.get(f"{REQUESTS}/{second['id']}", headers=admin.auth)).status_code == 200
    assert (await client.get(f"{REQUESTS}/nothing-here", headers=admin.auth)).status_code == 404


async def test_lists_are_filtered_and_paged(database: Database, client: httpx.AsyncClient) -> None:
    one, two, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    pools = [await make_database(database, 20), await make_database(database, 20)]
    made = [await asked(client, who, pool, 1) for who in (one, two) for pool in pools for _ in range(2)]
    await decide(client, admin, made[0]["id"], "reject")

    async def ids(query: str) -> list[str]:
        return [row["id"] for row in (await client.get(f"{REQUESTS}?{query}", headers=admin.auth)).json()]

    newest_first = [request["id"] for request in reversed(made)]
    assert await ids("") == newest_first
    assert await ids("status=rejected") == [made[0]["id"]]
    assert len(await ids(f"staff_id={one.id}")) == 4
    assert await ids(f"staff_id={one.id}&database_id={pools[0].id}&status=pending") == [made[1]["id"]]
    assert await ids("staff_id=nobody") == await ids("database_id=nothing") == []
    seen: list[str] = []
    address, totals = f"{REQUESTS}?limit=3", []
    while address:
        page = await client.get(address, headers=admin.auth)
        seen += [row["id"] for row in page.json()]
        totals.append(page.headers.get("X-Total-Count"))
        address = page.headers.get("Link", "").split(">")[0].removeprefix("<")
    assert (seen, totals) == (newest_first, ["8", None, None])
    for bad in ("status=open", "cursor=nonsense", "limit=0", "limit=1001"):
        refused = await client.get(f"{REQUESTS}?{bad}", headers=admin.auth)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, bad.split("=")[0])


async def test_statistics(database: Database, client: httpx.AsyncClient) -> None:
    one, two, admin = await make_user(database), await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 100)
    noon = utc_now().replace(hour=5)
    with frozen(noon - timedelta(hours=20, days=1)):
        old = await asked(client, one, stored, 30)
        await decide(client, admin, old["id"], "approve")
    with frozen(noon):
        approved, rejected = await asked(client, one, stored, 5), await asked(client, two, stored, 6)
        cancelled, _ = await asked(client, one, stored, 7), await asked(client, two, stored, 8)
        await decide(client, admin, approved["id"], "approve")
        await decide(client, admin, rejected["id"], "reject")
        await decide(client, one, cancelled["id"], "cancel")
        everybody, ones, twos = [
            (await client.get(f"{REQUESTS}/stats", headers=who.auth)).json() for who in (admin, one, two)
        ]

    def stats(**found: int) -> dict[str, int]:
        none = dict.fromkeys(("pending", "approved", "rejected", "cancelled", "expired"), 0)
        return {**none, **found}

    assert everybody == stats(
        pending=1,
        approved=2,
        rejected=1,
        cancelled=1,
        total=5,
        today_requested=26,
        today_assigned=5,
        held_records=8,
    )
    assert ones == stats(approved=2, cancelled=1, total=3, today_requested=12, today_assigned=5, held_records=0)
    assert twos == stats(pending=1, rejected=1, total=2, today_requested=14, today_assigned=0, held_records=8)


async def test_who_may_call(database: Database, client: httpx.AsyncClient) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    blocked = {
        "staff": await make_user(database, blocked_pages=["requests"]),
        "admin": await make_user(database, "admin", blocked_pages=["requests"]),
    }
    stored = await make_database(database, 5)
    body = {"database_id": stored.id, "record_count": 1}
    bulk = {"request_ids": ["nothing"], "action": "approve"}
    calls = {
        ("POST", REQUESTS, "staff"): body,
        ("GET", "/api/my/requestable-databases", "staff"): None,
        ("POST", "/api/bulk/requests", "admin"): bulk,
        ("GET", REQUESTS, "both"): None,
        ("GET", f"{REQUESTS}/stats", "both"): None,
    }
    for (method, path, whose), json in calls.items():
        assert (await client.request(method, path, json=json)).status_code == 401
        for role, who in (("staff", staff), ("admin", admin)):
            response = await client.request(method, path, json=json, headers=who.auth)
            assert response.status_code == (200 if whose in (role, "both") else 403), (method, path, role)
        for role, who in blocked.items():
            if whose in (role, "both"):
                refused = await client.request(method, path, json=json, headers=who.auth)
                assert (refused.status_code, refused.json()["page"]) == (403, "requests")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"request_ids": [], "action": "approve"}, "request_ids"),
        ({"request_ids": ["x"] * 201, "action": "approve"}, "request_ids"),
        ({"request_ids": ["x"], "action": "cancel"}, "action"),
        ({"request_ids": ["x"]}, "action"),
        ({"request_ids": ["x"], "action": "reject", "reason": "\x00"}, "reason"),
    ],
)
async def test_a_bulk_review_is_checked(
    database: Database, client: httpx.AsyncClient, body: dict[str, object], field: str
) -> None:
    admin = await make_user(database, "admin")
    response = await client.post("/api/bulk/requests", json=body, headers=admin.auth)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_the_number_of_statements_does_not_follow_the_number_of_rows(
    database: Database, client: httpx.AsyncClient
) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    lists = {
        REQUESTS: admin,
        f"{REQUESTS}/stats": admin,
        "/api/my/requestable-databases": staff,
    }

    async def counted() -> dict[str, int]:
        counts = {}
        for path, who in lists.items():
            with recorded_statements(database) as statements:
                assert (await client.get(path, headers=who.auth)).status_code == 200
            counts[path] = len(statements)
        return counts

    await asked(client, staff, await make_database(database, 5), 1)
    few = await counted()
    for _ in range(5):
        stored = await make_database(database, 5)
        await asked(client, staff, stored, 1)
        await asked(client, staff, stored, 1)
    assert await counted() == few
    assert max(few.values()) <= 8


async def test_open_pages_learn_of_requests(database: Database, client: httpx.AsyncClient) -> None:
    from crm_boost.db.outbox import Position, messages_after

    staff, admin = await make_user(database), await make_user(database, "admin")
    stored = await make_database(database, 20)

    async def topics() -> list[str]:
        async with database.read() as session:
            return [message.topic for message in await messages_after(session, Position())]

    steps = []
    request = await asked(client, staff, stored, 2)
    assert "records" in await topics()
    steps.append((await topics()).count("requests"))
    await decide(client, admin, request["id"], "approve")
    steps.append((await topics()).count("requests"))
    await decide(client, staff, (await asked(client, staff, stored, 2))["id"], "cancel")
    steps.append((await topics()).count("requests"))
    await switch_on(client, admin)
    steps.append((await topics()).count("requests"))
    assert steps == sorted(set(steps))
    assert steps[0] > 0
