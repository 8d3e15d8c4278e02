"""A small server that answers as Telegram does, and keeps what it was sent."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

TOKEN = "123456:made-up_token-of-a-test"
CHAT = "-1001"


class FakeTelegram:
    """`answers` are given in turn, each a status and a body; with none left everything arrives."""

    def __init__(self) -> None:
        self.url = ""
        self.sent: list[dict[str, Any]] = []
        self.answers: deque[tuple[int, dict[str, Any]]] = deque()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        head = request.decode()
        length = next(
            int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")
        )
        body = json.loads(await reader.readexactly(length))
        path = head.split(" ", 2)[1]
        if path != f"/bot{TOKEN}/sendMessage":
            status, answer = 401, dict[str, Any](ok=False)
        elif body["chat_id"] != CHAT:
            status, answer = 400, {"ok": False, "description": "Bad Request: chat not found"}
        elif self.answers:
            status, answer = self.answers.popleft()
        else:
            status, answer = 200, {"ok": True}
        if status == 200:
            self.sent.append(body)
        content = json.dumps(answer).encode()
        lines = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        writer.write(f"{lines}Connection: close\r\n\r\n".encode() + content)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def fake_telegram() -> AsyncIterator[FakeTelegram]:
    """Serve on a port of its own until the block ends."""
    fake = FakeTelegram()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield fake
