"""Handing over to another staff: one move, told to both, the work starts afresh, and back again by undo (spec 2.1)."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from crm_boost.assignments.errors import NoRoom, NotAReceiver, NotEnoughEligible, NothingMoved, UnknownRecords
from crm_boost.assignments.models import Batch
from crm_boost.contacts import service as contacts
from crm_boost.contacts.verdicts import Field, Verdict
from crm_boost.db.engine import Database
from crm_boost.identity.models import User
from crm_boost.kit.errors import Problem
from crm_boost.notifications.models import Notification
from tests.assignments import support
from tests.support.factories import Account, make_database, make_user, records_of, reserve_customer

FIELDS = ("state", "assigned_to", "assigned_at", "batch_id", "deal_rank", "validation_status", "validation_reason")
MODULES = ["normal", "memberwd", "bonanza"]


async def judged(database: Database, staff: Account, record_ids: list[str]) -> None:
    """The holder marks and rejects records."""
    async with database.write() as session:
        marks = [contacts.Mark(i, {Field.WHATSAPP: "tidak"}) for i in record_ids]
        await contacts.mark_all(session, marks, contacts.Reach(staff.id))
        await contacts.judge(session, record_ids, Verdict.INVALID, reason="wrong_number", note="busy", holder=staff.id)


async def messages(database: Database) -> list[tuple[str, str, int, bool]]:
    async with database.read() as session:
        rows = await session.scalars(select(Notification).order_by(Notification.seq))
        return [(m.user_id, m.type, m.data["count"], "batch_id" in m.data) for m in rows]


@pytest.mark.parametrize("module", MODULES)
async def test_the_new_holder_starts_afresh_and_both_are_told(database: Database, module: str) -> None:
    old, new = await make_user(database), await make_user(database)
    stored = await make_database(database, 10, module=module)
    await support.pick(database, stored, old, stored.record_ids[:6])
    await judged(database, old, stored.record_ids[:2])
    before = await records_of(database, stored)

    done = await support.pass_on(database, stored, stored.record_ids[:4], new)

    assert (done.moved, done.excluded) == (
        4,
        {"held_already": 0, "reserved": 0, "unknown": 0, "changed_meanwhile": 0},
    )
    after = await records_of(database, stored)
    batched = module != "bonanza"
    for record_id in stored.record_ids[:4]:
        record = after[record_id]
        assert (record.state, record.assigned_to, record.validation_status, record.validation_reason) == (
            "assigned",
            new.id,
            None,
            None,
        )
        assert (record.deal_rank or 0) > (before[record_id].deal_rank or 0)
        assert (record.batch_id is not None) == batched
        assert record.batch_id != before[record_id].batch_id or not batched
    assert len({after[i].batch_id for i in stored.record_ids[:4]}) == 1
    assert all(after[i].assigned_to == old.id for i in stored.record_ids[4:6])
    async with database.read() as session:
        owners = set((await session.scalars(select(Batch.staff_id))).all())
    assert owners == ({old.id, new.id} if batched else set())
    told = await messages(database)
    assert told[1:] == [(new.id, "records_assigned", 4, batched), (old.id, "records_recalled", 4, batched)]


@pytest.mark.parametrize("module", MODULES)
async def test_undo_gives_everything_back_as_it_was(database: Database, module: str) -> None:
    one, two, new = [await make_user(database) for _ in range(3)]
    stored = await make_database(database, 8, module=module)
    await support.pick(database, stored, one, stored.record_ids[:4])
    await support.pick(database, stored, two, stored.record_ids[4:])
    await judged(database, one, stored.record_ids[:2])
    before = {i: {f: getattr(r, f) for f in FIELDS} for i, r in (await records_of(database, stored)).items()}
    done = await support.pass_on(database, stored, stored.record_ids, new)
    assert done.moved == 8

    undone = await support.undo_it(database, stored, done.operation_id)

    assert (undone["undone_count"], undone["skipped_count"]) == (8, 0)
    after = {i: {f: getattr(r, f) for f in FIELDS} for i, r in (await records_of(database, stored)).items()}
    assert after == before
    told = [message for message in await messages(database) if message[1] == "records_recalled"][-1]
    assert told[0] == new.id
    assert [step[1:] for step in await support.history_of(database, stored)][-8:] == [
        ("undo_hand_over", "assigned", "assigned")
    ] * 8


async def test_what_the_new_holder_has_worked_on_stays_with_him(database: Database) -> None:
    old, new = await make_user(database), await make_user(database)
    stored = await make_database(database, 4)
    await support.pick(database, stored, old, stored.record_ids)
    done = await support.pass_on(database, stored, stored.record_ids, new)
    await judged(database, new, stored.record_ids[:1])
    await support.take_back(database, stored, stored.record_ids[1:2])
    await reserve_customer(database, stored, "customer2", new.id)

    undone = await support.undo_it(database, stored, done.operation_id)

    assert (undone["undone_count"], undone["skipped_count"]) == (1, 3)
    holders = [r.assigned_to for r in (await records_of(database, stored)).values()]
    assert holders == [new.id, None, new.id, old.id]


async def test_undo_obeys_the_rules_for_the_former_holder(database: Database) -> None:
    gone, full, new = [await make_user(database) for _ in range(3)]
    stored = await make_database(database, 8)
    await support.pick(database, stored, gone, stored.record_ids[:4])
    await support.pick(database, stored, full, stored.record_ids[4:])
    done = await support.pass_on(database, stored, stored.record_ids, new)
    async with database.write() as session:
        await session.execute(update(User).where(User.id == gone.id).values(is_active=False))
        await session.execute(update(User).where(User.id == full.id).values(capacity=1))

    undone = await support.undo_it(database, stored, done.operation_id)

    assert (undone["undone_count"], undone["skipped_count"]) == (1, 7)


async def test_what_cannot_move_is_said(database: Database) -> None:
    old, new, owner = await make_user(database), await make_user(database), await make_user(database, name="Owner")
    stored = await make_database(database, 8)
    await support.pick(database, stored, old, stored.record_ids[:4])
    await support.pick(database, stored, new, stored.record_ids[4:5])
    await reserve_customer(database, stored, "customer0", owner.id)
    await reserve_customer(database, stored, "customer1", new.id)

    done = await support.pass_on(database, stored, [*stored.record_ids[:7], "unknown"], new)

    assert done.moved == 3
    assert done.as_answer()["excluded"] == [
        {"reason": "available", "count": 2},
        {"reason": "held_already", "count": 1},
        {"reason": "reserved", "count": 1},
        {"reason": "unknown", "count": 1},
    ]
    assert done.blocked == [{"record_id": stored.record_ids[0], "customer": "customer0", "reserved_by": "Owner"}]
    with pytest.raises(NotEnoughEligible) as refused:
        await support.pass_on(database, stored, stored.record_ids[:1], new)
    assert refused.value.extras["blocked_records"] == done.blocked
    # The owner himself may have it.
    assert (await support.pass_on(database, stored, stored.record_ids[:1], owner)).moved == 1
    with pytest.raises(NothingMoved):
        await support.pass_on(database, stored, stored.record_ids[4:7], new)
    with pytest.raises(UnknownRecords):
        await support.pass_on(database, stored, ["unknown"], new)


async def test_only_who_can_receive_and_has_room(database: Database) -> None:
    old, admin = await make_user(database), await make_user(database, "admin")
    idle, small = await make_user(database, is_active=False), await make_user(database, capacity=2)
    stored = await make_database(database, 5)
    await support.pick(database, stored, old, stored.record_ids)

    for nobody in (admin, idle):
        with pytest.raises(NotAReceiver):
            await support.pass_on(database, stored, stored.record_ids, nobody)
    with pytest.raises(NoRoom) as refused:
        await support.pass_on(database, stored, stored.record_ids[:3], small)
    assert refused.value.extras["room"] == 2
    assert (await support.pass_on(database, stored, stored.record_ids[:2], small)).moved == 2
    assert {r.assigned_to for r in (await records_of(database, stored)).values()} == {old.id, small.id}


async def test_room_holds_when_everybody_hands_over_at_once(database: Database) -> None:
    old, small = await make_user(database), await make_user(database, capacity=7)
    stored = await make_database(database, 30)
    await support.pick(database, stored, old, stored.record_ids)

    async def one(i: int) -> Any:
        try:
            return await support.pass_on(database, stored, stored.record_ids[i * 3 : i * 3 + 3], small)
        except Problem as error:
            return error

    answers = await asyncio.gather(*(one(i) for i in range(10)))

    held = [r for r in (await records_of(database, stored)).values() if r.assigned_to == small.id]
    assert len(held) == 6
    assert sum(isinstance(answer, NoRoom) for answer in answers) == 8


async def test_over_http(database: Database, client: httpx.AsyncClient) -> None:
    admin, old, new = await make_user(database, "admin"), await make_user(database), await make_user(database)
    barred = await make_user(database, "admin", blocked_pages=["bonanza"])
    stored = await make_database(database, 5, module="bonanza")
    await support.pick(database, stored, old, stored.record_ids)
    address = "/api/pools/bonanza/hand-over"
    body = {"record_ids": stored.record_ids[:3], "staff_id": new.id}

    assert (await client.post(address, json=body)).status_code == 401
    for account in (old, barred):
        assert (await client.post(address, json=body, headers=account.auth)).status_code == 403
    headers = {**admin.auth, "Idempotency-Key": "once"}
    first = await client.post(address, json=body, headers=headers)
    again = await client.post(address, json=body, headers=headers)

    assert (first.status_code, first.json()["moved_count"], first.json()["blocked_records"]) == (200, 3, [])
    assert again.json() == first.json()
    undone = await client.post(f"/api/operations/{first.json()['operation_id']}/undo", headers=admin.auth)
    assert undone.json()["undone_count"] == 3
    for bad, status, field in (
        ({**body, "record_ids": []}, 422, "record_ids"),
        ({**body, "staff_id": admin.id}, 422, "staff_id"),
        ({**body, "staff_id": "unknown"}, 404, "staff_id"),
        ({**body, "record_ids": ["unknown"]}, 404, None),
        ({**body, "record_ids": stored.record_ids[:1], "staff_id": old.id}, 409, "record_ids"),
        ({**body, "surprise": 1}, 422, "surprise"),
    ):
        answer = await client.post(address, json=bad, headers=admin.auth)
        assert answer.status_code == status, answer.text
        assert field in [e["field"] for e in answer.json().get("errors", [])] or field is None
    elsewhere = await client.post("/api/pools/normal/hand-over", json=body, headers=admin.auth)
    assert elsewhere.status_code == 404
