"""The counts of several processes, what is kept and when administrators are told."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from crm_boost.access.errors import AccessLimited
from crm_boost.access.limits import SETTINGS, AccessLimits, Kind
from crm_boost.access.meter import Meter
from crm_boost.access.models import AccessCount
from crm_boost.configuration.service import write
from crm_boost.db.engine import Database
from crm_boost.db.outbox import Position, messages_after
from crm_boost.kit.clock import frozen
from crm_boost.notifications.models import Notification
from tests.support.factories import make_user

MORNING = datetime(2030, 5, 6, 2, 10, tzinfo=UTC)


async def configure(database: Database, **limits: Any) -> None:
    async with database.write() as session:
        await write(session, SETTINGS, AccessLimits(**limits))


async def open_many(meter: Meter, user_id: str, times: int) -> int:
    """Open so many customers; return how many were shown."""
    shown = 0
    for _ in range(times):
        try:
            await meter.use(user_id, Kind.OPEN)
        except AccessLimited:
            continue
        shown += 1
    return shown


async def stored(database: Database, user_id: str) -> dict[str, int]:
    async with database.read() as session:
        statement = select(AccessCount.kind, func.sum(AccessCount.count)).where(AccessCount.user_id == user_id)
        return {kind: int(total) for kind, total in await session.execute(statement.group_by(AccessCount.kind))}


async def alarms(database: Database) -> list[dict[str, Any]]:
    async with database.read() as session:
        statement = select(Notification.data).where(Notification.type == "access_alert").order_by(Notification.seq)
        return [dict(data) for data in await session.scalars(statement)]


async def told_live(database: Database) -> set[str]:
    async with database.read() as session:
        return {m.audience for m in await messages_after(session, Position()) if m.topic == "notifications"}


async def test_processes_count_together(database: Database) -> None:
    staff = await make_user(database)
    await configure(database, opens_per_hour=10)
    one, two = Meter(database), Meter(database)
    with frozen(MORNING):
        assert await open_many(one, staff.id, 4) == 4
        assert await open_many(two, staff.id, 3) == 3
        await asyncio.gather(one.flush(), two.flush())
        await open_many(one, staff.id, 1)
        await one.flush()
        await open_many(two, staff.id, 1)
        await two.flush()
        # Nine were opened; a process that learns of it by writing, and a new one, go on from there.
        assert await open_many(Meter(database), staff.id, 5) == 1
        assert await open_many(two, staff.id, 5) == 1
    assert await stored(database, staff.id) == {"open": 9}


async def test_what_is_refused_is_not_counted_and_others_are_not_concerned(database: Database) -> None:
    staff, other = await make_user(database), await make_user(database)
    await configure(database, opens_per_hour=5)
    meter = Meter(database)
    with frozen(MORNING):
        assert await open_many(meter, staff.id, 20) == 5
        assert await open_many(meter, other.id, 3) == 3
        await meter.use(staff.id, Kind.SEARCH)
        with pytest.raises(AccessLimited) as refused:
            await meter.use(staff.id, Kind.OPEN)
        assert refused.value.headers["Retry-After"] == str(50 * 60 + 1)
        assert refused.value.extras["limit"] == 5
        await meter.flush()
    assert await stored(database, staff.id) == {"open": 5, "search": 1, "alarm": 1}


async def test_an_hour_and_a_business_day_later_there_is_room_again(database: Database) -> None:
    staff = await make_user(database)
    await configure(database, opens_per_hour=5, opens_per_day=8)
    meter = Meter(database)
    with frozen(MORNING):
        assert await open_many(meter, staff.id, 9) == 5
    with frozen(MORNING + timedelta(hours=1)):
        assert await open_many(meter, staff.id, 9) == 3
        with pytest.raises(AccessLimited) as refused:
            await meter.use(staff.id, Kind.OPEN)
    assert refused.value.extras["span"] == "day"
    # Midnight in Jakarta is at 17:00 UTC. What was counted before it and not written yet is not lost.
    with frozen(MORNING.replace(hour=17)):
        assert await open_many(meter, staff.id, 9) == 5
        await meter.flush()
    assert (await stored(database, staff.id))["open"] == 13


async def test_changed_limits_hold_at_once_here_and_soon_elsewhere(database: Database) -> None:
    staff = await make_user(database)
    here, there = Meter(database), Meter(database)
    with frozen(MORNING):
        assert await open_many(here, staff.id, 3) == 3
        await open_many(there, staff.id, 1)
        await configure(database, opens_per_hour=5)
        here.change_limits(AccessLimits(opens_per_hour=5))
        assert await open_many(here, staff.id, 9) == 2
        await there.flush()
        await here.flush()
        await there.use(staff.id, Kind.OPEN)
        await there.flush()
        assert await open_many(there, staff.id, 9) == 0


async def test_a_failing_write_loses_no_count(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    staff = await make_user(database)
    meter = Meter(database)
    with frozen(MORNING):
        await open_many(meter, staff.id, 3)

        async def fault(*_args: object) -> None:
            raise OperationalError("", None, Exception("gone"))

        monkeypatch.setattr("crm_boost.access.repository.add", fault)
        with pytest.raises(OperationalError):
            await meter.flush()
        monkeypatch.undo()
        await open_many(meter, staff.id, 1)
        await meter.flush()
    assert await stored(database, staff.id) == {"open": 4}


async def test_administrators_are_told_once_a_day_of_several_times_the_median(database: Database) -> None:
    admins = [await make_user(database, "admin"), await make_user(database, "master_admin")]
    await make_user(database, "admin", blocked_pages=["users"])
    team = [await make_user(database) for _ in range(5)]
    harvester = await make_user(database, name="Quick")
    meter, other_process = Meter(database), Meter(database)
    with frozen(MORNING):
        for number, person in enumerate(team):
            await open_many(meter, person.id, 20 + number)
        await open_many(meter, harvester.id, 109)
        await meter.flush()
        assert await alarms(database) == []
        await open_many(meter, harvester.id, 1)
        await open_many(other_process, harvester.id, 1)
        await meter.flush()
        await other_process.flush()
        await open_many(meter, harvester.id, 20)
        await meter.flush()
        found = await alarms(database)
        assert found == [
            {"staff_id": harvester.id, "staff_name": "Quick", "kind": "open", "count": 110, "usual": 22.0}
        ] * len(admins)
        # Only they are told, on open pages too.
        assert await told_live(database) == {admin.id for admin in admins}
    with frozen(MORNING + timedelta(days=1)):
        for person in team:
            await open_many(meter, person.id, 20)
        await open_many(meter, harvester.id, 150)
        await meter.flush()
        assert len(await alarms(database)) == 2 * len(admins)


async def test_reaching_a_limit_is_told_even_alone(database: Database) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database)
    await configure(database, opens_per_hour=5)
    meter = Meter(database)
    with frozen(MORNING):
        await open_many(meter, staff.id, 20)
        await meter.flush()
        await open_many(meter, staff.id, 20)
        await meter.flush()
    assert [(a["staff_id"], a["kind"], a["count"]) for a in await alarms(database)] == [(staff.id, "open", 5)]
    assert admin.id != staff.id


async def test_old_counts_are_forgotten(database: Database) -> None:
    staff = await make_user(database)
    meter = Meter(database)
    with frozen(MORNING - timedelta(days=40)):
        await open_many(meter, staff.id, 3)
        await meter.flush()
    with frozen(MORNING):
        await open_many(meter, staff.id, 2)
        await meter.flush()
    assert await stored(database, staff.id) == {"open": 2}
