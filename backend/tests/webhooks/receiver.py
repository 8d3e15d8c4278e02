"""A small server that takes deliveries, and keeps what it was sent."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found

    def is_signed_with(self, secret: str) -> bool:
        """As a receiver checks it: docs/api.md shows the same lines."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.raw
        wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(wanted, self.headers["webhook-signature"])


class Receiver:
    """`answers` are given in turn, each a status and further headers; with none left everything is taken."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[Received] = []
        self.answers: deque[tuple[int, str]] = deque()
        self.held = asyncio.Event()
        """Until it is set, what comes to `/slow` is not answered."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        raw = await reader.readexactly(int(headers["content-length"]))
        self.received.append(Received(first.split(" ")[1], headers, raw))
        if first.split(" ")[1].startswith("/slow"):
            await self.held.wait()
        status, more = self.answers.popleft() if self.answers else (204, "")
        writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: 0\r\n{more}Connection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """Serve on a port of its own until the block ends."""
    found = Receiver()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?key=of-the-receiver"
    async with server:
        yield found
