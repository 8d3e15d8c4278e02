"""What was rolled back is never announced; no reader is overtaken by a slow writer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from crm_boost.db.engine import Database
from crm_boost.db.outbox import Position, announce, forget_before, latest_position, messages_after, position_of
from crm_boost.kit.clock import frozen, utc_now


async def say(database: Database, topic: str, **payload: Any) -> None:
    async with database.write() as session:
        await announce(session, topic, payload)


async def read(database: Database, position: Position, limit: int = 500) -> tuple[list[str], Position]:
    async with database.read() as session:
        messages = await messages_after(session, position, limit)
    return [message.topic for message in messages], position_of(messages[-1]) if messages else position


async def test_announcements_are_read_once_in_order(database: Database) -> None:
    for topic in ("a", "b", "c"):
        await say(database, topic, id=topic)

    first, position = await read(database, Position(), limit=2)
    second, position = await read(database, position, limit=2)
    third, _ = await read(database, position)

    assert (first, second, third) == (["a", "b"], ["c"], [])


async def test_a_rolled_back_announcement_was_never_there(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is a transaction
        async with database.write() as session:
            await announce(session, "never", {})
            raise ZeroDivisionError
    await say(database, "said")

    assert (await read(database, Position()))[0] == ["said"]


async def test_a_new_reader_starts_at_the_latest(database: Database) -> None:
    async with database.read() as session:
        assert await latest_position(session) == Position()
    await say(database, "old")
    async with database.read() as session:
        latest = await latest_position(session)
    await say(database, "new")

    assert (await read(database, latest))[0] == ["new"]


async def test_a_reader_is_not_overtaken_by_a_slow_writer(database: Database) -> None:
    """The slow one draws its number first and commits last."""
    drawn, may_commit = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with database.write() as session:
            await announce(session, "slow", {})
            drawn.set()
            await may_commit.wait()

    async def quick() -> None:
        await say(database, "quick")

    writer = asyncio.create_task(slow())
    await drawn.wait()
    rival = asyncio.create_task(quick())
    if not database.is_sqlite:  # where writers queue, the quick one waits for the slow one
        await rival
    heard, position = await read(database, Position())
    may_commit.set()
    await asyncio.gather(writer, rival)
    rest, _ = await read(database, position)

    assert sorted(heard + rest) == ["quick", "slow"]


async def test_old_announcements_are_forgotten(database: Database) -> None:
    now = utc_now()
    with frozen(now - timedelta(hours=2)):
        await say(database, "old")
    await say(database, "new")
    async with database.write() as session:
        await forget_before(session, now - timedelta(hours=1))

    assert (await read(database, Position()))[0] == ["new"]
