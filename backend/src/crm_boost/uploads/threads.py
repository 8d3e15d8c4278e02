"""Work beside the event loop, or beside other work, that is never left alone."""

import asyncio
from collections.abc import Callable, Coroutine
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


async def together(*work: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run all of this at once and return what each returns. Where one fails, or this is cancelled, the others are cancelled
    and waited for; what is raised is what went wrong first.

    A task group would leave its task marked as cancelled when one fails (Python 3.11), by which others tell why it ends.
    """
    tasks = [asyncio.create_task(each) for each in work]
    running, wrong = set(tasks), list[BaseException]()
    while running:
        try:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError as cancelled:
            wrong.append(cancelled)
        else:
            ended = [task.exception() for task in done if not task.cancelled()]
            wrong += [error for error in ended if error is not None]
        if wrong:
            for task in running:
                task.cancel()
    if wrong:
        raise wrong[0]
    return [task.result() for task in tasks]
