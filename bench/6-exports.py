"""Promise: a list leaves as a file at constant memory. At 100,000 and at 1,000,000 rows the process grows by at most 20 MB,
streamed or as a job, in either format; the first byte comes within 150 ms; XLSX is written at least five times as fast as
by XlsxWriter in its constant-memory mode, CSV takes at most 1.5 times csv.writer's time, with the guards on in both.

Processor time where two writers are compared: other work on the machine hardly changes it. SQLite with full sync.
"""

import asyncio
import csv
import io
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import uvloop
import xlsxwriter
from fastapi import FastAPI

from bench.asgi import Caller
from bench.support import Desk, Report, installation, open_desk, sized
from crm_boost.access.limits import SETTINGS, AccessLimits
from crm_boost.app import create_app
from crm_boost.configuration.service import write
from crm_boost.databases.imports.formula_guard import guard_cell
from crm_boost.databases.table_file import Cell, FileFormat, table_file
from crm_boost.settings import ObservabilitySettings, Settings
from crm_boost.web.logging import configure_logging
from tests.support.factories import make_database

SIZES = (sized(100_000), sized(1_000_000))
WRITTEN = sized(100_000)
_IN_ONE_DATABASE = 20_000
_PAGE = 500
_MODULE = "bonanza"
FORMATS: tuple[FileFormat, ...] = ("csv", "xlsx")


def rows(count: int) -> list[list[Cell]]:
    """Return rows like those of the ledger."""
    return [
        [f"2026-01-{i % 28 + 1:02d}", "Product A", f"Staff {i % 30}", f"customer{i}", f"Person & Sons {i}", 100_000 + i, 1,
         100_000.5 + i, "NDP", "", "approved", f"note {i}", f"+62812{i:07d}", "Admin"]
        for i in range(count)
    ]  # fmt: skip


def ours(file_format: FileFormat, found: list[list[Cell]]) -> None:
    """Write a file as exports do, page by page."""
    file = table_file(file_format)
    file.begin("Deposits", [str(n) for n in range(len(found[0]))], {5, 7})
    for start in range(0, len(found), _PAGE):
        file.add(found[start : start + _PAGE])
    file.close()


def by_xlsxwriter(found: list[list[Cell]]) -> None:
    """The same with XlsxWriter."""
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(str(Path(folder) / "book.xlsx"), {"constant_memory": True})
        sheet = book.add_worksheet()
        for number, row in enumerate(found):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, guard_cell(cell))
                else:
                    sheet.write_number(number, column, cell)
        book.close()


def by_csv_writer(found: list[list[Cell]]) -> None:
    """The same with csv.writer, and nothing guarded."""
    target = io.StringIO(newline="")
    csv.writer(target).writerows(found)
    target.getvalue().encode()


def seconds_of(work: Callable[[], None]) -> float:
    """Return the processor time of the better of two runs."""
    found = []
    for _ in range(2):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found)


def resident() -> float:
    """Return the process's memory in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


class Watch:
    """The most memory that was in use while something was done."""

    def __init__(self) -> None:
        self.before = self.most = resident()

    def look(self) -> None:
        self.most = max(self.most, resident())

    @property
    def growth(self) -> float:
        return self.most - self.before


async def streamed(app: FastAPI, file_format: FileFormat, token: str) -> tuple[float, Watch, int]:
    """Fetch all records; return milliseconds to the first byte, what memory did, and bytes. Called in-process (ASGI): a
    client that keeps the answer would be in the figures."""
    watch, started, found = Watch(), time.perf_counter(), {"first": 0.0, "bytes": 0.0, "status": 0.0}
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        for message in asked:
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            found["status"] = message["status"]
        elif body := message.get("body", b""):
            found["first"] = found["first"] or (time.perf_counter() - started) * 1000
            found["bytes"] += len(body)
            watch.look()

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": f"/api/export/{_MODULE}", "raw_path": b"", "query_string": f"format={file_format}".encode(),
        "root_path": "", "headers": [(b"host", b"bench"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1), "server": ("bench", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    assert found["status"] == 200, found
    return found["first"], watch, int(found["bytes"])


async def as_job(app: FastAPI, caller: Caller, file_format: FileFormat, count: int) -> Watch:
    """Have all records written into a file and wait for it."""
    watch = Watch()
    order = {"kind": _MODULE, "format": file_format}
    export_id = (await caller.send("POST", "/api/exports", order))["id"]
    done = asyncio.create_task(app.state.exports.idle())
    while not done.done():
        await asyncio.wait([done], timeout=0.05)
        watch.look()
    body, _ = await caller.get(f"/api/exports/{export_id}")
    item = orjson.loads(body)
    assert (item["state"], item["rows_done"]) == ("done", count), item
    return watch


async def fill(desk: Desk, count: int, stored: int) -> None:
    """Store records until there are so many."""
    for number in range(stored, count, _IN_ONE_DATABASE):
        some = min(_IN_ONE_DATABASE, count - number)
        await make_database(
            desk.database, some, module=_MODULE, product_id=desk.product_id, prefix=f"customer{number}-"
        )


async def measure(report: Report, settings: Settings) -> None:
    async with open_desk(settings) as desk:
        async with desk.database.write() as session:
            await write(session, SETTINGS, AccessLimits(rows_per_hour=None, rows_per_day=None))
        app, stored = create_app(settings), 0
        async with app.router.lifespan_context(app):
            caller = Caller(app, desk.owner.token)
            for count in SIZES:
                await fill(desk, count, stored)
                stored = count
                for file_format in FORMATS:
                    # What every export needs once is not what grows.
                    await streamed(app, file_format, desk.owner.token)
                    started = time.perf_counter()
                    first, watch, size = await streamed(app, file_format, desk.owner.token)
                    seconds = time.perf_counter() - started
                    report.note(f"{count:,} rows as {file_format}: {size / 1e6:.1f} MB in {seconds:.1f} s")
                    report.at_most(f"export.{file_format}.{count}.first-byte", first, 150, " ms")
                    report.at_most(f"export.{file_format}.{count}.memory", watch.growth, 20, " MB")
                    watch = await as_job(app, caller, file_format, count)
                    report.at_most(f"export.{file_format}.{count}.job-memory", watch.growth, 20, " MB")


def writers(report: Report) -> None:
    """Compare the writers alone."""
    found = rows(WRITTEN)
    xlsx = seconds_of(lambda: by_xlsxwriter(found)) / seconds_of(lambda: ours("xlsx", found))
    report.at_least("export.xlsx.rate", xlsx, 5)
    plain = seconds_of(lambda: ours("csv", found)) / seconds_of(lambda: by_csv_writer(found))
    report.at_most("export.csv.time", plain, 1.5, "x")


def main() -> int:
    """Measure and report; 1 when the promise is not kept."""
    configure_logging(ObservabilitySettings(log_level="WARNING"))
    report = Report()
    writers(report)
    with installation("sqlite") as settings:
        uvloop.run(measure(report, settings))
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
