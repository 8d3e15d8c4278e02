"""The one routine: every path that starts or ends a reservation, on records of every state, in every module (spec 3.2)."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import date

import httpx
import pytest
from sqlalchemy import select

from crm_boost.assignments.policies import all_policies
from crm_boost.databases.models import Record
from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from crm_boost.identity.permissions import Role
from crm_boost.reservations import service
from crm_boost.reservations.cleanup import deposit_counted, run
from crm_boost.reservations.models import ConflictEntry
from tests.assignments import support
from tests.reservations.desk import PATH, change, reserved, told
from tests.support.factories import Account, Stored, make_database, make_product, make_user, records_of

MODULES = [policy.module for policy in all_policies()]
Start = Callable[[httpx.AsyncClient, Account, Account, str, str], Awaitable[str]]


async def _create(client: httpx.AsyncClient, admin: Account, owner: Account, product: str, key: str) -> str:
    return str((await reserved(client, admin, product, key, owner))["id"])


async def _approve(client: httpx.AsyncClient, admin: Account, owner: Account, product: str, key: str) -> str:
    asked = await reserved(client, owner, product, key)
    assert (await change(client, admin, asked["id"], "approve")).status_code == 200
    return str(asked["id"])


async def _bulk(client: httpx.AsyncClient, admin: Account, owner: Account, product: str, key: str) -> str:
    body = {"customer_ids": [key], "product_id": product, "staff_id": owner.id}
    assert (await client.post(f"{PATH}/bulk", json=body, headers=admin.auth)).json()["added_count"] == 1
    listed = (await client.get(PATH, headers=admin.auth, params={"q": key})).json()
    return str(listed[0]["id"])


async def _move(client: httpx.AsyncClient, admin: Account, owner: Account, product: str, key: str) -> str:
    first = await reserved(client, admin, product, key, admin)
    assert (await change(client, admin, first["id"], "move", new_staff_id=owner.id)).status_code == 200
    return str(first["id"])


async def _restore(client: httpx.AsyncClient, admin: Account, owner: Account, product: str, key: str) -> str:
    first = await reserved(client, admin, product, key, owner)
    await client.delete(f"{PATH}/{first['id']}", headers=admin.auth)
    assert (await client.post(f"{PATH}/deleted/{first['id']}/restore", headers=admin.auth)).status_code == 200
    return str(first["id"])


async def _alias(client: httpx.AsyncClient, admin: Account, owner: Account, product: str, key: str) -> str:
    return str((await reserved(client, admin, product, "somebody", owner, aliases=[key]))["id"])


STARTS: dict[str, Start] = {
    "create": _create, "approve": _approve, "bulk": _bulk, "move": _move, "restore": _restore, "alias": _alias,
}  # fmt: skip


async def one_of_each(database: Database, stored: Stored, holder: Account, owner: Account) -> dict[str, str]:
    """Put records of customer 0..5 in every state: a record id by what it is."""
    ids = stored.record_ids
    await support.pick(database, stored, holder, [ids[1]])
    await support.pick(database, stored, owner, [ids[2]])
    for number, account in ((3, holder), (4, owner)):
        await support.put_in_state(database, ids[number], RecordState.REQUESTED, account)
    return {"available": ids[0], "held": ids[1], "own": ids[2], "requested": ids[3], "own_requested": ids[4]}


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("module", MODULES)
async def test_every_start_and_what_it_does_to_records(
    client: httpx.AsyncClient, database: Database, module: str, start: str
) -> None:
    admin, owner, holder = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    product = await make_product(database)
    stored = await make_database(database, 5, module=module, product_id=product)
    other_product = await make_database(database, 5, module=module)
    what = await one_of_each(database, stored, holder, owner)
    ids = []
    for number in range(5):
        # One path for each kind of record; the alias path can be taken once only.
        path = STARTS[start] if start != "alias" or number == 0 else STARTS["create"]
        ids.append(await path(client, admin, owner, product, f"customer{number}"))

    records = await records_of(database, stored)
    assert records[what["available"]].state == RecordState.RESERVED
    assert (records[what["held"]].state, records[what["held"]].assigned_to) == (RecordState.ASSIGNED, holder.id)
    assert (records[what["own"]].state, records[what["own"]].assigned_to) == (RecordState.ASSIGNED, owner.id)
    assert records[what["requested"]].state == RecordState.RESERVED
    # Where somebody else had the customer in between, the owner's request lost the record as well.
    kept = RecordState.RESERVED if start == "move" else RecordState.REQUESTED
    assert records[what["own_requested"]].state == kept
    assert {r.state for r in (await records_of(database, other_product)).values()} == {RecordState.AVAILABLE}
    assert (await told(client, holder)).count("reservation_conflict") >= 1
    log = (await client.get(f"{PATH}/conflicts", headers=admin.auth, params={"only_open": True})).json()
    assert [(e["record_id"], e["staff_id"], e["reserved_by_id"]) for e in log] == [(what["held"], holder.id, owner.id)]

    for reservation_id in ids:
        await client.delete(f"{PATH}/{reservation_id}", headers=admin.auth)
    records = await records_of(database, stored)
    assert records[what["available"]].state == RecordState.AVAILABLE
    assert records[what["requested"]].state == RecordState.AVAILABLE
    assert records[what["held"]].assigned_to == holder.id
    assert (await client.get(f"{PATH}/conflicts", headers=admin.auth, params={"only_open": True})).json() == []
    assert len((await client.get(f"{PATH}/conflicts", headers=admin.auth)).json()) >= 1


async def _release(client: httpx.AsyncClient, database: Database, admin: Account, owner: Account, key: str) -> None:
    (row,) = (await client.get(PATH, headers=admin.auth)).json()
    await client.delete(f"{PATH}/{row['id']}", headers=admin.auth)


async def _remove_user(client: httpx.AsyncClient, database: Database, admin: Account, owner: Account, key: str) -> None:
    answer = await client.delete(f"/api/users/{owner.id}", headers=admin.auth)
    assert answer.status_code == 200


@pytest.mark.parametrize("end", [_release, _remove_user])
async def test_an_end_frees_the_records(
    client: httpx.AsyncClient, database: Database, end: Callable[..., Awaitable[None]]
) -> None:
    admin, owner, holder = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    stored = await make_database(database, 3)
    await support.pick(database, stored, holder, [stored.record_ids[1]])
    for number in (0,):
        await reserved(client, admin, stored.product_id, f"customer{number}", owner)
    assert (await records_of(database, stored))[stored.record_ids[0]].state == RecordState.RESERVED
    await end(client, database, admin, owner, "customer0")

    assert (await records_of(database, stored))[stored.record_ids[0]].state == RecordState.AVAILABLE
    assert (await client.get(PATH, headers=admin.auth)).json() == []
    assert len((await client.get(f"{PATH}/deleted", headers=admin.auth)).json()) == 1


async def test_a_request_says_what_it_lost(client: httpx.AsyncClient, database: Database) -> None:
    admin, owner, asker = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    stored = await make_database(database, 4)
    body = {"database_id": stored.id, "record_count": 4}
    asked = (await client.post("/api/download-requests", json=body, headers=asker.auth)).json()
    await reserved(client, admin, stored.product_id, "customer2", owner)

    waiting = (await client.get(f"/api/download-requests/{asked['id']}", headers=asker.auth)).json()
    assert waiting["skipped_reserved_count"] == 1
    assert "request_lost_records" in await told(client, asker)
    given = await client.patch(f"/api/download-requests/{asked['id']}/approve", headers=admin.auth)
    assert (given.json()["assigned_count"], given.json()["skipped_reserved_count"]) == (3, 1)


async def test_moving_turns_conflicts_round(client: httpx.AsyncClient, database: Database) -> None:
    admin, first, second = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    stored = await make_database(database, 2)
    await support.pick(database, stored, second, [stored.record_ids[0]])
    row = await reserved(client, admin, stored.product_id, "customer0", first)
    assert (row["invalidated_records"], row["notified_staff_count"]) == (1, 1)
    moved = (await change(client, admin, row["id"], "move", new_staff_id=second.id)).json()

    assert (moved["invalidated_records"], moved["restored_records"]) == (0, 1)
    assert (await told(client, second)).count("reservation_conflict") == 1
    impact = await client.get(f"{PATH}/{row['id']}/impact", headers=admin.auth, params={"new_staff_id": first.id})
    assert impact.json()["conflicts"] == [{"staff_id": second.id, "staff_name": second.name, "count": 1}]


async def test_the_impact_is_what_then_happens(client: httpx.AsyncClient, database: Database) -> None:
    admin, owner, holder = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    product = await make_product(database)
    for module in MODULES:
        stored = await make_database(database, 3, module=module, product_id=product)
        if module == MODULES[0]:
            await support.pick(database, stored, holder, [stored.record_ids[0]])
    query = {"customer_id": "Customer 0", "product_id": product, "staff_id": owner.id}
    impact = (await client.get(f"{PATH}/impact", headers=admin.auth, params=query)).json()
    row = await reserved(client, admin, product, "Customer 0", owner)

    assert (impact["records"], impact["to_be_reserved"]) == (len(MODULES), len(MODULES) - 1)
    assert row["records_marked_reserved"] == impact["to_be_reserved"]
    assert row["invalidated_records"] == sum(item["count"] for item in impact["conflicts"]) == 1


async def test_hand_outs_racing_approvals_leave_no_silent_conflict(
    client: httpx.AsyncClient, database: Database
) -> None:
    admin, owner, rival = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    # The promise is 1,000 rounds; they take a minute or two, so a usual run makes do with fewer.
    rounds = int(os.environ.get("CRM_TEST_ROUNDS", "40"))
    stored = await make_database(database, rounds)
    asked = [(await reserved(client, owner, stored.product_id, f"customer{number}"))["id"] for number in range(rounds)]

    async def one_round(number: int) -> None:
        async def deal() -> None:
            await client.post(
                f"/api/pools/{stored.module}/assign",
                json={"record_ids": [stored.record_ids[number]], "staff_ids": [rival.id]},
                headers=admin.auth,
            )

        await asyncio.gather(deal(), change(client, admin, asked[number], "approve"))

    for start in range(0, rounds, 8):
        await asyncio.gather(*(one_round(number) for number in range(start, min(start + 8, rounds))))

    async with database.read() as session:
        rows = (await session.execute(select(Record.seq, Record.state, Record.assigned_to))).all()
        logged = set((await session.scalars(select(ConflictEntry.record_seq))).all())
    assert {row.state for row in rows} <= {RecordState.RESERVED, RecordState.ASSIGNED}
    assert {row.seq for row in rows if row.assigned_to == rival.id} == logged


async def test_a_deposit_brings_an_archived_reservation_back(client: httpx.AsyncClient, database: Database) -> None:
    admin, owner, other = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    stored = await make_database(database, 1)
    row = await reserved(client, admin, stored.product_id, "customer0", owner)
    await client.delete(f"{PATH}/{row['id']}", headers=admin.auth)
    day = row["created_at"][:10]
    form = {"product_id": stored.product_id, "record_date": day, "customer_id": "customer0", "nominal": 100_000}
    assert (await client.post("/api/omset", json=form, headers=other.auth)).status_code == 200
    assert (await client.get(PATH, headers=admin.auth)).json() == []
    assert (await client.post("/api/omset", json=form, headers=owner.auth)).status_code == 200

    (now,) = (await client.get(PATH, headers=admin.auth)).json()
    assert now["id"] == row["id"]
    assert (now["auto_reassigned"], now["approved_by_name"], now["created_by"], now["approved_by"]) == (
        True, "Auto-Reassignment", "system", "system",
    )  # fmt: skip
    assert now["last_omset_date"] == day
    assert (await client.get(f"{PATH}/deleted", headers=admin.auth)).json() == []
    assert (await told(client, owner))[0] == "reservation_auto_restored"
    assert (await records_of(database, stored))[stored.record_ids[0]].state == RecordState.RESERVED


async def test_nothing_comes_back_when_somebody_else_has_the_customer(
    client: httpx.AsyncClient, database: Database
) -> None:
    admin, owner, other = await make_user(database, Role.ADMIN), await make_user(database), await make_user(database)
    product = await make_product(database)
    row = await reserved(client, admin, product, "sari", owner)
    await client.delete(f"{PATH}/{row['id']}", headers=admin.auth)
    await reserved(client, admin, product, "sari", other)
    async with database.write() as session:
        assert await deposit_counted(session, product, "sari", owner.id, date(2025, 1, 1)) is None
        assert (await run(session)).over == []
        assert await service.release_all_of(session, admin.id, reason="test") == 0
