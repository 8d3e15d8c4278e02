"""The event stream against a real server: a browser hears what concerns it, and misses nothing when it comes back."""

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.db.outbox import Position, announce, forget_before, messages_after, position_of
from crm_boost.identity import repository
from crm_boost.identity.permissions import Role
from crm_boost.identity.principal import Principal, hash_token
from crm_boost.kit.clock import utc_now
from crm_boost.live import relay as relay_module
from crm_boost.live.news import id_of, read_position
from crm_boost.live.relay import Relay, Subscription
from crm_boost.settings import Settings
from tests.support.factories import Account, make_user
from tests.support.live import LiveServer, serving
from tests.support.statements import recorded_statements


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[LiveServer]:
    with serving(settings, tmp_path / "server.log") as server:
        yield server


class Stream:
    """An open stream, read line by line."""

    def __init__(self, server: LiveServer, account: Account, last_event_id: str | None = None) -> None:
        # As a browser asks: an open stream makes nobody present, which would be announced some seconds later.
        headers = {**account.auth, "Accept": "text/event-stream"}
        headers |= {"Last-Event-ID": last_event_id} if last_event_id else {}
        self._client = httpx.Client(timeout=httpx.Timeout(10, read=5))
        self._context = self._client.stream("GET", f"{server.url}/api/stream", headers=headers)
        self.response = self._context.__enter__()
        self._lines = self.response.iter_lines()
        self.id: str | None = None
        assert self.response.status_code == 200
        assert next(self._lines).startswith(":")

    def read_line(self) -> tuple[str, str]:
        """Wait for the next line and return its name and value; an id is kept in `id`."""
        for line in self._lines:
            name, _, value = line.partition(":")
            if name == "id":
                self.id = value.strip()
            return name, value
        raise EOFError

    def next(self) -> dict[str, Any]:
        """Wait for the next announcement."""
        event: dict[str, Any] = {}
        while True:
            name, value = self.read_line()
            if name == "data":
                event = json.loads(value)
            elif not name and not value and event:
                return event

    def close(self) -> None:
        self._context.__exit__(None, None, None)
        self._client.close()


def _principal(account: Account) -> Principal:
    return Principal(account.id, account.name, account.role, frozenset(), hash_token(account.token))


async def _caught_up(relay: Relay, position: Position) -> None:
    """Wait until this process has read so far: a stream that opens says where that is."""
    watcher = _principal(Account("watcher", "", "", Role.ADMIN, "none"))
    async with asyncio.timeout(20):
        async for chunk in relay.follow(watcher, None):
            if id_of(position) in chunk:
                return


async def _announce(database: Database, topic: str, payload: dict[str, Any], audience: str = "*") -> None:
    async with database.write() as session:
        await announce(session, topic, payload, audience)


async def test_each_person_hears_what_concerns_them(server: LiveServer, database: Database) -> None:
    admin, staff = await make_user(database, "admin"), await make_user(database, "staff")
    admins, staffs = Stream(server, admin), Stream(server, staff)
    await _announce(database, "databases", {"id": "d1"})
    await _announce(database, "notifications", {}, audience=staff.id)
    await _announce(database, "records", {"id": "d2"})
    started = time.monotonic()
    assert [admins.next(), admins.next()] == [{"topic": "databases", "id": "d1"}, {"topic": "records", "id": "d2"}]
    # Staff learn that something changed, never what: databases are not theirs to know.
    assert [staffs.next(), staffs.next(), staffs.next()] == [
        {"topic": "databases"},
        {"topic": "notifications"},
        {"topic": "records"},
    ]
    assert time.monotonic() - started < 2
    admins.close()
    staffs.close()


async def test_a_returning_browser_gets_what_it_missed_once(server: LiveServer, database: Database) -> None:
    admin = await make_user(database, "admin")
    stream = Stream(server, admin)
    await _announce(database, "databases", {"id": "seen"})
    assert stream.next()["id"] == "seen"
    stream.close()
    for number in range(3):
        await _announce(database, "databases", {"id": f"missed {number}"})
    again = Stream(server, admin, last_event_id=stream.id)
    await _announce(database, "databases", {"id": "new"})
    assert [again.next()["id"] for _ in range(4)] == ["missed 0", "missed 1", "missed 2", "new"]
    again.close()


async def test_what_was_rolled_back_is_never_heard(server: LiveServer, database: Database) -> None:
    stream = Stream(server, await make_user(database, "admin"))
    with contextlib.suppress(ZeroDivisionError):
        async with database.write() as session:
            await announce(session, "databases", {"id": "never"})
            raise ZeroDivisionError
    await _announce(database, "databases", {"id": "real"})
    assert stream.next()["id"] == "real"
    stream.close()


def test_the_stream_needs_a_session(server: LiveServer) -> None:
    assert httpx.get(f"{server.url}/api/stream").status_code == 401


async def test_open_streams_do_not_hold_up_a_stop(server: LiveServer, database: Database) -> None:
    stream = Stream(server, await make_user(database, "admin"))
    started = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    with pytest.raises((EOFError, httpx.RemoteProtocolError)):
        stream.next()
    server.process.wait(timeout=10)
    assert time.monotonic() - started < 5
    stream.close()


async def test_nothing_is_missed_while_the_server_restarts(
    settings: Settings, tmp_path: Path, database: Database
) -> None:
    admin = await make_user(database, "admin")
    await _announce(database, "databases", {"id": "long ago"})
    with serving(settings, tmp_path / "first.log") as server:
        # It has heard nothing yet: where it stands it learns when it opens.
        stream = Stream(server, admin)
        while stream.id is None:
            stream.read_line()
        stream.close()
    await _announce(database, "databases", {"id": "meanwhile"})
    with serving(settings, tmp_path / "second.log") as server:
        again = Stream(server, admin, last_event_id=stream.id)
        # That somebody has come is news of its own.
        told = [news := again.next()]
        while news["topic"] != "databases":
            told.append(news := again.next())
        assert [each["id"] for each in told if each["topic"] == "databases"] == ["meanwhile"]
        again.close()


async def _first_of(relay: Relay, principal: Principal, last: Position | None) -> bytes:
    """What a stream sends before it waits."""
    chunks = relay.follow(principal, last)
    sent = [await anext(chunks), await anext(chunks)]
    if last is not None:
        sent.append(await anext(chunks))
    await chunks.aclose()
    return b"".join(sent)


async def test_too_much_or_too_old_to_tell_is_read_again(app: Any, database: Database) -> None:
    admin = _principal(await make_user(database, "admin"))
    relay: Relay = app.state.live
    async with database.write() as session:
        for number in range(3):
            await announce(session, "databases", {"id": str(number)})
    async with database.read() as session:
        messages = await messages_after(session, Position())
    positions = [position_of(message) for message in messages]
    await _caught_up(relay, positions[-1])

    assert b'"id":"1"' in await _first_of(relay, admin, positions[0])
    assert b"resync" not in await _first_of(relay, admin, positions[-1])
    # Forgotten meanwhile, or of another life of this database.
    assert b"resync" in await _first_of(relay, admin, Position(positions[0].xact, positions[-1].seq + 7))
    async with database.write() as session:
        await forget_before(session, utc_now() + timedelta(minutes=1))
    assert b"resync" in await _first_of(relay, admin, positions[0])
    assert b"resync" not in await _first_of(relay, admin, positions[-1])
    assert b"resync" not in await _first_of(relay, admin, None)


async def test_a_long_absence_is_told_in_pages_or_as_one_word(
    app: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "_PAGE", 2)
    monkeypatch.setattr(relay_module, "_MOST_MISSED", 4)
    admin = _principal(await make_user(database, "admin"))
    relay: Relay = app.state.live
    for number in range(5):
        await _announce(database, "databases", {"id": f"n{number}"})
    async with database.read() as session:
        positions = [position_of(message) for message in await messages_after(session, Position())]
    await _caught_up(relay, positions[-1])

    three = await _first_of(relay, admin, positions[1])
    assert [b"n%d" % number in three for number in range(5)] == [False, False, True, True, True]
    assert b"resync" in await _first_of(relay, admin, positions[0])


async def test_what_is_committed_here_is_told_at_once(
    app: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = _principal(await make_user(database, "admin"))
    stream = app.state.live.follow(admin, None)
    await anext(stream)
    # Nobody looks by the clock any more.
    monkeypatch.setattr(relay_module, "_LOOK_SECONDS", 1000.0)
    await anext(stream)
    for number in range(3):
        await _announce(database, "databases", {"id": f"n{number}"})
        async with asyncio.timeout(20):
            assert b"n%d" % number in await anext(stream)
    await stream.aclose()


async def test_streams_end_with_their_session(app: Any, database: Database) -> None:
    relay: Relay = app.state.live
    gone, demoted, stays = [await make_user(database, "staff") for _ in range(3)]
    streams = {person.id: relay.follow(_principal(person), None) for person in (gone, demoted, stays)}
    for stream in streams.values():
        await anext(stream)
        await anext(stream)
    async with database.write() as session:
        await repository.delete_sessions_of(session, gone.id)
        person = await repository.lock_user(session, demoted.id)
        assert person is not None
        person.blocked_pages = ["today"]
    with recorded_statements(database) as statements:
        await relay.check_sessions()
    assert len([statement for statement in statements if "sessions" in statement]) == 1

    assert b"still here" in await anext(streams[stays.id])
    for person_id in (gone.id, demoted.id):
        with pytest.raises(StopAsyncIteration):
            await anext(streams[person_id])
    await streams[stays.id].aclose()
    await relay.check_sessions()


@pytest.mark.pure
def test_who_does_not_listen_is_ended() -> None:
    subscription = Subscription(_principal(Account("u", "", "", Role.STAFF, "t")), Position())
    for _ in range(1001):
        subscription.offer(b"x")
    assert asyncio.run(subscription.take()) is None


@pytest.mark.parametrize("text", [None, "", "x", "1", "1.x", "-1.2", "²." + "1", "9" * 40 + ".1", "1." + "9" * 40])
def test_foreign_event_ids_are_ignored(text: str | None) -> None:
    assert read_position(text) is None
