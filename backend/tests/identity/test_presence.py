"""Whether somebody is online, and how little it costs to know."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from crm_boost.db.engine import Database
from crm_boost.db.outbox import Position, messages_after
from crm_boost.identity.activity import ActivityRecorder, presence_of
from crm_boost.identity.models import User
from crm_boost.kit.clock import frozen, utc_now
from tests.identity.support import is_signed_in, listed
from tests.support.factories import make_user, open_session
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

    # And one that somebody came.
    assert len(statements) == 2
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


async def test_that_somebody_comes_is_announced_to_who_manages_people(database: Database) -> None:
    people = [await make_user(database) for _ in range(3)]
    recorder = ActivityRecorder(database)

    async def announced() -> list[str]:
        async with database.read() as session:
            found = await messages_after(session, Position())
        return [message.audience for message in found if message.topic == "presence"]

    recorder.seen(people[0].id, NOON - timedelta(seconds=299), NOON)
    await recorder.flush()
    assert await announced() == []
    recorder.seen(people[1].id, NOON - timedelta(seconds=300), NOON)
    recorder.seen(people[2].id, None, NOON)
    await recorder.flush()
    await recorder.flush()
    assert await announced() == ["can:users.read"]


async def test_the_list_is_narrowed_to_a_presence(client: httpx.AsyncClient, database: Database) -> None:
    with frozen(NOON):
        admin = await make_user(database, "admin", last_seen_at=NOON)
        people = {
            age: await make_user(database, last_seen_at=None if age is None else NOON - timedelta(seconds=age))
            for age in (0, 299, 300, 1799, 1800, None)
        }
        found = {}
        for presence in ("online", "idle", "offline"):
            rows = await listed(client, admin, presence=presence)
            assert {row["presence"] for row in rows} == {presence}
            found[presence] = {row["id"] for row in rows}
        assert found == {
            "online": {admin.id, people[0].id, people[299].id},
            "idle": {people[300].id, people[1799].id},
            "offline": {people[1800].id, people[None].id},
        }
        bad = await client.get("/api/users?presence=asleep", headers=admin.auth)
        assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "presence")


async def test_sessions_are_seen_and_ended_by_rank(client: httpx.AsyncClient, database: Database) -> None:
    master, admin, staff = [await make_user(database, role) for role in ("master_admin", "admin", "staff")]
    second = await open_session(database, staff.id)
    path = f"/api/users/{staff.id}/sessions"
    assert (await client.get(path)).status_code == 401
    for who, user, status in (
        (staff, staff, 403),
        (admin, master, 403),
        (admin, admin, 200),
        (admin, staff, 200),
        (master, admin, 200),
    ):
        for method in ("GET", "DELETE") if status == 403 else ("GET",):
            answer = await client.request(method, f"/api/users/{user.id}/sessions", headers=who.auth)
            assert answer.status_code == status, (who.role, user.role, method)
    assert (await client.get("/api/users/nobody/sessions", headers=admin.auth)).status_code == 404
    assert (await client.delete("/api/users/nobody/sessions", headers=admin.auth)).status_code == 404

    rows = (await client.get(path, headers=admin.auth)).json()
    assert [row["is_current"] for row in rows] == [False, False]
    assert not [row for row in rows if staff.token in str(row) or "hash" in str(row)]
    assert (await client.delete(path, headers=admin.auth)).status_code == 204
    assert (await client.get(path, headers=admin.auth)).json() == []
    assert not await is_signed_in(client, staff.token)
    assert not await is_signed_in(client, second)
    # One's own: everywhere but here.
    other = await open_session(database, admin.id)
    assert (await client.delete(f"/api/users/{admin.id}/sessions", headers=admin.auth)).status_code == 204
    assert await is_signed_in(client, admin.token)
    assert not await is_signed_in(client, other)
