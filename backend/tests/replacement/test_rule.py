"""The rule that replaces rejected records inside the call that rejects them (spec 2.5)."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import update

from crm_boost.assignments.repositories.moves import Move, move
from crm_boost.contacts.errors import UnknownContacts, UnknownReason
from crm_boost.db.engine import Database
from crm_boost.identity.models import User
from crm_boost.replacement import validate as verb
from tests.assignments import support as desk
from tests.replacement import support
from tests.support.factories import Stored, make_database, make_user, records_of, reserve_customer

MODULES = ["normal", "memberwd", "bonanza"]


async def linked(database: Database, stored: Stored) -> dict[str, str]:
    return {i: r.replaced_by for i, r in (await records_of(database, stored)).items() if r.replaced_by}


@pytest.mark.parametrize("module", MODULES)
async def test_each_rejected_record_is_replaced_one_to_one(database: Database, module: str) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 20, module=module)
    held = stored.record_ids[:5]
    await desk.pick(database, stored, staff, held)
    await support.rule(database, module)

    done = await support.judge(database, staff, held[:3], note="rang twice")

    records = await records_of(database, stored)
    links = await linked(database, stored)
    assert (done["updated_count"], done["auto_replaced"], done["replacement_failed"]) == (3, 3, 0)
    assert "replacement_message" not in done
    assert done["replacement_details"] == [{"record_id": i, "replaced_by": links[i]} for i in held[:3]]
    for record_id, replacement in links.items():
        old, new = records[record_id], records[replacement]
        assert (old.state, old.assigned_to, old.validation_status, old.validation_reason) == (
            "invalid_archived",
            staff.id,
            "invalid",
            "wrong_number",
        )
        assert (new.state, new.assigned_to, new.batch_id, new.validation_status) == (
            "assigned",
            staff.id,
            old.batch_id,
            None,
        )
    assert len(set(links.values())) == 3
    shown = {row["id"]: row["status"] for row in done["records"]}
    assert shown == {**dict.fromkeys(held[:3], "invalid_archived"), **dict.fromkeys(links.values(), "assigned")}
    assert all("row_number" not in row for row in done["records"])
    rows = await support.replacements(database)
    assert {(r.by_rule, r.module, r.staff_id, r.database_id) for r in rows} == {(True, module, staff.id, stored.id)}
    seqs = {i: stored.seq_of(i) for i in stored.record_ids}
    assert {(r.archived_seq, r.dealt_seq) for r in rows} == {(seqs[a], seqs[b]) for a, b in links.items()}
    # What was replaced waits for nobody.
    assert await support.alert_states(database) == []


async def test_the_rule_is_off_until_somebody_switches_it_on(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 5)
    await desk.pick(database, stored, staff, stored.record_ids[:2])

    done = await support.judge(database, staff, stored.record_ids[:2])

    assert (done["auto_replaced"], done["replacement_failed"], done["replacement_details"]) == (0, 0, [])
    assert await desk.count_states(database, stored) == {"available": 3, "assigned": 2}


async def test_the_rule_of_one_module_says_nothing_about_another(database: Database) -> None:
    staff = await make_user(database)
    one, two = await make_database(database, 5, module="memberwd"), await make_database(database, 5, module="bonanza")
    for stored in (one, two):
        await desk.pick(database, stored, staff, stored.record_ids[:2])
    await support.rule(database, "bonanza")

    done = await support.judge(database, staff, [*one.record_ids[:2], *two.record_ids[:2]])

    assert (done["updated_count"], done["auto_replaced"]) == (4, 2)
    assert await linked(database, one) == {}
    assert set(await linked(database, two)) == set(two.record_ids[:2])
    assert await support.alert_states(database) == [(staff.id, "open")]


async def test_the_same_again_changes_nothing_and_is_told_the_same(database: Database) -> None:
    """Rejecting the same record three times gives one replacement."""
    staff = await make_user(database)
    stored = await make_database(database, 10, module="memberwd")
    await desk.pick(database, stored, staff, stored.record_ids[:2])
    await support.rule(database, "memberwd")
    first = await support.judge(database, staff, stored.record_ids[:1])
    before = await support.everything(database)

    for _ in range(2):
        again = await support.judge(database, staff, stored.record_ids[:1])
        assert again["updated_count"] == again["auto_replaced"] == 0
        assert again["replacement_details"] == first["replacement_details"]
        assert again["success"] and again["validation_status"] == "invalid"

    assert await support.everything(database) == before
    assert len(await support.replacements(database)) == 1


@pytest.mark.parametrize("module", MODULES)
async def test_the_quota_is_for_the_life_of_a_batch(database: Database, module: str) -> None:
    """Per batch, or per staff and database where there are no batches; what admins replace does not count."""
    staff, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 60, module=module)
    ids = stored.record_ids
    await desk.pick(database, stored, staff, ids[:10])
    await desk.pick(database, stored, staff, ids[10:15])
    await desk.pick(database, stored, other, ids[15:20])
    await support.rule(database, module, quota=3)

    first = await support.judge(database, staff, ids[:2])
    assert first["auto_replaced"] == 2
    await support.judge(database, staff, ids[9:10], reason="duplicate")
    last = await support.judge(database, staff, ids[2:5])
    elsewhere = await support.judge(database, staff, ids[10:12])
    others = await support.judge(database, other, ids[15:17])

    assert (last["auto_replaced"], last["replacement_failed"]) == (0, 3)
    assert [d["failed"] for d in last["replacement_details"]] == ["quota"] * 3
    assert "quota" in last["replacement_message"]
    assert elsewhere["auto_replaced"] == (0 if module == "bonanza" else 2)
    assert others["auto_replaced"] == 2
    records = await records_of(database, stored)
    assert {(records[i].state, records[i].validation_status) for i in ids[2:5]} == {("assigned", "invalid")}


async def test_a_restored_record_gives_no_quota_back(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 30, module="memberwd")
    await desk.pick(database, stored, staff, stored.record_ids[:5])
    await support.rule(database, "memberwd", quota=2)
    await support.judge(database, staff, stored.record_ids[:2])
    await desk.unarchive(database, stored, stored.record_ids[:2])

    assert (await support.judge(database, staff, stored.record_ids[2:3]))["replacement_failed"] == 1


async def test_what_admins_replace_uses_no_quota(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 30, module="memberwd")
    await desk.pick(database, stored, staff, stored.record_ids[:6])
    await support.judge(database, staff, stored.record_ids[:4])
    assert (await support.work_off(database, stored, staff, 4))["new_assigned_count"] == 4
    await support.rule(database, "memberwd", quota=2)

    assert (await support.judge(database, staff, stored.record_ids[4:6]))["auto_replaced"] == 2
    assert Counter(r.by_rule for r in await support.replacements(database)) == {False: 4, True: 2}


async def test_what_cannot_be_replaced_stays_and_the_answer_says_why(database: Database) -> None:
    staff, owner = await make_user(database), await make_user(database)
    stored = await make_database(database, 8, module="bonanza", reserved=range(6, 7))
    await reserve_customer(database, stored, "customer6", owner.id)
    await desk.pick(database, stored, staff, stored.record_ids[:6])
    await support.rule(database, "bonanza")

    done = await support.judge(database, staff, stored.record_ids[:3])

    assert (done["auto_replaced"], done["replacement_failed"]) == (1, 2)
    assert [d.get("failed") for d in done["replacement_details"]] == [None, "none_left", "none_left"]
    assert await desk.count_states(database, stored) == {"assigned": 6, "invalid_archived": 1, "reserved": 1}
    assert await support.alert_states(database) == [(staff.id, "open")]


async def test_a_replacement_fills_the_place_of_the_one_it_replaces(database: Database) -> None:
    """Whoever is full gets it; whoever is above a capacity that was lowered meanwhile does not."""
    staff = await make_user(database, capacity=4)
    stored = await make_database(database, 20)
    await desk.pick(database, stored, staff, stored.record_ids[:4])
    await support.rule(database, "normal")

    assert (await support.judge(database, staff, stored.record_ids[:2]))["auto_replaced"] == 2
    async with database.write() as session:
        await session.execute(update(User).where(User.id == staff.id).values(capacity=3))
    refused = await support.judge(database, staff, stored.record_ids[2:3])

    assert refused["replacement_details"] == [{"record_id": stored.record_ids[2], "failed": "no_room"}]
    assert (await desk.count_states(database, stored))["assigned"] == 4


async def test_who_cannot_receive_gets_no_replacement(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 20)
    await desk.pick(database, stored, staff, stored.record_ids[:4])
    await support.rule(database, "normal")
    async with database.write() as session:
        await session.execute(update(User).where(User.id == staff.id).values(is_active=False))

    done = await support.judge(database, None, stored.record_ids[:1])

    assert done["replacement_details"] == [{"record_id": stored.record_ids[0], "failed": "not_a_receiver"}]


async def test_a_record_can_replace_again_after_it_came_back(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 3, module="bonanza")
    first, second, spare = stored.record_ids
    await desk.pick(database, stored, staff, [first, second])
    await support.rule(database, "bonanza")
    await support.judge(database, staff, [first])
    assert await linked(database, stored) == {first: spare}
    await desk.take_back(database, stored, [spare])

    done = await support.judge(database, staff, [second])

    assert done["replacement_details"] == [{"record_id": second, "replaced_by": spare}]
    assert await linked(database, stored) == {second: spare}
    assert len(await support.replacements(database)) == 2


async def test_others_verdicts_and_cleared_ones_replace_nothing(database: Database) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 10)
    await desk.pick(database, stored, staff, stored.record_ids[:2])
    await support.judge(database, staff, stored.record_ids[:1])
    await support.rule(database, "normal")

    assert (await support.judge(database, staff, stored.record_ids[1:2], True))["auto_replaced"] == 0
    # Another reason for what is rejected already is a change of the verdict, not a new one.
    changed = await support.judge(database, staff, stored.record_ids[:1], reason="duplicate")
    assert (changed["updated_count"], changed["auto_replaced"]) == (1, 0)
    cleared = await support.judge(database, staff, stored.record_ids[:1], None)
    assert (cleared["validation_status"], cleared["updated_count"]) == (None, 1)
    assert await support.replacements(database) == []
    # Rejected anew, it is replaced.
    assert (await support.judge(database, staff, stored.record_ids[:1]))["auto_replaced"] == 1


async def test_all_or_nothing(database: Database) -> None:
    staff, other = await make_user(database), await make_user(database)
    stored = await make_database(database, 10)
    await desk.pick(database, stored, staff, stored.record_ids[:2])
    await desk.pick(database, stored, other, stored.record_ids[2:4])
    await support.rule(database, "normal")
    before = await support.everything(database)

    with pytest.raises(UnknownContacts):
        await support.judge(database, staff, stored.record_ids[:4])
    with pytest.raises(UnknownReason):
        await support.judge(database, staff, stored.record_ids[:2], reason="no such reason")
    assert await support.everything(database) == before


class Fault(Exception):
    """Thrown in the middle of a judgement."""


@pytest.mark.parametrize("step", ["archive", "link", "alert"])
async def test_a_fault_between_the_steps_leaves_nothing_behind(
    database: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Dealt, archived and linked are one transaction: there is no replacement without its archived record."""
    staff = await make_user(database)
    stored = await make_database(database, 10, module="memberwd")
    await desk.pick(database, stored, staff, stored.record_ids[:4])
    await support.rule(database, "memberwd", quota=1)
    before = await support.everything(database)
    reached: list[str] = []

    async def faulty_move(session: Any, wanted: Move) -> list[int]:
        reached.append(wanted.transition.command)
        if wanted.transition.command == "archive" and step == "archive":
            raise Fault
        return await move(session, wanted)

    async def faulty(*_arguments: Any, **_options: Any) -> None:
        raise Fault

    monkeypatch.setattr("crm_boost.assignments.archive.move", faulty_move)
    if step == "link":
        monkeypatch.setattr(verb, "link", faulty)
    if step == "alert":
        monkeypatch.setattr(verb, "reconcile_rows", faulty)
    with pytest.raises(Fault):
        await support.judge(database, staff, stored.record_ids[:2])

    assert reached == ["assign", "archive"]
    assert await support.everything(database) == before
    monkeypatch.undo()
    assert (await support.judge(database, staff, stored.record_ids[:2]))["auto_replaced"] == 1


@pytest.mark.parametrize("module", ["memberwd", "bonanza"])
async def test_twenty_at_once_never_exceed_the_quota(database: Database, module: str) -> None:
    staff = await make_user(database)
    stored = await make_database(database, 100, module=module)
    await desk.pick(database, stored, staff, stored.record_ids[:20])
    await support.rule(database, module, quota=5)

    answers = await asyncio.gather(*(support.judge(database, staff, [i]) for i in stored.record_ids[:20]))

    assert sum(answer["auto_replaced"] for answer in answers) == 5
    assert Counter(d.get("failed") for a in answers for d in a["replacement_details"]) == {None: 5, "quota": 15}
    assert len(await support.replacements(database)) == 5
    assert len(await linked(database, stored)) == 5
    assert await desk.count_states(database, stored) == {"available": 75, "assigned": 20, "invalid_archived": 5}
    assert await support.alert_states(database) == [(staff.id, "open")]


async def test_the_last_records_go_to_one_each_when_many_reject_at_once(database: Database) -> None:
    """Several people, one database with three records left, and hand-outs beside them."""
    people = [await make_user(database, capacity=10) for _ in range(4)]
    stored = await make_database(database, 27, module="memberwd")
    for i, person in enumerate(people):
        await desk.pick(database, stored, person, stored.record_ids[i * 6 : i * 6 + 6])
    await support.rule(database, "memberwd", quota=100)

    async def deal() -> int:
        from crm_boost.kit.errors import Problem

        try:
            return (await desk.deal(database, stored, people[0], 1)).assigned
        except Problem:
            return 0

    judging = [
        support.judge(database, person, stored.record_ids[i * 6 + j * 2 : i * 6 + j * 2 + 2])
        for i, person in enumerate(people)
        for j in range(3)
    ]
    results = await asyncio.gather(deal(), *judging)

    dealt, answers = results[0], results[1:]
    replaced = sum(answer["auto_replaced"] for answer in answers)
    assert dealt + replaced == 3
    links = await linked(database, stored)
    assert len(set(links.values())) == len(links) == replaced
    states = await desk.count_states(database, stored)
    assert states == {"assigned": 27 - replaced, **({"invalid_archived": replaced} if replaced else {})}
