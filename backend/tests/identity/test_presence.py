"""Whether somebody is online, and how little it costs to know."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from crm_boost.db.engine import Database
from crm_boost.identity.activity import ActivityRecorder, presence_of
from crm_boost.identity.models import User
from crm_boost.kit.clock import frozen, utc_now
from tests.identity.support import listed
from tests.support.factories import make_user
from tests.support.statements import recorded_statements

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("age", "presence"),
    [
        (-5, "online"),
        (0, "online"),
        (299.9, "online"),
        (300, "idle"),
        (1799.9, "idle"),
        (1800, "offline"),
        (None, "offline"),
    ],
)
def test_presence(age: float | None, presence: str) -> None:
    seen = None if age is None else NOON - timedelta(seconds=age)

    assert presence_of(seen, NOON, online_seconds=300, idle_seconds=1800) == presence


async def test_a_request_makes_a_person_online(client: httpx.AsyncClient, app: FastAPI, database: Database) -> None:
    with frozen(NOON):
        admin, person = await make_user(database, "admin"), await make_user(database)
        await client.get("/api/auth/me", headers=person.auth)
        await app.state.activity.flush()
    seen = {}
    for minutes in (0, 4.9, 5, 29.9, 30):
        with frozen(NOON + timedelta(minutes=minutes)):
            row = next(row for row in await listed(client, admin) if row["id"] == person.id)
            seen[minutes] = (row["presence"], datetime.fromisoformat(row["last_seen_at"]))

    assert {minutes: presence for minutes, (presence, _) in seen.items()} == {
        0: "online",
        4.9: "online",
        5: "idle",
        29.9: "idle",
        30: "offline",
    }
    assert {at for _, at in seen.values()} == {NOON}


async def test_a_page_left_open_does_not_make_a_person_online(
    client: httpx.AsyncClient, app: FastAPI, database: Database
) -> None:
    person = await make_user(database)
    for headers in ({"X-Away": "1"}, {"Accept": "text/event-stream"}):
        assert (await client.get("/api/auth/me", headers={**person.auth, **headers})).status_code == 200
        await app.state.activity.flush()
        assert await last_seen(database, person.id) is None
    await client.get("/api/auth/me", headers=person.auth)
    await app.state.activity.flush()
    assert await last_seen(database, person.id) is not None


async def last_seen(database: Database, user_id: str) -> datetime | None:
    async with database.read() as session:
        return await session.scalar(select(User.last_seen_at).where(User.id == user_id))


async def test_many_requests_are_one_write(database: Database) -> None:
    people = [await make_user(database) for _ in range(5)]
    recorder = ActivityRecorder(database)
    for person in people * 20:
        recorder.seen(person.id, None, NOON)
    with recorded_statements(database) as statements:
        await recorder.flush()
        await recorder.flush()

    assert len(statements) == 1
    assert {await last_seen(database, person.id) for person in people} == {NOON}


async def test_someone_just_seen_is_not_written_again(database: Database) -> None:
    person = await make_user(database)
    recorder = ActivityRecorder(database)
    recorder.seen(person.id, NOON - timedelta(seconds=29), NOON)
    await recorder.flush()
    assert await last_seen(database, person.id) is None

    recorder.seen(person.id, NOON - timedelta(seconds=31), NOON)
    await recorder.flush()
    assert await last_seen(database, person.id) == NOON


async def test_a_failed_write_is_made_up_for(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    from crm_boost.identity import activity

    person = await make_user(database)
    recorder = ActivityRecorder(database)
    recorder.seen(person.id, None, NOON)

    async def fail(*_arguments: Any) -> None:
        raise OperationalError("UPDATE", {}, Exception("locked"))

    with monkeypatch.context() as broken:
        broken.setattr(activity, "touch_users", fail)
        with pytest.raises(OperationalError):
            await recorder.flush()
    await recorder.flush()

    assert await last_seen(database, person.id) == NOON


async def test_last_seen_never_goes_back(database: Database) -> None:
    person = await make_user(database, last_seen_at=NOON)
    recorder = ActivityRecorder(database)
    recorder.seen(person.id, None, NOON - timedelta(minutes=1))
    await recorder.flush()

    assert await last_seen(database, person.id) == NOON


async def test_writing_last_seen_never_waits_for_who_changes_a_person(database: Database) -> None:
    if database.is_sqlite:  # writers queue there: nothing can hold a row
        return
    busy, free = await make_user(database), await make_user(database)
    recorder = ActivityRecorder(database)
    for person in (busy, free):
        recorder.seen(person.id, None, NOON)
    async with database.write() as session:
        user = await session.get(User, busy.id, with_for_update=True)
        assert user is not None
        async with asyncio.timeout(5):
            await asyncio.create_task(recorder.flush())

    assert (await last_seen(database, busy.id), await last_seen(database, free.id)) == (None, NOON)


async def test_the_app_writes_what_is_left_when_it_stops(
    client: httpx.AsyncClient, app: FastAPI, database: Database
) -> None:
    person = await make_user(database)
    await client.get("/api/auth/me", headers=person.auth)
    await app.state.activity.flush()

    seen = await last_seen(database, person.id)
    assert seen is not None
    assert utc_now() - seen < timedelta(minutes=1)
