"""An answer that goes on for hours, at the cost of one task while nothing happens."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class EventStream(Response):
    """Sends chunks as they come, until there are no more or the browser has gone."""

    media_type = "text/event-stream"

    def __init__(self, chunks: AsyncGenerator[bytes, None], status_code: int = 200) -> None:
        self._chunks = chunks
        # Not compressed or collected by a proxy: every line is meant for now.
        super().__init__(status_code=status_code, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sender = asyncio.ensure_future(self._send(send))
        try:
            while not sender.done():
                listener = asyncio.ensure_future(receive())
                await asyncio.wait([sender, listener], return_when=asyncio.FIRST_COMPLETED)
                if not listener.done():
                    listener.cancel()
                    with suppress(asyncio.CancelledError):
                        await listener
                elif listener.result()["type"] == "http.disconnect":
                    break
        finally:
            if not sender.done():
                sender.cancel()
            with suppress(asyncio.CancelledError):
                await sender

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._chunks) as chunks:
            async for chunk in chunks:
                if chunk:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
