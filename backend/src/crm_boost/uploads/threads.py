"""Blocking work beside the event loop that is never left alone."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")


async def in_thread(work: Callable[..., Result], *args: Any) -> Result:
    """Run `work` in a thread and return what it returns. When this is cancelled, the thread is still waited for.

    A thread cannot be stopped: left alone it would go on writing to a file, or holding a transaction open, after its
    owner had cleaned up.
    """
    running = asyncio.get_running_loop().run_in_executor(None, lambda: work(*args))
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return running.result()
