"""The parsing child: reads one request from standard input, stages the file, reports in JSON lines.

Started by ``child``; a fresh interpreter with few imports, under limits of memory and processor time, so that
neither a hostile file nor a defect of a parser can hurt the server. Lines: ``{"progress": …}`` as it goes, and in
the end one of ``{"result": …}`` or ``{"refused": {code, message, field}}``.
"""

import gc
import json
import os
import resource
import signal
import sqlite3
import sys
from dataclasses import asdict
from typing import Any

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.errors import ImportRefused, ReaderDied
from crm_boost.databases.imports.limits import ImportLimits
from crm_boost.databases.imports.request import StageProgress, StageRequest

_NICENESS = 10


def _limit(limits: ImportLimits) -> None:
    """Bound this process; a soft processor limit ends it by a signal that the parent understands."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, limits.child_cpu_seconds)
    _lower(resource.RLIMIT_AS, limits.child_memory_bytes)
    os.nice(_NICENESS)


def _lower(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (wanted, hard))


def _say(name: str, value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({name: value}) + "\n")
    sys.stdout.flush()


def _progress(progress: StageProgress) -> None:
    _say("progress", asdict(progress))


def main() -> int:
    """Stage the requested file; the exit code is 0 whenever an answer was given."""
    request = StageRequest.from_json(json.loads(sys.stdin.buffer.read()))
    _limit(request.limits)
    # Rows are lists of texts without cycles; looking for cycles among millions of them only costs time.
    gc.disable()
    try:
        from crm_boost.databases.imports.staging import stage

        result = stage(request, _progress)
    except ImportRefused as refused:
        _say("refused", {"code": refused.code, "message": refused.message, "field": refused.field})
    except MemoryError:
        _say("refused", asdict(errors.too_much_memory()))
    except sqlite3.OperationalError as error:
        message = f"The rows could not be stored while the file was read: {error}."
        _say("refused", {"code": errors.STORAGE_FAILED, "message": message, "field": "file"})
    except ReaderDied as died:
        # The server knows what it means that a process ends like this.
        if died.code < 0:
            signal.raise_signal(-died.code)
        return 1
    except BrokenPipeError:
        # The server is gone; nobody waits for the answer and the half staging file has been removed.
        return 1
    else:
        _say("result", result.to_json())
    return 0


if __name__ == "__main__":
    code = main()
    # Freeing millions of small objects one by one would only keep the person waiting.
    os._exit(code)
