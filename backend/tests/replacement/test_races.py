"""Everybody at once on the same records: nothing but named refusals, and everything adds up afterwards."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest
from sqlalchemy import select

from crm_boost.db.engine import Database
from crm_boost.kit.errors import Problem
from crm_boost.replacement.models import InvalidAlert
from tests.assignments import support as desk
from tests.replacement import support
from tests.support.factories import make_database, make_user, records_of


async def answered(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return await work
    except Problem as error:
        return error


@pytest.mark.slow
@pytest.mark.parametrize("module", ["memberwd", "bonanza"])
async def test_any_commands_at_once_leave_a_sound_desk(database: Database, module: str) -> None:
    people = [await make_user(database, capacity=capacity) for capacity in (None, 12, 30)]
    stored = await make_database(database, 80, module=module)
    ids = stored.record_ids
    await desk.deal(database, stored, people, 30)
    await support.rule(database, module, quota=6)
    lot = random.Random(11)

    def some(count: int) -> list[str]:
        return lot.sample(ids, count)

    async def held_by(person: Any, count: int) -> list[str]:
        records = await records_of(database, stored)
        held = [i for i, r in records.items() if r.assigned_to == person.id and r.state == "assigned"]
        return held[:count] or ids[:1]

    for _ in range(5):
        work: list[Coroutine[Any, Any, Any]] = []
        for person in people:
            mine = await held_by(person, 4)
            work += [
                support.judge(database, person, mine[:2]),
                support.judge(database, person, mine[2:] or mine),
                support.judge(database, None, mine[1:2] or mine, None),
                support.work_off(database, stored, person, 2),
                desk.deal(database, stored, person, 2),
                desk.pass_on(database, stored, some(10), person),
            ]
        work += [
            desk.take_back(database, stored, some(6)),
            desk.to_trash(database, stored, some(3), force=True),
            desk.from_trash(database, stored, ids),
            desk.unarchive(database, stored, ids),
            support.dismiss(database, module),
        ]
        lot.shuffle(work)
        answers = await asyncio.gather(*(answered(one) for one in work))
        assert {a.status for a in answers if isinstance(a, Problem)} <= {404, 409}

    records = (await records_of(database, stored)).values()
    assert sum((await desk.count_states(database, stored)).values()) == 80
    held = Counter(r.assigned_to for r in records if r.state == "assigned")
    assert held[people[1].id] <= 12
    assert held[people[2].id] <= 30
    links = [r.replaced_by for r in records if r.replaced_by]
    assert len(links) == len(set(links))
    used = Counter(r.quota_key for r in await support.replacements(database) if r.by_rule)
    assert max(used.values(), default=0) <= 6
    rejected = {r.assigned_to for r in records if r.state == "assigned" and r.validation_status == "invalid"}
    async with database.read() as session:
        alerts = (await session.scalars(select(InvalidAlert.staff_id).where(InvalidAlert.status == "open"))).all()
    assert set(alerts) <= rejected
    assert len(alerts) == len(set(alerts))
