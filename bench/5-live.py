"""Promise: 500 idle streams on one process cost less than 100 MB and leave p95 of other requests within 1.5x; a change
reaches 200 clients within 250 ms (p99).

A real server over real sockets. Streams are read by this process, a line at a time. The change is a deposit that somebody
books: its time runs from sending the request until a client has read the announcement. Other requests are a mixture of
small ones and lists, one after the other; with and without streams in turns, so that the machine is the same for both.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import uvloop

from bench.support import KINDS, Desk, Report, installation, open_desk, percentile
from crm_boost.kit.clock import business_date
from crm_boost.settings import Settings
from tests.support.factories import Account
from tests.support.live import LiveServer, serving

IDLE = 500
CLIENTS = 200
CHANGES = 40
TURNS = 5
REQUESTS = 120
BOUND_MB, BOUND_RATIO, BOUND_MS = 100, 1.5, 250
PATHS = ("/api/auth/me", "/api/today", "/api/notifications?limit=20", "/api/products", "/api/omset?limit=50")


class Stream:
    """One open stream; `heard` is when the announcement was read that `expect` asked for."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._reader, self._writer = reader, writer
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while line := await self._reader.readline():
            if line.startswith(b"data:") and not self.heard.done():
                self.heard.set_result(time.perf_counter())

    def expect(self) -> "asyncio.Future[float]":
        """Return when the next announcement is read, once it is."""
        self.heard = asyncio.get_running_loop().create_future()
        return self.heard

    async def close(self) -> None:
        self._listening.cancel()
        self._writer.close()


async def _open(server: LiveServer, account: Account) -> Stream:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET /api/stream HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {account.token}\r\n\r\n".encode())
    await writer.drain()
    status = await reader.readline()
    if b"200" not in status:
        raise RuntimeError(f"the stream was refused: {status!r}")
    while not (await reader.readline()).startswith(b"id:"):
        pass
    return Stream(reader, writer)


@asynccontextmanager
async def _streams(server: LiveServer, people: list[Account], count: int) -> AsyncIterator[list[Stream]]:
    async with AsyncExitStack() as stack:
        streams = []
        for number in range(count):
            stream = await _open(server, people[number % len(people)])
            stack.push_async_callback(stream.close)
            streams.append(stream)
        yield streams


def _megabytes(server: LiveServer) -> float:
    """What the process holds of memory itself."""
    for line in Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not say")


async def _seconds(client: httpx.AsyncClient, account: Account) -> list[float]:
    found = []
    for number in range(REQUESTS):
        started = time.perf_counter()
        answer = await client.get(PATHS[number % len(PATHS)], headers=account.auth)
        found.append(time.perf_counter() - started)
        answer.raise_for_status()
    return found


async def _cost(report: Report, kind: str, server: LiveServer, desk: Desk, client: httpx.AsyncClient) -> None:
    await _seconds(client, desk.owner)
    without: list[float] = []
    beside: list[float] = []
    ratios, grown = [], 0.0
    for turn in range(TURNS):
        bare = await _seconds(client, desk.owner)
        before = _megabytes(server)
        async with _streams(server, desk.staff, IDLE):
            if turn == 0:
                grown = _megabytes(server) - before
            busy = await _seconds(client, desk.owner)
        without += bare
        beside += busy
        ratios.append(percentile(busy, 0.95) / percentile(bare, 0.95))
    report.note(
        f"{kind}: p95 of other requests {percentile(without, 0.95) * 1000:.1f} ms without streams, "
        f"{percentile(beside, 0.95) * 1000:.1f} ms beside {IDLE}; in turns {', '.join(f'{r:.2f}' for r in ratios)}"
    )
    report.at_most(f"live.memory.{kind}", grown, BOUND_MB, "MB")
    report.at_most(f"live.others.{kind}", statistics.median(ratios), BOUND_RATIO, "x")


async def _reach(report: Report, kind: str, server: LiveServer, desk: Desk, client: httpx.AsyncClient) -> None:
    booker = desk.staff[0]
    form = {
        "product_id": desk.product_id,
        "record_date": str(business_date(desk.settings.business.tz)),
        "nominal": 1000,
    }
    late: list[float] = []
    async with _streams(server, desk.staff, CLIENTS) as streams:
        for number in range(CHANGES):
            expected = [stream.expect() for stream in streams]
            started = time.perf_counter()
            answer = await client.post("/api/omset", json={**form, "customer_id": f"c{number}"}, headers=booker.auth)
            answer.raise_for_status()
            async with asyncio.timeout(30):
                late += [heard - started for heard in await asyncio.gather(*expected)]
    report.note(f"{kind}: a change reaches half of {CLIENTS} clients within {percentile(late, 0.5) * 1000:.0f} ms")
    report.at_most(f"live.reach.p99.{kind}", percentile(late, 0.99) * 1000, BOUND_MS, "ms")


async def measure(report: Report, kind: str, settings: Settings, log: Path) -> None:
    async with open_desk(settings, staff=50) as desk:
        with serving(settings, log) as server:
            async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
                await _cost(report, kind, server, desk, client)
                await _reach(report, kind, server, desk, client)


def main() -> int:
    report = Report()
    for kind in KINDS:
        with installation(kind) as settings:
            uvloop.run(measure(report, kind, settings, settings.data_dir / "server.log"))
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
