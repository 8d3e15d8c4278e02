"""Connections to PostgreSQL that have ended are replaced before anybody uses them."""

from typing import Any

import pytest
from sqlalchemy import text

from crm_boost.db import liveness
from crm_boost.db.engine import Database


@pytest.fixture
def asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """How many times the server is asked whether a connection is alive."""
    if database.is_sqlite:
        pytest.skip("connections to a file do not end by themselves")
    found: list[Any] = []
    dialect: Any = database.engines[0].sync_engine.dialect
    ask = dialect.do_ping

    def do_ping(connection: Any) -> Any:
        found.append(connection)
        return ask(connection)

    monkeypatch.setattr(dialect, "do_ping", do_ping)
    return found


async def _process(database: Database) -> int:
    async with database.read() as session:
        return int(await session.scalar(text("SELECT pg_backend_pid()")) or 0)


async def test_who_uses_a_connection_again_does_not_ask(database: Database, asked: list[Any]) -> None:
    assert len({await _process(database) for _ in range(5)}) == 1
    assert asked == []


async def test_after_a_long_pause_the_server_is_asked(
    database: Database, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await _process(database)
    monkeypatch.setattr(liveness, "_TRUSTED_SECONDS", 0.0)
    assert await _process(database) == before
    assert len(asked) == 1


@pytest.mark.parametrize("trusted_seconds", [30.0, 0.0])
async def test_ended_connections_are_replaced(
    database: Database, asked: list[Any], monkeypatch: pytest.MonkeyPatch, trusted_seconds: float
) -> None:
    monkeypatch.setattr(liveness, "_TRUSTED_SECONDS", trusted_seconds)
    async with database.read() as one, database.read() as other:
        ended = [await session.scalar(text("SELECT pg_backend_pid()")) for session in (one, other)]
    async with database.write() as session:
        mine = await session.scalar(text("SELECT pg_backend_pid()"))
        for process in ended:
            if process != mine:
                await session.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
    killed = {process for process in ended if process != mine}
    async with database.read() as one, database.read() as other:
        now = {await session.scalar(text("SELECT pg_backend_pid()")) for session in (one, other)}
    assert killed and not now & killed
    assert await _process(database) in now
