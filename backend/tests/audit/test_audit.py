"""The audit page: everything that leaves a trace in one list, and a log that can only grow (spec 1.5)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm_boost.audit import service
from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.identity.permissions import Role
from crm_boost.kit.clock import frozen
from crm_boost.kit.context import ActionContext, enter_context
from tests.support.factories import Account, make_database, make_user
from tests.support.statements import recorded_statements

PATH = "/api/audit"
NOTHING = dict.fromkeys(("kind", "actor_id", "object_id", "date_from", "date_to"))


async def traces(client: httpx.AsyncClient, who: Account, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(PATH, headers=who.auth, params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def ok(client: httpx.AsyncClient, who: Account, method: str, path: str, body: Any = None) -> Any:
    answer = await client.request(method, path, headers=who.auth, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def test_every_kind_of_trace_is_in_one_list(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, Role.ADMIN), await make_user(database)
    product = (await ok(client, admin, "POST", "/api/products", {"name": "Product A", "description": ""}))["id"]
    pool = await make_database(database, 10, product_id=product)
    body = {"database_id": pool.id, "staff_ids": [staff.id], "quantity": 2}
    await ok(client, admin, "POST", "/api/pools/normal/assign-random", body)
    await ok(client, staff, "POST", "/api/download-requests", {"database_id": pool.id, "record_count": 1})
    member = {"customer_id": "Somebody", "product_id": product, "staff_id": staff.id}
    await ok(client, admin, "POST", "/api/reserved-members", member)
    deposit = {"product_id": product, "record_date": "2025-03-01", "customer_id": "Somebody", "nominal": 1000}
    booked = await ok(client, staff, "POST", "/api/omset", deposit)
    await ok(client, admin, "DELETE", f"/api/omset/{booked['id']}")

    found = await traces(client, admin)
    assert [row["action"] for row in found] == [
        "deposit.delete",
        "reservation.create",
        "records.hold",
        "request.pending",
        "records.assign",
        "product.created",
    ], "the last first; that the deposit was booked stands in its own history"
    by_action = {row["action"]: row for row in found}
    assert {row["action"]: row["kind"] for row in found} == {
        "deposit.delete": "deposit",
        "reservation.create": "reservation",
        "request.pending": "request",
        "records.hold": "records",
        "records.assign": "records",
        "product.created": "product",
    }
    assert by_action["deposit.delete"]["object_id"] == booked["id"]
    assert by_action["request.pending"]["actor_id"] == staff.id
    assert by_action["product.created"]["object_name"] == "Product A"
    dealt = by_action["records.assign"]
    assert (dealt["actor_name"], dealt["module"], dealt["database_id"]) == (admin.name, "normal", pool.id)
    assert dealt["detail"]["requested"] == 2
    assert dealt["request_id"]
    assert len({row["id"] for row in found}) == len(found)


async def fill(database: Database, actor: Account, hours: int) -> datetime:
    """An entry an hour of two kinds, taking turns, the first at midnight of 1 March in the business zone."""
    begin = datetime(2025, 2, 28, 17, tzinfo=UTC)
    enter_context(ActionContext(actor_id=actor.id, actor_name=actor.name))
    for hour in range(hours):
        with frozen(begin + timedelta(hours=hour)):
            async with database.write() as session:
                await record_audit(session, "product.updated" if hour % 2 else "job.changed", "job", str(hour))
    enter_context(ActionContext())
    return begin


async def test_pages_follow_each_other_over_all_sources(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, Role.ADMIN), await make_user(database)
    with frozen(datetime(2025, 3, 1, tzinfo=UTC)):
        # All at one instant: the place of a page within it counts too.
        pool = await make_database(database, 10)
        for _ in range(3):
            body = {"database_id": pool.id, "staff_ids": [staff.id], "quantity": 1}
            await ok(client, admin, "POST", "/api/pools/normal/assign-random", body)
            await ok(client, admin, "POST", "/api/products", {"name": f"Product {_}", "description": ""})
    whole = await traces(client, admin)
    assert len(whole) == 6
    paged: list[dict[str, Any]] = []
    url: str | None = f"{PATH}?limit=2"
    while url:
        answer = await client.get(url, headers=admin.auth)
        paged += answer.json()
        url = answer.links["next"]["url"] if "next" in answer.links else None
    assert paged == whole


async def test_filters(client: httpx.AsyncClient, database: Database) -> None:
    admin, other = await make_user(database, Role.ADMIN), await make_user(database, Role.ADMIN)
    await fill(database, other, 30)

    async def numbers(**params: Any) -> list[int]:
        return [int(row["object_id"]) for row in await traces(client, admin, **params)]

    everything = list(range(29, -1, -1))
    assert await numbers(kind="job") == everything
    assert await numbers(kind="user") == []
    assert await numbers(actor_id=other.id) == everything
    assert await numbers(actor_id="nobody") == []
    assert await numbers(object_id="7") == [7]
    # Business dates, both included: 28 hours after midnight is the second day.
    assert await numbers(date_from="2025-03-02") == list(range(29, 23, -1))
    assert await numbers(date_to="2025-03-01") == list(range(23, -1, -1))
    assert await numbers(date_from="2025-03-01", date_to="2025-03-01", actor_id=other.id) == list(range(23, -1, -1))
    assert await numbers(date_from=date.max.isoformat(), date_to=date.max.isoformat()) == []


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"date_from": "2025-03-02", "date_to": "2025-03-01"}, "date_to"),
        ({"date_from": "30 February"}, "date_from"),
        ({"cursor": "x"}, "cursor"),
        ({"kind": "x" * 201}, "kind"),
        ({"limit": 0}, "limit"),
    ],
)
async def test_a_wrong_filter_is_named(
    client: httpx.AsyncClient, database: Database, params: dict[str, Any], field: str
) -> None:
    admin = await make_user(database, Role.ADMIN)
    answer = await client.get(PATH, headers=admin.auth, params=params)
    assert (answer.status_code, answer.json()["errors"][0]["field"].split(".")[-1]) == (422, field)


@pytest.mark.parametrize("path", [PATH, f"{PATH}/actors"])
async def test_admins_of_both_ranks_only(client: httpx.AsyncClient, database: Database, path: str) -> None:
    people = {role: await make_user(database, role) for role in Role}
    blocked = await make_user(database, Role.ADMIN, blocked_pages=["audit"])
    assert (await client.get(path)).status_code == 401
    codes = {role: (await client.get(path, headers=who.auth)).status_code for role, who in people.items()}
    assert codes == {Role.STAFF: 403, Role.ADMIN: 200, Role.MASTER_ADMIN: 200}
    assert (await client.get(path, headers=blocked.auth)).status_code == 403


async def test_removed_people_can_still_be_asked_for(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, Role.ADMIN), await make_user(database)
    await ok(client, admin, "DELETE", f"/api/users/{staff.id}")
    answer = await client.get(f"{PATH}/actors", headers=admin.auth)
    assert staff.id in [row["id"] for row in answer.json()]
    removed = [row for row in await traces(client, admin, kind="user") if row["action"] == "user.removed"]
    assert [row["object_name"] for row in removed] == [staff.name]


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET actor_name = 'x'", "DELETE FROM audit_log"])
async def test_the_database_refuses_to_change_the_log(database: Database, statement: str) -> None:
    async with database.write() as session:
        await record_audit(session, "product.updated", "product", "p")
    with pytest.raises(DBAPIError, match="can only grow"):
        async with database.write() as session:
            await session.execute(text(statement))
    async with database.read() as session:
        assert (await session.scalars(text("SELECT actor_name FROM audit_log"))).all() == ["system"]


async def test_a_page_takes_two_statements(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, Role.ADMIN)
    await fill(database, admin, 3)
    for limit in (1, 3):
        async with database.read() as session:
            with recorded_statements(database) as statements:
                page = await service.list_traces(session, **NOTHING, cursor=None, limit=limit)
        assert (len(page.rows), len(statements)) == (limit, 2)
