"""The start page counts what its reader may see, once, in a fixed number of statements."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import Table, update

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.db.engine import Database
from crm_boost.identity.models import User
from crm_boost.kit.clock import frozen, utc_now
from crm_boost.uploads.models import Import, ImportState
from tests.assignments import support as engine
from tests.contacts import support as contacts
from tests.support.factories import (
    Account,
    Stored,
    count_anew,
    make_database,
    make_product,
    make_user,
    reserve_customer,
)
from tests.support.statements import recorded_statements

NOON = datetime(2025, 3, 1, 5, 0, tzinfo=UTC)
"""12:00 on 1 March in Jakarta; the business day began at 17:00 UTC the day before."""


async def set_states(database: Database, record_ids: list[str], **values: Any) -> None:
    table = cast(Table, Record.__table__)
    async with database.write() as session:
        await session.execute(update(table).where(table.c.id.in_(record_ids)).values(**values))
        await count_anew(session)


async def give(database: Database, record_ids: list[str], staff: Account, at: datetime) -> None:
    await set_states(
        database, record_ids, state=RecordState.ASSIGNED, assigned_to=staff.id, assigned_at=at, deal_rank=1
    )


async def change_database(database: Database, stored: Stored, **values: Any) -> None:
    async with database.write() as session:
        await session.execute(update(CustomerDatabase).where(CustomerDatabase.id == stored.id).values(**values))


async def add_import(database: Database, module: str, state: ImportState) -> None:
    product_id = await make_product(database)
    async with database.write() as session:
        session.add(
            Import(
                id=product_id,
                module=module,
                product_id=product_id,
                filename="a.csv",
                file_hash="",
                size_bytes=1,
                state=state,
                columns=[],
                preview_rows=[],
                sheets=[],
                created_at=utc_now(),
                created_by_name="Importer",
            )
        )


async def desk(client: httpx.AsyncClient, who: Account) -> dict[str, Any]:
    response = await client.get("/api/today", headers=who.auth)
    assert response.status_code == 200
    found: dict[str, Any] = response.json()["desk"]
    return found


async def test_the_desk_counts_every_record_once_by_state(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    normal = await make_database(database, 10, reserved=range(2))
    bonanza = await make_database(database, 4, module="bonanza")
    await give(database, normal.record_ids[2:5], staff, utc_now())
    await set_states(database, normal.record_ids[5:6], state=RecordState.ARCHIVED, assigned_to=staff.id)
    await set_states(database, normal.record_ids[6:7], state=RecordState.TRASHED)
    await set_states(database, normal.record_ids[7:8], state=RecordState.REQUESTED, held_for=staff.id)
    await give(database, bonanza.record_ids[:1], staff, utc_now())

    counted = await desk(client, admin)

    own_normal = {"total": 9, "available": 2, "requested": 1, "assigned": 3, "archived": 1, "reserved": 2}
    own_bonanza = {"total": 4, "available": 3, "requested": 0, "assigned": 1, "archived": 0, "reserved": 0}
    none = dict.fromkeys(own_normal, 0)
    assert counted["databases"] == 2
    assert counted["records"] == {name: own_normal[name] + own_bonanza[name] for name in own_normal}
    assert [(m["module"], m["databases"], m["records"]) for m in counted["modules"]] == [
        ("normal", 1, own_normal),
        ("memberwd", 0, none),
        ("bonanza", 1, own_bonanza),
    ]


@pytest.mark.parametrize(
    "values", [{"state": DatabaseState.IMPORTING}, {"state": DatabaseState.DISCARDED}, {"deleted_at": NOON}]
)
async def test_what_no_list_shows_is_not_counted(
    client: httpx.AsyncClient, database: Database, values: dict[str, Any]
) -> None:
    admin = await make_user(database, "admin")
    await change_database(database, await make_database(database, 3), **values)

    counted = await desk(client, admin)

    assert (counted["databases"], counted["records"]["total"]) == (0, 0)


async def test_a_blocked_page_is_not_counted(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin", blocked_pages=["bonanza"])
    await make_database(database, 3)
    await make_database(database, 4, module="bonanza")
    await add_import(database, "bonanza", ImportState.IMPORTING)

    counted = await desk(client, admin)

    assert (counted["databases"], counted["records"]["total"], counted["imports_running"]) == (1, 3, 0)
    assert [one["module"] for one in counted["modules"]] == ["normal", "memberwd"]


async def test_staff_count_as_online_for_five_minutes(client: httpx.AsyncClient, database: Database) -> None:
    with frozen(NOON):
        admin = await make_user(database, "admin", last_seen_at=NOON)
        for seconds in (0, 299, 300, 4000):
            await make_user(database, last_seen_at=NOON - timedelta(seconds=seconds))
        await make_user(database)
        await make_user(database, last_seen_at=NOON, is_active=False)
        await make_user(database, last_seen_at=NOON, is_active=False, deleted_at=NOON)
        counted = await desk(client, admin)

    assert (counted["staff_online"], counted["staff_active"]) == (2, 5)


async def test_running_imports_are_those_at_work(client: httpx.AsyncClient, database: Database) -> None:
    admin = await make_user(database, "admin")
    for state in ImportState:
        await add_import(database, "normal", state)

    assert (await desk(client, admin))["imports_running"] == 2


async def test_staff_count_their_own_open_records_and_those_of_this_business_day(
    client: httpx.AsyncClient, database: Database
) -> None:
    with frozen(NOON):
        staff, other = await make_user(database), await make_user(database)
        normal, bonanza = await make_database(database, 10), await make_database(database, 10, module="bonanza")
        midnight = datetime(2025, 2, 28, 17, 0, tzinfo=UTC)
        await give(database, normal.record_ids[:2], staff, midnight)
        await give(database, normal.record_ids[2:5], staff, midnight - timedelta(microseconds=1))
        await give(database, bonanza.record_ids[:1], staff, NOON)
        await give(database, bonanza.record_ids[1:5], other, NOON)
        await set_states(database, normal.record_ids[5:6], state=RecordState.ARCHIVED, assigned_to=staff.id)
        body = (await client.get("/api/today", headers=staff.auth)).json()

    assert "desk" not in body
    assert body["date"] == "2025-03-01"
    assert body["own"] == {
        "open_records": 6,
        "received_today": 3,
        "modules": [
            {"module": "normal", "open_records": 5, "received_today": 2},
            {"module": "memberwd", "open_records": 0, "received_today": 0},
            {"module": "bonanza", "open_records": 1, "received_today": 1},
        ],
    }


async def test_the_counts_are_those_of_the_lists_they_lead_to(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    stored = await make_database(database, 12)
    await make_database(database, 5)
    await give(database, stored.record_ids[:4], staff, utc_now())

    counted = (await desk(client, admin))["modules"][0]
    listed = (await client.get("/api/pools/normal/databases", headers=admin.auth)).json()
    own = (await client.get("/api/today", headers=staff.auth)).json()["own"]
    groups = (await client.get("/api/my/groups", headers=staff.auth)).json()

    assert counted["databases"] == len(listed)
    for state, column in (("total", "total_records"), ("available", "available_count"), ("assigned", "assigned_count")):
        assert counted["records"][state] == sum(one[column] for one in listed)
    assert own["open_records"] == sum(group["record_count"] for group in groups) == 4


async def test_who_may(client: httpx.AsyncClient, database: Database) -> None:
    blocked = await make_user(database, "admin", blocked_pages=["today"])
    master = await make_user(database, "master_admin")

    assert (await client.get("/api/today")).status_code == 401
    assert (await client.get("/api/today", headers=blocked.auth)).status_code == 403
    body = (await client.get("/api/today", headers=master.auth)).json()
    assert "own" not in body
    assert body["desk"]["databases"] == 0


async def test_admins_of_both_ranks_see_the_same(client: httpx.AsyncClient, database: Database) -> None:
    await make_database(database, 3)
    answers = [
        (await client.get("/api/today", headers=(await make_user(database, role)).auth)).json()
        for role in ("admin", "master_admin")
    ]

    assert answers[0] == answers[1]


async def test_the_number_of_statements_does_not_grow(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)

    async def budget(who: Account) -> int:
        with recorded_statements(database) as statements:
            await client.get("/api/today", headers=who.auth)
        return len(statements)

    before = await budget(admin), await budget(staff)
    for module in ("normal", "memberwd", "bonanza") * 3:
        stored = await make_database(database, 5, module=module)
        await give(database, stored.record_ids[:2], staff, utc_now())
    async with database.write() as session:
        await session.execute(update(User).values(last_seen_at=utc_now()))

    assert (await budget(admin), await budget(staff)) == before == (16, 11)


async def today_of(client: httpx.AsyncClient, who: Account) -> dict[str, Any]:
    response = await client.get("/api/today", headers=who.auth)
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


async def test_what_waits_is_what_the_lists_show(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff, other = await make_user(database, "admin"), await make_user(database), await make_user(database)
    stored = await make_database(database, 10)
    asked = await client.post(
        "/api/download-requests", json={"database_id": stored.id, "record_count": 3}, headers=staff.auth
    )
    assert asked.status_code in (200, 201), asked.text
    await reserve_customer(database, stored, "somebody", other.id)
    wanted = {"customer_id": "wanted", "product_id": stored.product_id}
    assert (await client.post("/api/reserved-members", json=wanted, headers=staff.auth)).status_code in (200, 201)
    form = {"product_id": stored.product_id, "record_date": "2025-01-02", "customer_id": "somebody", "nominal": 5}
    assert (await client.post("/api/omset", json=form, headers=staff.auth)).json()["approval_status"] == "pending"

    for_admin, for_staff = await today_of(client, admin), await today_of(client, staff)
    assert for_admin["waiting"] == {
        "requests": 1,
        "held_records": 3,
        "reservations": 1,
        "deposits": 1,
        "rejected_records": 0,
        "rejected_staff": 0,
    }
    assert for_staff["waiting"] == {"requests": 1, "held_records": 3, "reservations": 1, "deposits": 1}
    nothing = {"requests": 0, "held_records": 0, "reservations": 0, "deposits": 0}
    assert (await today_of(client, other))["waiting"] == nothing
    pages = {"requests": "download-requests?status=pending", "deposits": "omset/pending"}
    for name, path in pages.items():
        assert len((await client.get(f"/api/{path}", headers=admin.auth)).json()) == 1, name


async def test_turnover_stands_beside_the_span_before(client: httpx.AsyncClient, database: Database) -> None:
    with frozen(NOON):
        admin, staff, other = await make_user(database, "admin"), await make_user(database), await make_user(database)
        product = await make_product(database)
        for who, day, amount in (
            (staff, "2025-03-01", 100),
            (other, "2025-03-01", 30),
            (staff, "2025-02-28", 7),
            (staff, "2025-02-01", 5000),
            (staff, "2025-02-02", 90000),
        ):
            form = {"product_id": product, "record_date": day, "customer_id": f"c{amount}", "nominal": amount}
            assert (await client.post("/api/omset", json=form, headers=who.auth)).status_code == 200
        whole, own = (await today_of(client, admin))["deposits"], (await today_of(client, staff))["deposits"]
        blocked = await make_user(
            database, "admin", blocked_pages=["omset", "requests", "validation", "reserved", "follow-ups", "retention"]
        )
        without = await today_of(client, blocked)

    def omset(figures: dict[str, Any]) -> dict[str, int]:
        return {name: figures[name]["total_omset"] for name in ("today", "yesterday", "month", "last_month")}

    # 1 March: the month so far is beside 1 February alone.
    assert omset(whole) == {"today": 130, "yesterday": 7, "month": 130, "last_month": 5000}
    assert omset(own) == {"today": 100, "yesterday": 7, "month": 100, "last_month": 5000}
    assert whole["best_day"] == {"date": "2025-03-01", "total_omset": 130}
    assert without["waiting"] == {}
    assert without.keys().isdisjoint({"deposits", "follow_ups", "at_risk"})


async def test_who_slips_away_is_whom_the_pages_show(client: httpx.AsyncClient, database: Database) -> None:
    with frozen(NOON):
        admin, staff, other = await make_user(database, "admin"), await make_user(database), await make_user(database)
        stored = await make_database(database, 2, module="bonanza")
        await engine.pick(database, stored, staff, stored.record_ids)
        for record_id in stored.record_ids:
            await contacts.mark(database, staff, record_id, {contacts.RESPOND: "ya"})
        for days, customer in ((8, "away"), (20, "far away"), (1, "here")):
            form = {
                "product_id": stored.product_id,
                "record_date": (NOON - timedelta(days=days)).date().isoformat(),
                "customer_id": customer,
                "nominal": 5,
            }
            assert (await client.post("/api/omset", json=form, headers=staff.auth)).status_code == 200
    with frozen(NOON + timedelta(days=3)):
        for who, waiting, at_risk in ((admin, 2, 3), (staff, 2, 3), (other, 0, 0)):
            today = await today_of(client, who)
            page = (await client.get("/api/followups", headers=who.auth)).json()["summary"]
            alerts = (await client.get("/api/retention/alerts", headers=who.auth)).json()["summary"]
            assert today["follow_ups"] == {name: page[name] for name in today["follow_ups"]}
            assert today["at_risk"] == {name: alerts[name] for name in today["at_risk"]}
            assert (today["follow_ups"]["high"], today["at_risk"]["high"]) == (waiting, min(at_risk, 1))
            assert today["at_risk"]["total"] == (2 if at_risk else 0)
