"""One alert per staff and module: opened when somebody rejects, resolved when nothing is left, told once (spec 2.5)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.trash import trash_database
from crm_boost.db.engine import Database
from crm_boost.db.outbox import OutboxMessage
from crm_boost.identity.events import UserRemoved
from tests.assignments import support as desk
from tests.replacement import support
from tests.support.factories import Account, Stored, make_database, make_user


class World:
    admin: Account
    staff: Account
    other: Account
    stored: Stored
    held: list[str]


@pytest.fixture
async def world(database: Database) -> World:
    """A staff has rejected two of four records; one alert is open."""
    made = World()
    made.admin, made.staff, made.other = [await make_user(database, role) for role in ("admin", "staff", "staff")]
    made.stored = await make_database(database, 10, module="memberwd")
    made.held = made.stored.record_ids[:4]
    await desk.pick(database, made.stored, made.staff, made.held)
    await support.judge(database, made.staff, made.held[:2])
    assert await support.alert_states(database) == [(made.staff.id, "open")]
    return made


async def _cleared(database: Database, world: World) -> None:
    await support.judge(database, world.staff, world.held[:2], None)


async def _judged_valid_by_an_admin(database: Database, world: World) -> None:
    await support.judge(database, None, world.held[:2], True)


async def _recalled(database: Database, world: World) -> None:
    await desk.take_back(database, world.stored, world.held)


async def _archived(database: Database, world: World) -> None:
    await desk.archive_them(database, world.stored, world.held[:2])


async def _processed(database: Database, world: World) -> None:
    await support.work_off(database, world.stored, world.staff, 2)


async def _returned(database: Database, world: World) -> None:
    await support.give_back(database, world.stored, world.held[:2])


async def _handed_over(database: Database, world: World) -> None:
    await desk.pass_on(database, world.stored, world.held, world.other)


async def _trashed(database: Database, world: World) -> None:
    await desk.to_trash(database, world.stored, world.held, force=True)


async def _database_trashed(database: Database, world: World) -> None:
    async with database.write() as session:
        await trash_database(session, policy_of("memberwd"), world.stored.id, force=True)


async def _holder_removed(database: Database, world: World) -> None:
    async with database.write() as session:
        await session.emit(UserRemoved(world.staff.id, {}))


WAYS: list[Callable[[Database, World], Awaitable[None]]] = [
    _cleared,
    _judged_valid_by_an_admin,
    _recalled,
    _archived,
    _processed,
    _returned,
    _handed_over,
    _trashed,
    _database_trashed,
    _holder_removed,
]


@pytest.mark.parametrize("way", WAYS)
async def test_it_is_resolved_when_nothing_is_left(
    database: Database, world: World, way: Callable[[Database, World], Awaitable[None]]
) -> None:
    await way(database, world)

    assert await support.alert_states(database) == [(world.staff.id, "resolved")]


async def test_it_stays_open_while_something_is_left(database: Database, world: World) -> None:
    await desk.take_back(database, world.stored, world.held[:1])

    assert await support.alert_states(database) == [(world.staff.id, "open")]


async def test_admins_are_told_once_for_each_opening(database: Database, world: World) -> None:
    barred = await make_user(database, "admin", blocked_pages=["validation"])
    elsewhere = await make_user(database, "admin", blocked_pages=["member-wd"])
    await support.judge(database, world.staff, world.held[2:3])
    assert [(who, data["count"]) for who, data in await support.told(database, "invalid_records")] == [
        (world.admin.id, 2)
    ]
    await _cleared(database, world)
    await support.judge(database, world.staff, world.held[2:3], None)
    await support.judge(database, world.staff, world.held[:1])

    told = await support.told(database, "invalid_records")
    assert told[1:] == [
        (
            world.admin.id,
            {"module": "memberwd", "staff_id": world.staff.id, "staff_name": world.staff.name, "count": 1},
        )
    ]
    assert not {barred.id, elsewhere.id, world.staff.id} & {who for who, _ in told}
    assert [status for _, status in await support.alert_states(database)] == ["resolved", "open"]


async def test_a_dismissed_alert_changes_no_record_and_opens_again_when_more_is_rejected(
    database: Database, world: World
) -> None:
    before = (await support.everything(database))["records"]

    assert await support.dismiss(database, "memberwd", world.other) == 0
    assert await support.dismiss(database, "bonanza") == 0
    assert await support.dismiss(database, "memberwd") == 1
    assert await support.dismiss(database, "memberwd") == 0

    assert (await support.everything(database))["records"] == before
    # Less is no reason to open it again, nor is another reason for the same record; more is.
    await desk.take_back(database, world.stored, world.held[:1])
    await support.judge(database, world.staff, world.held[1:2], reason="duplicate")
    assert [status for _, status in await support.alert_states(database)] == ["dismissed"]
    await support.judge(database, world.staff, world.held[2:3])
    assert [status for _, status in await support.alert_states(database)] == ["dismissed", "open"]


@pytest.mark.parametrize("kind", ["recall", "hand_over"])
async def test_undo_brings_back_what_was_rejected_and_its_alert(database: Database, world: World, kind: str) -> None:
    if kind == "recall":
        operation_id = (await desk.take_back(database, world.stored, world.held))["operation_id"]
    else:
        operation_id = (await desk.pass_on(database, world.stored, world.held, world.other)).operation_id
    assert [status for _, status in await support.alert_states(database)] == ["resolved"]

    await desk.undo_it(database, world.stored, operation_id)

    assert await support.alert_states(database) == [(world.staff.id, "resolved"), (world.staff.id, "open")]


async def test_one_alert_for_each_staff_and_module(database: Database, world: World) -> None:
    second = await make_database(database, 4, module="bonanza")
    await desk.pick(database, second, world.staff, second.record_ids[:2])
    await desk.pick(database, world.stored, world.other, world.stored.record_ids[5:7])

    await support.judge(database, None, [*second.record_ids[:2], *world.stored.record_ids[5:7], *world.held[2:]])

    assert sorted(await support.alert_states(database)) == sorted(
        [(world.staff.id, "open"), (world.staff.id, "open"), (world.other.id, "open")]
    )


async def test_everybody_at_once_leaves_one_open_alert_that_tells_the_truth(database: Database, world: World) -> None:
    """Rejecting and taking back at the same time, over and over: an alert is open exactly while something is left."""
    for _ in range(4):
        await asyncio.gather(
            support.judge(database, world.staff, world.held[:1], None),
            support.judge(database, world.staff, world.held[1:2], None),
            support.judge(database, world.staff, world.held[2:3]),
            support.judge(database, world.staff, world.held[3:]),
        )
        assert [status for _, status in await support.alert_states(database)].count("open") == 1
        await asyncio.gather(
            support.judge(database, world.staff, world.held[2:3], None),
            support.judge(database, world.staff, world.held[3:], None),
        )
        assert [status for _, status in await support.alert_states(database)].count("open") == 0
        await support.judge(database, world.staff, world.held[:2])


async def test_open_pages_learn_of_it(database: Database, world: World) -> None:
    async with database.read() as session:
        statement = select(func.count()).where(OutboxMessage.topic == "validation")
        before = await session.scalar(statement) or 0
    await _cleared(database, world)
    async with database.read() as session:
        assert (await session.scalar(statement) or 0) == before + 1
        newest = await session.scalar(select(OutboxMessage.payload).where(OutboxMessage.topic == "validation"))
    assert newest == {"module": "memberwd"}
