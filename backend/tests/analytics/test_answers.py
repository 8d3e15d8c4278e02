"""Drill-downs and preferences over HTTP: who may, what is asked wrongly, pages, the charts behind filters; and a mark and
a deposit that meet."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, update

from crm_boost.analytics import rebuild, rebuild_repository
from crm_boost.analytics.models import RESPONSE_COUNTS, WorkDay, WorkItem
from crm_boost.analytics.registry import METRICS
from crm_boost.contacts.verdicts import Field
from crm_boost.db.engine import Database
from crm_boost.deposits import booking
from crm_boost.deposits.schemas import DepositForm
from crm_boost.kit.clock import frozen
from tests.analytics.world import principal
from tests.assignments.support import deal, undo_it
from tests.contacts.support import mark
from tests.support.factories import Account, Stored, make_database, make_user
from tests.support.statements import recorded_statements

NOON = datetime(2025, 3, 15, 5, tzinfo=UTC)
TODAY = date(2025, 3, 15)
LAYOUT = "/api/user/preferences/widget-layout"
BEHIND: dict[str, dict[str, Any]] = {
    "response-time": {"staff_id": "nobody"},
    "followup-detail": {"staff_id": "nobody"},
    "lifecycle": {"staff_id": "nobody"},
    "work-done": {},
    "product-staff": {"product_id": "nothing"},
    "staff-customers": {"staff_id": "nobody"},
    "date-deposits": {"date": "2025-03-15"},
    "weekday-deposits": {"staff_id": "nobody", "weekday": 0},
}


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with frozen(NOON):
        yield


async def ask(client: httpx.AsyncClient, who: Account, path: str, **params: Any) -> httpx.Response:
    return await client.get(f"/api/analytics/{path}", headers=who.auth, params=params or None)


async def told(client: httpx.AsyncClient, who: Account, path: str, **params: Any) -> dict[str, Any]:
    answer = await ask(client, who, path, **params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def book(
    database: Database, who: Account, product_id: str, customer: str, day: date, nominal: int = 1000
) -> None:
    form = {"product_id": product_id, "record_date": day.isoformat(), "customer_id": customer, "nominal": nominal}
    async with database.write() as session:
        await booking.book(session, principal(who), DepositForm.model_validate(form))


async def test_only_admins_open_marks(client: httpx.AsyncClient, database: Database) -> None:
    staff, admin = await make_user(database), await make_user(database, "admin")
    for name, params in BEHIND.items():
        path = f"drill-down/{name}"
        assert (await client.get(f"/api/analytics/{path}", params=params)).status_code == 401
        assert (await ask(client, staff, path, **params)).status_code == 403
        found = await told(client, admin, path, **params)
        assert [value for value in found.values() if isinstance(value, list)] == [[]]
        for missing in params:
            answer = await ask(client, admin, path, **{key: params[key] for key in params if key != missing})
            assert answer.status_code == 422
            assert missing in {error["field"].rpartition(".")[2] for error in answer.json()["errors"]}
    for name, wrong in (("date-deposits", {"date": "yesterday"}), ("date-deposits", {"date": "2025-13"})):
        answer = await ask(client, admin, f"drill-down/{name}", **wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "date")


async def test_a_layout_is_of_one_person_and_of_known_charts(client: httpx.AsyncClient, database: Database) -> None:
    staff, admin, other = [await make_user(database, role) for role in ("staff", "admin", "admin")]
    assert (await client.get(LAYOUT)).status_code == (await client.put(LAYOUT, json={})).status_code == 401
    assert (await client.get(LAYOUT, headers=staff.auth)).status_code == 403
    assert (await client.put(LAYOUT, headers=staff.auth, json={})).status_code == 403
    listed = (await ask(client, admin, "metrics")).json()
    assert [metric["slug"] for metric in listed] == list(METRICS) and len(METRICS) == 18
    wanted = {"widget_order": ["deposit-trends", "ndp-vs-rdp"], "hidden": ["whatsapp-mix"]}
    stored = await client.put(LAYOUT, headers=admin.auth, json=wanted)
    again = await client.get(LAYOUT, headers=admin.auth)
    assert stored.json() == again.json()
    assert again.json()["widget_order"][:2] == wanted["widget_order"]
    assert sorted(again.json()["widget_order"]) == sorted(METRICS)
    assert again.json()["hidden"] == ["whatsapp-mix"]
    fresh = (await client.get(LAYOUT, headers=other.auth)).json()
    assert fresh == {"widget_order": list(METRICS), "hidden": []}
    for body, field in (
        ({"widget_order": ["made-up"]}, "widget_order"),
        ({"hidden": ["deposit-trends", "deposit-trends"]}, "hidden"),
        ({"hidden": "all"}, "hidden"),
    ):
        answer = await client.put(LAYOUT, headers=admin.auth, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["field"].rpartition(".")[2]) == (422, field)


async def test_pages_join_to_the_whole_and_filters_filter(client: httpx.AsyncClient, database: Database) -> None:
    admin, one, two = await make_user(database, "admin"), await make_user(database), await make_user(database)
    stored = await make_database(database, 12)
    for number in range(7):
        who = one if number % 3 else two
        await book(database, who, stored.product_id, f"c{number}", TODAY - timedelta(days=number % 4), 1000 + number)
    await deal(database, stored, one, 6)
    path, seen = "drill-down/date-deposits", []
    query: dict[str, Any] = {"date": "2025-03", "granularity": "monthly", "limit": 3, "sort": "amount", "order": "asc"}
    answer = await ask(client, admin, path, **query)
    while True:
        assert answer.headers["X-Total-Count"] == "7"
        seen += answer.json()["deposits"]
        if "Link" not in answer.headers:
            break
        following = answer.headers["Link"].partition("<")[2].partition(">")[0]
        answer = await client.get(following, headers=admin.auth)
    assert [row["amount"] for row in seen] == [1000 + number for number in range(7)]
    assert all(row["customer_name"] is not None and row["id"] for row in seen)
    for filters, count in (
        ({"staff_id": one.id}, 4),
        ({"product_id": stored.product_id}, 7),
        ({"product_id": "nothing"}, 0),
        ({"type": "RDP"}, 0),
        ({"period": "yesterday"}, 2),
        ({"period": "today"}, 2),
        ({"period": "custom", "custom_start": "2025-03-12", "custom_end": "2025-03-13"}, 3),
    ):
        found = await told(client, admin, path, date="2025-03", **filters)
        assert found["total_count"] == len(found["deposits"]) == count, filters
    trend = await told(client, admin, "deposit-trends", period="yesterday")
    assert [(row["date"], row["count"]) for row in trend["chart_data"]] == [("2025-03-14", 2)]
    week = await told(client, admin, "deposit-trends", period="week", granularity="weekly")
    assert [(row["date"], row["partial"]) for row in week["chart_data"]] == [("2025-03-03", True), ("2025-03-10", True)]
    compared = await told(client, admin, "business", period="today", compare=True)
    assert compared["previous"]["end_date"] == "2025-03-14"
    assert compared["previous"]["summary"]["total_records"] == 2
    use = compared["database_utilization"]
    assert [(row["total_records"], row["assigned_count"], row["utilization"]) for row in use] == [(12, 6, 50.0)]
    mine = await told(client, admin, "business", staff_id=two.id)
    assert [row["assigned_count"] for row in mine["database_utilization"]] == [0]


async def _handed_out(database: Database) -> tuple[Account, Stored]:
    staff = await make_user(database)
    stored = await make_database(database, 10)
    await deal(database, stored, staff, 10)
    return staff, stored


async def test_a_mark_and_a_deposit_at_the_same_time(database: Database) -> None:
    staff, stored = await _handed_out(database)
    for number in range(6):
        record = stored.record_ids[number]
        await asyncio.gather(
            mark(database, staff, record, {Field.RESPOND: "ya"}),
            book(database, staff, stored.product_id, f"customer{number}", TODAY),
        )
    async with database.read() as session:
        found = (await session.execute(select(WorkItem.deposited_on))).scalars().all()
        assert found == [TODAY] * 6
        assert not await rebuild_repository.drifts(session)


async def test_a_hand_out_taken_back_untouched_is_none(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    stored = await make_database(database, 10)
    done = await deal(database, stored, staff, 4)
    assert (await told(client, admin, "staff-performance"))["summary"]["records_in_period"] == 4
    await undo_it(database, stored, done.operation_id)
    assert (await told(client, admin, "staff-performance"))["summary"]["records_in_period"] == 0
    assert (await told(client, admin, "staff-conversion-funnel"))["funnel_data"] == []


async def test_damage_is_found_and_put_right(database: Database) -> None:
    staff, stored = await _handed_out(database)
    for number in range(4):
        await mark(database, staff, stored.record_ids[number], {Field.WHATSAPP: "ada", Field.RESPOND: "ya"})
    await book(database, staff, stored.product_id, "customer1", TODAY)
    damages: list[Any] = [
        update(WorkDay).values(assigned=WorkDay.assigned + 1),
        update(WorkDay).values(done_yes=0),
        delete(WorkDay),
        update(RESPONSE_COUNTS).where(RESPONSE_COUNTS.c.scope == "").values(n00=0),
        delete(RESPONSE_COUNTS),
        update(WorkItem).values(deposited_on=None),
        update(WorkItem).values(wa_status="tidak"),
        delete(WorkItem),
    ]
    for damage in damages:
        async with database.write() as session:
            await session.execute(damage)
        async with database.read() as session:
            assert await rebuild_repository.drifts(session), damage
        changed = await rebuild.check(database)
        assert sum(changed.values()) > 0
        async with database.read() as session:
            assert not await rebuild_repository.drifts(session)
    assert await rebuild.check(database) == {"hand_outs": 0, "figures": 0}


async def test_the_number_of_statements_does_not_follow_the_rows(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    paths = (
        *("business", "staff-performance", "staff-conversion-funnel", "deposit-lifecycle", "deposit-trends"),
        *("response-time-by-staff", "followup-effectiveness", "customer-value-comparison", "revenue-heatmap"),
        *("drill-down/work-done", "drill-down/date-deposits?date=2025-03", "drill-down/response-time?staff_id={}"),
        *("drill-down/followup-detail?staff_id={}", "drill-down/staff-customers?staff_id={}"),
    )
    counts: list[dict[str, int]] = []
    # Who looks at customers for the first time is asked about more than later on.
    await told(client, admin, "drill-down/work-done")
    for _ in range(2):
        staff, stored = await _handed_out(database)
        for number in range(3 + 4 * len(counts)):
            await mark(database, staff, stored.record_ids[number], {Field.WHATSAPP: "ada", Field.RESPOND: "ya"})
            await book(database, staff, stored.product_id, f"customer{number}", TODAY)
        found = {}
        for path in paths:
            with recorded_statements(database) as statements:
                await told(client, admin, path.format(staff.id))
            found[path] = len(statements)
        counts.append(found)
    assert counts[0] == counts[1]
    assert max(counts[0].values()) <= 9, counts[0]


async def test_leafing_through_customers_is_counted(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    staff, stored = await _handed_out(database)
    limits = await client.put("/api/settings/access-limits", json={"rows_per_hour": 8}, headers=admin.auth)
    assert limits.status_code == 200
    statuses = []
    for offset in (0, 0, 5, 5, 0, 5):
        wanted = {"staff_id": staff.id, "limit": 5, "offset": offset}
        statuses.append((await ask(client, admin, "drill-down/response-time", **wanted)).status_code)
    # A first screen costs nothing; what comes after it does.
    assert statuses == [200, 200, 200, 200, 200, 429]
    assert stored.record_ids
