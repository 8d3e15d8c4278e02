"""One request is one transaction, and it is durable before the response leaves (architecture, decision 4)."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from crm_boost.db.audit import AuditEntry, record_audit
from crm_boost.db.engine import Database
from crm_boost.db.outbox import OutboxMessage, announce
from crm_boost.db.session import WriteSession
from crm_boost.identity.models import LoginThrottle
from crm_boost.kit.clock import utc_now
from crm_boost.settings import Settings
from tests.db.probe_app import count_entries, probe_app


@pytest.fixture
async def probe(settings: Settings) -> AsyncIterator[FastAPI]:
    app = probe_app(settings)
    async with app.router.lifespan_context(app):
        yield app


async def post(app: FastAPI, path: str, on_start: Any = None) -> int:
    """Call the app as a server does; `on_start` runs when the first byte of the response would be sent."""
    status = 0
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("crm.test", 80),
        "scheme": "http",
        "root_path": "",
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            if on_start is not None:
                await on_start()

    await app(scope, receive, send)
    return status


async def test_the_row_is_committed_when_the_response_starts(probe: FastAPI, settings: Settings) -> None:
    somebody_else = Database(settings)
    seen: list[int] = []

    async def look() -> None:
        async with somebody_else.read() as session:
            seen.append(await count_entries(session))

    try:
        assert await post(probe, "/write", look) == 200
    finally:
        await somebody_else.dispose()
    assert seen == [1]


async def test_a_refusal_leaves_nothing(probe: FastAPI) -> None:
    assert await post(probe, "/refuse") == 409

    async with probe.state.database.read() as session:
        assert await count_entries(session) == 0


async def test_a_failing_commit_is_an_error_and_not_a_success(probe: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_self: WriteSession) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(WriteSession, "commit", fail)
    starts: list[int] = []

    async def note() -> None:
        starts.append(1)

    with pytest.raises(OSError, match="no space"):
        await post(probe, "/write", note)
    monkeypatch.undo()

    async with probe.state.database.read() as session:
        assert await count_entries(session) == 0


async def test_an_error_rolls_everything_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is a transaction
        async with database.write() as session:
            await record_audit(session, "a", "b", "c")
            await announce(session, "topic", {})
            raise ZeroDivisionError

    async with database.read() as session:
        assert await count_entries(session) == 0
        assert await session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


async def test_the_next_unit_of_work_goes_on_after_an_error(database: Database) -> None:
    for _ in range(3):
        with pytest.raises(DBAPIError):
            async with database.write() as session:
                await session.execute(text("INSERT INTO no_such_table VALUES (1)"))
    async with database.write() as session:
        await record_audit(session, "a", "b", "c")
    async with database.read() as session:
        assert await count_entries(session) == 1


async def test_a_reader_cannot_write(database: Database) -> None:
    async with database.read() as session:
        with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
            await session.execute(insert(LoginThrottle).values(key="k", failures=1, window_started_at=utc_now()))
    async with database.write() as session:
        await session.execute(insert(LoginThrottle).values(key="k", failures=1, window_started_at=utc_now()))


async def test_a_reader_leaves_the_shared_pool_writable(database: Database) -> None:
    for number in range(30):
        async with database.read() as session:
            await session.execute(text("SELECT 1"))
        async with database.write() as session:
            await record_audit(session, "a", "b", str(number))


async def test_a_reader_on_sqlite_keeps_its_snapshot(database: Database) -> None:
    async with database.read() as session:
        before = await count_entries(session)
        async with database.write() as writer:
            await record_audit(writer, "a", "b", "c")
        after = await count_entries(session)

    assert (before, after) == ((0, 0) if database.is_sqlite else (0, 1))


async def test_hooks_run_after_the_commit_and_in_order(database: Database, settings: Settings) -> None:
    somebody_else = Database(settings)
    calls: list[str] = []
    async with database.write() as session:
        await record_audit(session, "a", "b", "c")
        session.after_commit(lambda: calls.append("first"))
        session.after_commit(lambda: calls.append("second"))
        assert calls == []
        async with somebody_else.read() as reader:
            assert await count_entries(reader) == 0
    await somebody_else.dispose()

    assert calls == ["first", "second"]


async def test_hooks_of_a_rolled_back_transaction_never_run(database: Database) -> None:
    calls: list[str] = []
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is a transaction
        async with database.write() as session:
            session.after_commit(lambda: calls.append("x"))
            raise ZeroDivisionError
    async with database.write() as session:
        await record_audit(session, "a", "b", "c")

    assert calls == []


async def test_what_waits_for_the_end_runs_once_by_name_and_is_taken_back_with_its_part(database: Database) -> None:
    written: list[str] = []

    def note(session: WriteSession, name: str, waiting: list[str]) -> None:
        async def write(session: WriteSession) -> None:
            while waiting:
                action = waiting.pop()
                await record_audit(session, action, "test", name)
                written.append(action)

        session.before_commit(name, write)

    async with database.write() as session:
        note(session, "b", ["before"])
        note(session, "b", ["before"])
        part = await session.open_part()
        note(session, "a", ["inside"])
        await session.take_back(part)
        note(session, "b", ["after b"])
        note(session, "a", ["after a"])
    assert written == ["before", "inside", "after a", "after b"]
    async with database.read() as reader:
        kept = await reader.scalars(select(AuditEntry.action).order_by(AuditEntry.seq))
        assert kept.all() == ["before", "after a", "after b"], "what the part asked for went with it"


async def test_a_failing_hook_does_not_undo_what_is_committed(database: Database) -> None:
    calls: list[str] = []

    def fail() -> None:
        raise RuntimeError("a subscriber went away")

    async with database.write() as session:
        await record_audit(session, "a", "b", "c")
        session.after_commit(fail)
        session.after_commit(lambda: calls.append("still"))

    assert calls == ["still"]


async def test_a_unit_of_work_inside_another_is_an_error_and_not_a_standstill(database: Database) -> None:
    with pytest.raises(RuntimeError, match="already inside"):  # noqa: PT012 - the block is a transaction
        async with database.write() as outer:
            await record_audit(outer, "a", "b", "c")
            async with asyncio.timeout(5):
                async with database.write():
                    pass
    async with database.write() as session:
        await record_audit(session, "a", "b", "c")


async def increment(database: Database) -> None:
    """Read, then write what was read plus one: the transaction that BEGIN DEFERRED makes fail."""
    async with database.write() as session:
        row = await session.get(LoginThrottle, "counter", with_for_update=True)
        assert row is not None
        await asyncio.sleep(0)
        row.failures += 1


async def start_counter(database: Database) -> None:
    async with database.write() as session:
        session.add(LoginThrottle(key="counter", failures=0, window_started_at=utc_now()))


async def counter(database: Database) -> int:
    async with database.read() as session:
        row = await session.get(LoginThrottle, "counter")
        assert row is not None
        return row.failures


async def test_twenty_writers_that_read_first_all_succeed(database: Database) -> None:
    await start_counter(database)

    await asyncio.gather(*(increment(database) for _ in range(20)))

    assert await counter(database) == 20


_WORKER = """
import asyncio, sys
from pathlib import Path
from crm_boost.db.engine import Database
from crm_boost.settings import DatabaseSettings, Settings
from tests.db.test_unit_of_work import increment

async def main() -> None:
    database = Database(Settings(data_dir=Path(sys.argv[1]), database=DatabaseSettings(url=sys.argv[2] or None)))
    print("ready", flush=True)
    sys.stdin.read(1)
    for _ in range(40):
        await asyncio.gather(*(increment(database) for _ in range(5)))
    await database.dispose()

asyncio.run(main())
"""


async def test_writers_of_several_processes_all_succeed(database: Database, settings: Settings) -> None:
    await start_counter(database)
    command = [sys.executable, "-c", _WORKER, str(settings.data_dir), settings.database.url or ""]
    workers = [
        await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    for worker in workers:
        assert worker.stdout is not None
        await worker.stdout.readline()

    ended = await asyncio.gather(*(worker.communicate(b"x") for worker in workers))

    assert [(worker.returncode, errors) for worker, (_, errors) in zip(workers, ended, strict=True)] == [(0, b"")] * 3
    assert await counter(database) == 600


async def test_audit_rows_say_who_and_when(database: Database) -> None:
    before = utc_now()
    async with database.write() as session:
        await record_audit(session, "probe.done", "probe", "7", count=3)
    async with database.read() as session:
        entry = (await session.scalars(select(AuditEntry))).one()

    assert (entry.action, entry.object_kind, entry.object_id, entry.detail) == (
        "probe.done",
        "probe",
        "7",
        {"count": 3},
    )
    assert entry.actor_name == "system"
    assert before <= entry.at <= utc_now()
    assert entry.correlation_id
