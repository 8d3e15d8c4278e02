"""Starts the parsing child and listens to it (spec 2.2): the server never parses in its own process."""

import asyncio
import inspect
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.guard import inspect_file
from crm_boost.databases.imports.request import StageProgress, StageRequest, StageResult

_WORKER = "crm_boost.databases.imports.worker"
# The answer is one line: fifty preview rows of many columns fit.
_LONGEST_LINE = 64 * 1024 * 1024
_KEPT_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "TZ")
_OUT_OF_MEMORY = {-signal.SIGABRT, -signal.SIGKILL, -signal.SIGSEGV, -signal.SIGBUS}

OnProgress = Callable[[StageProgress], Awaitable[None] | None]

logger = logging.getLogger(__name__)


async def stage_in_child(request: StageRequest, on_progress: OnProgress) -> StageResult:
    """Stage one file in a child process and return what was found; the rows are in ``request.staging_path``.

    Raises ImportRefused for a file that cannot be imported, also when it needs too much memory or time. When
    this is cancelled the child is killed. Whatever goes wrong, no part of a staging file is left behind; a complete
    one of an earlier analysis stays as it was.
    """
    try:
        await asyncio.to_thread(inspect_file, Path(request.path), request.filename, request.limits)
        return await _run(request, on_progress)
    finally:
        request.part_path.unlink(missing_ok=True)


async def _run(request: StageRequest, on_progress: OnProgress) -> StageResult:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _WORKER,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        limit=_LONGEST_LINE,
        # The child opens hostile files: it gets none of the secrets of the server's environment.
        env={name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(request.limits.child_wall_seconds):
            answer = await _listen(process, request, on_progress)
            code = await process.wait()
    except TimeoutError:
        raise ImportRefused(errors.TOO_SLOW, "Reading the file takes too long; it was stopped.") from None
    finally:
        await _end(process)
    if "result" in answer:
        return StageResult.from_json(answer["result"])
    if "refused" in answer:
        raise ImportRefused(**answer["refused"])
    raise _died(code)


async def _listen(process: Process, request: StageRequest, on_progress: OnProgress) -> dict[str, Any]:
    """Hand the request over, pass progress on, return the last line; empty when the child died without one."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the child has no pipes")
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(orjson.dumps(request.to_json()))
        await process.stdin.drain()
        process.stdin.close()
    async for line in process.stdout:
        message: dict[str, Any] = orjson.loads(line)
        if "progress" not in message:
            return message
        told = on_progress(StageProgress(**message["progress"]))
        if inspect.isawaitable(told):
            await told
    return {}


async def _end(process: Process) -> None:
    """Kill the child and its reader if they still run, and collect them, so that no zombie is left."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await asyncio.shield(_collect(process))


async def _collect(process: Process) -> None:
    await process.wait()
    # A reader left alone is handed to the first process of the machine. In a container that is often this one.
    with suppress(ChildProcessError):
        await asyncio.to_thread(os.waitpid, -process.pid, 0)


def _died(code: int) -> ImportRefused:
    """Say why a child ended without an answer."""
    logger.error("the parsing child ended without an answer, exit code %s", code)
    if code == -signal.SIGXCPU:
        return ImportRefused(errors.TOO_SLOW, "Reading the file takes too long; it was stopped.")
    if code in _OUT_OF_MEMORY:
        return errors.too_much_memory()
    return ImportRefused(errors.UNREADABLE, "The file cannot be read; it is damaged or of an unknown make.")
