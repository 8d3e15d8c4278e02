"""Processes that are told to stop: what runs ends well, and of two behind one address each can be replaced unnoticed."""

import asyncio
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import orjson
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import func, select

from crm_boost.cli import Server
from crm_boost.db.engine import Database
from crm_boost.deposits.models import Deposit
from crm_boost.settings import Settings
from tests.support.factories import Account, make_product, make_user
from tests.support.live import LiveServer, serving

pytestmark = pytest.mark.timeout(300)

PATIENCE = 60.0
DELAY = "1"


def stop(server: LiveServer) -> None:
    server.process.terminate()
    server.process.wait(PATIENCE)


async def stop_in_the_middle(server: LiveServer, staff: Account, product: str) -> bytes:
    """Tell a process to stop while a stream is open and half a request has arrived; return the answer to that request."""
    body = orjson.dumps({"product_id": product, "record_date": "2025-01-01", "customer_id": "late", "nominal": 1000})
    head = (
        f"POST /api/omset HTTP/1.1\r\nHost: crm.test\r\nAuthorization: Bearer {staff.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    async with (
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE, headers=staff.auth) as client,
        client.stream("GET", "/api/stream") as stream,
    ):
        lines = stream.aiter_lines()
        assert (await anext(lines)).startswith(": open")
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(head.encode() + body[:10])
        await writer.drain()
        server.process.terminate()
        async for _ in lines:
            pass
    writer.write(body[10:])
    answer = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    await asyncio.to_thread(server.process.wait, PATIENCE)
    assert "Traceback" not in server.log()
    return answer


class Spreader:
    """What a proxy does, as little as possible: asks who is ready, and sends requests there. A request that was taken is
    never sent again: it is answered, or it is lost."""

    def __init__(self, account: Account) -> None:
        self.servers: list[LiveServer] = []
        self.ready: list[LiveServer] = []
        self.confirmed: list[str] = []
        self.answers: set[tuple[str, int]] = set()
        self._headers = account.auth

    async def heard_from(self, server: LiveServer) -> None:
        """Wait until this process has answered."""
        deadline = time.monotonic() + PATIENCE
        while not any(url == server.url for url, _ in self.answers):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)

    async def watch(self) -> None:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            while True:
                ready = []
                for server in self.servers:
                    try:
                        if (await client.get(f"{server.url}/api/ready")).status_code == 200:
                            ready.append(server)
                    except httpx.TransportError:
                        pass
                self.ready = ready
                await asyncio.sleep(0.05)

    async def work(self, product: str, name: str) -> None:
        number = 0
        async with httpx.AsyncClient(timeout=PATIENCE, headers=self._headers) as client:
            while True:
                if not (ready := self.ready):
                    await asyncio.sleep(0.02)
                    continue
                server, number = ready[number % len(ready)], number + 1
                body = {
                    "product_id": product,
                    "record_date": "2025-01-01",
                    "customer_id": f"{name}-{number}",
                    "nominal": 1,
                }
                try:
                    answer = await client.post(f"{server.url}/api/omset", json=body)
                except httpx.ConnectError:
                    continue  # nobody took it: it goes to the next one
                self.answers.add((server.url, answer.status_code))
                if answer.status_code == 200:
                    self.confirmed.append(answer.json()["id"])


@pytest.mark.slow
async def test_two_processes_are_replaced_and_no_request_is_lost(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    staff, product = await make_user(database), await make_product(database)
    spread = Spreader(staff)
    with ExitStack() as processes:

        def start(name: str) -> LiveServer:
            delay = {"CRM_STOP_DELAY_SECONDS": DELAY}
            return processes.enter_context(serving(settings, tmp_path / f"{name}.log", **delay))

        spread.servers = list(await asyncio.gather(*(asyncio.to_thread(start, name) for name in ("first", "second"))))
        tasks = [asyncio.create_task(spread.watch())]
        tasks += [asyncio.create_task(spread.work(product, f"customer{number}")) for number in range(3)]
        try:
            first, second = spread.servers
            await spread.heard_from(first)
            answer = await stop_in_the_middle(first, staff, product)
            assert answer.startswith(b"HTTP/1.1 200")
            third = await asyncio.to_thread(start, "third")
            spread.servers.append(third)
            await spread.heard_from(third)
            await asyncio.to_thread(stop, second)
            spread.answers.discard((third.url, 200))
            await spread.heard_from(third)
            assert [task.exception() for task in tasks if task.done()] == []
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(error) for error in ended] == [asyncio.CancelledError] * len(tasks)
    assert {status for _, status in spread.answers} == {200}
    assert {url for url, _ in spread.answers} == {server.url for server in spread.servers}
    async with database.read() as session:
        there = set((await session.scalars(select(Deposit.id))).all())
        late = await session.scalar(select(func.count()).where(Deposit.customer_id == "late"))
    assert set(spread.confirmed) <= there
    assert late == 1


async def test_a_process_that_stops_says_so_and_ends_each_connection(app: FastAPI, client: httpx.AsyncClient) -> None:
    server = Server(uvicorn.Config(app, log_config=None), app, delay=3600)
    server.started = True
    before = await client.get("/api/ready")
    server.handle_exit(signal.SIGTERM, None)
    after, other = await client.get("/api/ready"), await client.get("/api/server-time")

    assert (before.status_code, before.headers.get("connection")) == (200, None)
    assert (after.status_code, after.headers["connection"]) == (503, "close")
    assert (other.status_code, other.headers["connection"]) == (200, "close")


@pytest.mark.pure
async def test_a_second_signal_ends_the_waiting() -> None:
    app = FastAPI()
    server = Server(uvicorn.Config(app, log_config=None), app, delay=3600)
    server.started = True

    server.handle_exit(signal.SIGTERM, None)
    assert (app.state.ready, app.state.stopping, await server.on_tick(1)) == (False, True, False)
    server.handle_exit(signal.SIGTERM, None)
    assert await server.on_tick(2)


@pytest.mark.pure
@pytest.mark.parametrize(("delay", "started"), [(0, True), (3600, False)])
async def test_without_a_delay_and_before_it_serves_a_process_ends_at_once(delay: float, started: bool) -> None:
    app = FastAPI()
    server = Server(uvicorn.Config(app, log_config=None), app, delay=delay)
    server.started = started

    server.handle_exit(signal.SIGTERM, None)
    assert await server.on_tick(1)
