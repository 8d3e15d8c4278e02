"""The event stream against a real server: a browser hears what concerns it, and misses nothing when it comes back."""

import contextlib
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.db.outbox import announce
from crm_boost.identity import repository
from crm_boost.live.endpoints import read_position
from crm_boost.settings import Settings
from tests.support.factories import Account, make_user
from tests.support.live import LiveServer, serving


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[LiveServer]:
    with serving(settings, tmp_path / "server.log") as server:
        yield server


class Stream:
    """An open stream, read line by line."""

    def __init__(self, server: LiveServer, account: Account, last_event_id: str | None = None) -> None:
        headers = {**account.auth, **({"Last-Event-ID": last_event_id} if last_event_id else {})}
        self._client = httpx.Client(timeout=httpx.Timeout(10, read=5))
        self._context = self._client.stream("GET", f"{server.url}/api/stream", headers=headers)
        self.response = self._context.__enter__()
        self._lines = self.response.iter_lines()
        self.id: str | None = None
        assert self.response.status_code == 200
        assert next(self._lines).startswith(":")

    def next(self) -> dict[str, Any]:
        """Wait for the next announcement; its id is kept in `id`."""
        event: dict[str, Any] = {}
        for line in self._lines:
            name, _, value = line.partition(":")
            if name == "id":
                self.id = value.strip()
            elif name == "data":
                event = json.loads(value)
            elif not line and event:
                return event
        raise EOFError

    def close(self) -> None:
        self._context.__exit__(None, None, None)
        self._client.close()


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


async def test_a_revoked_session_is_noticed(app: Any, database: Database) -> None:
    from starlette.requests import Request

    from crm_boost.identity.principal import authenticate, still_signed_in

    account = await make_user(database, "staff")
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "app": app, "headers": []}
    request = Request({**scope, "headers": [(b"authorization", f"Bearer {account.token}".encode())]})
    principal = await authenticate(request)
    assert await still_signed_in(request, principal)
    async with database.write() as session:
        await repository.delete_sessions_of(session, account.id)
    assert not await still_signed_in(request, principal)


@pytest.mark.parametrize("text", [None, "", "x", "1", "1.x", "-1.2", "²." + "1", "9" * 40 + ".1", "1." + "9" * 40])
def test_foreign_event_ids_are_ignored(text: str | None) -> None:
    assert read_position(text) is None
