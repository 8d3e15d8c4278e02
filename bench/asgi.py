"""Calls an app in-process, without a network and without a client library, whose cost would be the same everywhere."""

import json
from typing import Any

from fastapi import FastAPI


class Caller:
    """One signed-in caller of an ASGI app."""

    def __init__(self, app: FastAPI, token: str) -> None:
        self._app = app
        self._headers = [
            (b"host", b"bench"),
            (b"authorization", f"Bearer {token}".encode()),
            (b"content-type", b"application/json"),
        ]

    async def get(self, path: str, query: str = "") -> tuple[bytes, dict[bytes, bytes]]:
        """Return body and headers of an answer; anything but a 2xx is an error."""
        return await self._call("GET", path, query, b"")

    async def send(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Send a body and return the one that is answered; anything but a 2xx is an error."""
        answer, _ = await self._call(method, path, "", json.dumps(body).encode())
        return json.loads(answer)

    async def _call(self, method: str, path: str, query: str, content: bytes) -> tuple[bytes, dict[bytes, bytes]]:
        body = bytearray()
        start: dict[str, Any] = {}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": self._headers,
            "client": ("127.0.0.1", 1),
            "server": ("bench", 80),
        }
        await self._app(scope, receive, send)
        if not 200 <= start["status"] < 300:
            raise RuntimeError(f"{path}: {start['status']} {bytes(body[:300])!r}")
        return bytes(body), dict(start["headers"])
