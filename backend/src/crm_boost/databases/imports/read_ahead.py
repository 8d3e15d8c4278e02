"""The rest of a file, read by a process of its own beside the one that stages it (ADR 67).

The process is a copy of this one, made when the head of the file is known. It goes on with the rows where they are, sends
each chunk through a pipe, and does nothing else. The pipe holds few chunks, so it is never far ahead.
"""

import fcntl
import gc
import os
import pickle
import signal
from collections.abc import Iterator
from contextlib import suppress
from struct import Struct
from typing import Any, BinaryIO, NoReturn

import orjson

from crm_boost.databases.imports.errors import ReaderDied
from crm_boost.databases.imports.source import CHUNK_ROWS, Row, RowSource, SheetInfo

# Of fewer rows to come, what a process costs is not earned.
_WORTH_A_PROCESS = 4 * CHUNK_ROWS
# As much as everybody may ask for: some five chunks of a usual list.
_PIPE_BYTES = 1024 * 1024
# Stands before each message: whether it is an exception, and its length.
_HEAD = Struct("<?Q")
# Made while there is memory.
_NO_MEMORY = pickle.dumps(MemoryError())


def read_ahead(source: RowSource, chunks: Iterator[list[Row]], read: int) -> tuple[RowSource, Iterator[list[Row]]]:
    """Return, in place of a source and its chunks, what a process of its own reads; ``read`` rows have been read.

    What was given is returned when that would save nothing, or when the system gives no further process. Else the
    given source is closed here: the process has a copy.
    """
    few = source.total_rows is not None and source.total_rows - read < _WORTH_A_PROCESS
    if few or not source.costly or os.cpu_count() == 1:
        return source, chunks
    try:
        ahead = _Ahead(source, chunks)
    except OSError:
        return source, chunks
    source.close()
    return ahead, ahead.chunks()


class _Ahead(RowSource):
    """What the process reads, in the order in which it reads it, and what reading raises there."""

    def __init__(self, source: RowSource, chunks: Iterator[list[Row]]) -> None:
        self.sheet, self.total_rows, self.rectangular = source.sheet, source.total_rows, source.rectangular
        self._sheets: list[SheetInfo] | None = None
        receiving, sending = os.pipe()
        try:
            # Where a pipe cannot be made larger, or not as large, it is as it is.
            with suppress(OSError, AttributeError):
                fcntl.fcntl(sending, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            self._process = os.fork()
        except OSError:
            os.close(receiving)
            os.close(sending)
            raise
        if not self._process:
            _read(source, chunks, receiving, sending)
        os.close(sending)
        self._pipe = os.fdopen(receiving, "rb")

    def chunks(self) -> Iterator[list[Row]]:
        while (chunk := self._receive()) is not None:
            yield chunk

    @property
    def sheets(self) -> list[SheetInfo]:
        """The sheets of the workbook; they are sent behind the rows."""
        if self._sheets is None:
            self._sheets = [SheetInfo(*item) for item in self._receive()]
        return self._sheets

    def close(self) -> None:
        """End the process wherever it is, and collect it."""
        self._pipe.close()
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            self._collect()

    def _receive(self) -> Any:
        """Return the next message; raises what the process raised, and ReaderDied when it ended without a word."""
        head = self._pipe.read(_HEAD.size)
        if len(head) == _HEAD.size:
            raised, length = _HEAD.unpack(head)
            body = self._pipe.read(length)
            if len(body) == length:
                if raised:
                    raise pickle.loads(body)  # noqa: S301 - from our own process
                return orjson.loads(body)
        raise ReaderDied(self._collect())

    def _collect(self) -> int:
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        return os.waitstatus_to_exitcode(status)


def _read(source: RowSource, chunks: Iterator[list[Row]], receiving: int, sending: int) -> NoReturn:
    """Be the process: send what is left of the source, and leave everything else of the copy as it is."""
    code = 1
    try:
        gc.disable()
        os.close(receiving)
        # Whoever listens to what the original says shall see when that one ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        with os.fdopen(sending, "wb") as pipe:
            try:
                for chunk in chunks:
                    _send(pipe, orjson.dumps(chunk))
                _send(pipe, orjson.dumps(None))
                _send(pipe, orjson.dumps([(item.name, item.rows, item.hidden) for item in source.sheets]))
            except MemoryError:
                _send(pipe, _NO_MEMORY, raised=True)
            except Exception as error:  # noqa: BLE001 - the original raises it
                _send(pipe, pickle.dumps(error), raised=True)
        code = 0
    finally:
        # Neither exit handlers nor buffers of the original are this one's.
        os._exit(code)


def _send(pipe: BinaryIO, body: bytes, *, raised: bool = False) -> None:
    pipe.write(_HEAD.pack(raised, len(body)))
    pipe.write(body)
    pipe.flush()
