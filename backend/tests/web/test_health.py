"""Alive, ready, and what time it is."""

from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from crm_boost.web import health


async def test_healthy(client: httpx.AsyncClient) -> None:
    for path in ("/api/health", "/api/ready"):
        response = await client.get(path)
        assert response.status_code == 200
        assert response.json() == {"status": "healthy", "database": "connected"}
        assert response.headers["cache-control"] == "no-store"


async def test_without_its_database_the_server_is_not_healthy(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_self: Database) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(Database, "ping", fail)
    for path in ("/api/health", "/api/ready"):
        response = await client.get(path)
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
        assert "gone" not in response.text


async def test_a_database_that_never_answers_does_not_hold_the_answer_up(
    client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    async def hang(_self: Database) -> None:
        await asyncio.sleep(30)

    monkeypatch.setattr(Database, "ping", hang)
    monkeypatch.setattr(health, "_PATIENCE_SECONDS", 0.05)

    assert (await client.get("/api/health")).status_code == 503


async def test_while_starting_or_stopping_the_server_is_not_ready(app: FastAPI, client: httpx.AsyncClient) -> None:
    app.state.ready = False

    assert (await client.get("/api/ready")).status_code == 503
    assert (await client.get("/api/health")).status_code == 200


@pytest.mark.parametrize(
    ("instant", "today"),
    [
        (datetime(2025, 3, 1, 16, 59, 59, tzinfo=UTC), "2025-03-01"),
        (datetime(2025, 3, 1, 17, 0, 0, tzinfo=UTC), "2025-03-02"),
    ],
)
async def test_today_is_the_business_day(client: httpx.AsyncClient, instant: datetime, today: str) -> None:
    with frozen(instant):
        answer = (await client.get("/api/server-time")).json()

    assert (answer["today"], answer["zone"]) == (today, "Asia/Jakarta")
    assert datetime.fromisoformat(answer["now"]) == instant
