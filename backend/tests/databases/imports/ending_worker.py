"""A parsing child whose reader ends in the way that the name of the file says; for the tests of the real one."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm_boost.databases.imports import staging, worker
from crm_boost.databases.imports.guard import FileKind
from crm_boost.databases.imports.source import Row, RowSource

_MAIN = os.getpid()


def note(path: Path) -> Path:
    """Return where the reader writes its process id."""
    return path.with_suffix(".reader")


def _compute() -> None:
    while True:
        pass


_ENDS: dict[str, Any] = {
    "killed": lambda: signal.raise_signal(signal.SIGKILL),
    "crashed": lambda: signal.raise_signal(signal.SIGSEGV),
    "left": lambda: os._exit(0),
    "failed": lambda: os._exit(3),
    "memory": lambda: bytearray(10**11),
    "computing": _compute,
    "stuck": lambda: time.sleep(600),
}
_open = staging.open_source


def _open_source(path: Path, kind: FileKind, sheet: str | None, max_cell_chars: int) -> RowSource:
    source = _open(path, kind, sheet, max_cell_chars)
    chunks = source.chunks

    def until() -> Iterator[list[Row]]:
        for chunk in chunks():
            yield chunk
            if os.getpid() != _MAIN:
                note(path).write_text(str(os.getpid()))
                _ENDS[path.stem]()

    source.chunks = until  # type: ignore[method-assign]
    return source


if __name__ == "__main__":
    os.cpu_count = lambda: 2
    staging.open_source = _open_source
    code = worker.main()
    sys.stdout.flush()
    os._exit(code)
