"""Each repair: tried without a trace, run, run again, undone (spec 3.5)."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from crm_boost.databases.models import Record, RecordKey
from crm_boost.db.engine import Database
from crm_boost.health.catalog import all_checks
from crm_boost.health.models import HealthRepair
from crm_boost.health.repairing import run, suspects
from tests.assignments import support
from tests.health.desk import PATH, PLANTS, Desk, make_desk
from tests.support.factories import make_user, records_of

FIXABLE = [check.name for check in all_checks() if check.repair is not None and check.name in PLANTS]
TABLES = (
    "customer_records", "record_keys", "record_history", "operations", "batches", "reserved_members", "reservation_keys",
    "reservation_events", "reservation_conflicts", "notifications", "audit_log", "health_repairs", "outbox",
)  # fmt: skip


async def everything(desk: Desk) -> dict[str, Any]:
    """Every row of every table that a repair may touch."""
    async with desk.database.read() as session:
        return {
            table: sorted(map(repr, (await session.execute(text(f"SELECT * FROM {table}"))).all())) for table in TABLES
        }


async def what_is(desk: Desk) -> list[tuple[Any, ...]]:
    """The records as they are, and by whom they are found: what an undo brings back. That they came back to the pool by it
    is how they will be drawn, and stays noted."""
    left_out = ("search_text", "came_back")
    columns = [column for column in Record.__table__.columns if column.name not in left_out]
    async with desk.database.read() as session:
        rows = (await session.execute(select(*columns).order_by(Record.seq))).all()
        keys = (
            await session.execute(select(RecordKey.customer_key, RecordKey.record_seq).order_by("record_seq"))
        ).all()
    return [tuple(row) for row in (*rows, *keys)]


@pytest.mark.parametrize("name", FIXABLE)
async def test_a_repair_is_tried_run_repeated_and_undone(
    client: httpx.AsyncClient, database: Database, name: str
) -> None:
    desk = await make_desk(client, database)
    count = await PLANTS[name](desk)
    damaged, records = await everything(desk), await what_is(desk)

    dry = await desk.post("/repair", repair_type=name, dry_run=True)

    assert await everything(desk) == damaged, "a dry run leaves nothing behind"
    assert (dry["dry_run"], dry["total_fixed"] > 0) == (True, True)
    assert dry["repairs"][0]["found"] == count
    assert "repair_id" not in dry["repairs"][0]

    done = await desk.post("/repair", repair_type=name)

    assert done["total_fixed"] == dry["total_fixed"]
    assert await desk.found() == {}, "nothing is at fault, and nothing else has become so"
    again = await desk.post("/repair", repair_type=name)
    assert (again["total_fixed"], again["repairs"][0].get("repair_id")) == (0, None)

    repair_id = done["repairs"][0]["repair_id"]
    undone = await desk.post(f"/repairs/{repair_id}/undo")

    assert undone["skipped_count"] == 0
    assert undone["undone_count"] == done["total_fixed"]
    if name == "past_grace":
        assert await desk.found() == {}, "it is back from the archive, with a fresh grace"
    else:
        assert await desk.found() == {name: count}, "the damage is back, and only that"
    if name != "foreign_batches":
        assert await what_is(desk) == records
    second = await client.post(f"{PATH}/repairs/{repair_id}/undo", headers=desk.admin.auth)
    assert (second.status_code, second.json()["code"]) == (409, "repair_undone")
    logged = await desk.get("/activity-log")
    assert [entry["type"] for entry in logged["logs"]] == ["repair_undone", "repair"]
    assert [entry["can_undo"] for entry in logged["logs"]] == [False, False]


async def test_an_undo_leaves_alone_what_somebody_touched_since(client: httpx.AsyncClient, database: Database) -> None:
    desk = await make_desk(client, database)
    await PLANTS["orphan_holders"](desk)
    done = await desk.post("/repair", repair_type="orphan_holders")
    first = desk.stored.record_ids[0]
    await support.pick(database, desk.stored, desk.holder, [first])

    undone = await desk.post(f"/repairs/{done['repairs'][0]['repair_id']}/undo")

    assert (undone["undone_count"], undone["skipped_count"]) == (1, 1)
    assert (await records_of(database, desk.stored))[first].assigned_to == desk.holder.id


async def test_what_is_put_right_between_looking_and_locking_is_left_alone(
    client: httpx.AsyncClient, database: Database
) -> None:
    desk = await make_desk(client, database)
    await PLANTS["owned_but_available"](desk)
    checks = [check for check in all_checks() if check.name == "owned_but_available"]
    async with database.read() as session:
        found = await suspects(session, checks)
    # A rival gives the record to the owner of its customer meanwhile.
    await support.pick(database, desk.stored, desk.owner, [desk.stored.record_ids[4]])

    async with database.write() as session:
        (answer,) = await run(session, found, dry_run=False)

    assert (answer["found"], answer["fixed"]) == (1, 0)
    assert (await records_of(database, desk.stored))[desk.stored.record_ids[4]].assigned_to == desk.owner.id


async def test_two_admins_repair_at_once_and_a_hand_out_runs_against_them(
    client: httpx.AsyncClient, database: Database
) -> None:
    desk = await make_desk(client, database)
    await PLANTS["orphan_holders"](desk)
    other = await make_user(database)
    ids = desk.stored.record_ids[:2]

    async def deal() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        answer = await client.post(
            "/api/pools/normal/assign", json={"record_ids": ids, "staff_ids": [other.id]}, headers=desk.admin.auth
        )
        assert answer.status_code in (200, 409), answer.text

    answers = await asyncio.gather(*(desk.post("/repair", repair_type="orphan_holders") for _ in range(2)), deal())

    fixed = [answer["total_fixed"] for answer in answers if answer is not None]
    assert sum(fixed) == 2, "each record was taken back once"
    assert await desk.found() == {}
    async with database.read() as session:
        assert sum(row.changed for row in await session.scalars(select(HealthRepair))) == 2
    states = {
        (row.state, row.assigned_to) for row in (await records_of(database, desk.stored)).values() if row.id in ids
    }
    assert states <= {("available", None), ("assigned", other.id)}


async def test_everything_at_once_and_one_module_alone(client: httpx.AsyncClient, database: Database) -> None:
    desk = await make_desk(client, database, "bonanza")
    other = await make_desk(client, database, "memberwd")
    for each in (desk, other):
        await PLANTS["product_mismatch"](each)
        await PLANTS["stale_conflicts"](each) if each is desk else None
    assert await desk.found("bonanza") == {"product_mismatch": 2, "stale_conflicts": 1}

    done = await desk.post("/repair", repair_type="all", module="bonanza")

    assert done["total_fixed"] == 3
    assert await desk.found() == {"product_mismatch": 2}
    assert await desk.found("memberwd") == {"product_mismatch": 2}


async def test_a_repeated_request_repairs_once_and_answers_the_same(
    client: httpx.AsyncClient, database: Database
) -> None:
    desk = await make_desk(client, database)
    await PLANTS["stale_conflicts"](desk)
    headers = {**desk.admin.auth, "Idempotency-Key": "once"}
    answers = [
        (await client.post(f"{PATH}/repair", params={"repair_type": "stale_conflicts"}, headers=headers)).json()
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert answers[0]["total_fixed"] == 1
