"""Promise: at 1,000,000 records on SQLite and with 20 staff at work, marking one record is answered within 30 ms (p95).

Each staff marks a customer about once a second, as the web app sends it (POST /api/my/marks with the version seen), now
and then looks at a page of their records and at their groups, and asks for the server's time: the trivial endpoint is
the floor, under the same load. Called in-process (ASGI): sessions, permissions, unit of work and the full sync of each
commit are in the figure, a network is not.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop

from bench.asgi import Caller
from bench.support import Report, installation, open_desk, percentile, sized, write_csv
from crm_boost.app import create_app
from crm_boost.assignments.hand_out import Receivers, assign_random
from crm_boost.assignments.policies import policy_of
from crm_boost.settings import ObservabilitySettings, Settings
from crm_boost.web.logging import configure_logging

RECORDS = sized(1_000_000)
STAFF = 20
EACH = min(2_000, RECORDS // (2 * STAFF))
MARKS = 50
"""How many customers each staff works on."""
PAUSE = (0.5, 1.5)
GRID_EVERY = 10
BOUND_MS = 30
MODULE = "memberwd"


class Day:
    """Seconds of each answer, by what was asked for."""

    def __init__(self) -> None:
        self.mark: list[float] = []
        self.floor: list[float] = []
        self.page: list[float] = []
        self.groups: list[float] = []


async def _timed(seconds: list[float], answer: Any) -> Any:
    started = time.perf_counter()
    result = await answer
    seconds.append(time.perf_counter() - started)
    return result


async def _work(caller: Caller, day: Day, seed: int) -> None:
    rng = random.Random(seed)
    content, _ = await caller.get("/api/my/records", f"limit={MARKS}")
    await asyncio.sleep(rng.uniform(0, PAUSE[1]))
    for number, row in enumerate(json.loads(content)):
        if number % GRID_EVERY == 0:
            await _timed(day.page, caller.get("/api/my/records", "limit=50&whatsapp=none"))
            await _timed(day.groups, caller.get("/api/my/groups", "limit=50"))
        await _timed(day.floor, caller.get("/api/server-time"))
        mark = {"record_id": row["id"], "version": row["version"], "whatsapp_status": rng.choice(["ada", "tidak"])}
        if rng.random() < 0.5:
            mark["respond_status"] = "ya"
        done = await _timed(day.mark, caller.send("POST", "/api/my/marks", {"marks": [mark]}))
        if len(done["records"]) != 1 or done["conflicts"] or done["missing"]:
            raise RuntimeError(f"the mark was not set: {done}")
        await asyncio.sleep(rng.uniform(*PAUSE))


async def measure(report: Report, settings: Settings) -> None:
    async with open_desk(settings, STAFF) as desk:
        with tempfile.TemporaryDirectory() as folder:
            database_id = await desk.store(write_csv(Path(folder) / "pool.csv", RECORDS, "p"), MODULE)
        async with desk.database.write() as session:
            receivers = Receivers([person.id for person in desk.staff])
            await assign_random(session, policy_of(MODULE), database_id, receivers, STAFF * EACH)
        tokens = [person.token for person in desk.staff]
    configure_logging(ObservabilitySettings(log_level="WARNING"))
    app = create_app(settings)
    day = Day()
    async with app.router.lifespan_context(app):
        callers = [Caller(app, token) for token in tokens]
        await asyncio.gather(*(caller.get("/api/my/records", "limit=50") for caller in callers))
        started = time.perf_counter()
        await asyncio.gather(*(_work(caller, day, seed) for seed, caller in enumerate(callers)))
        seconds = time.perf_counter() - started
    report.note(
        f"sqlite, {RECORDS:,} records, {STAFF} staff holding {EACH} each: {len(day.mark) / seconds:.0f} marks/s; "
        + "; ".join(_line(name, values) for name, values in vars(day).items())
    )
    ratio = percentile(day.mark, 0.95) / percentile(day.floor, 0.95)
    median = percentile(day.mark, 0.5) / percentile(day.floor, 0.5)
    report.note(f"a mark costs {median:.1f} times the trivial endpoint at the median, {ratio:.1f} times at p95")
    report.at_most("mark.p95.sqlite", percentile(day.mark, 0.95) * 1000, BOUND_MS, "ms")


def _line(name: str, seconds: list[float]) -> str:
    median, late = (percentile(seconds, share) * 1000 for share in (0.5, 0.95))
    return f"{name} {median:.1f} ms, p95 {late:.1f} ms"


def main() -> int:
    report = Report()
    with installation("sqlite") as settings:
        # On the event loop that the server runs on.
        uvloop.run(measure(report, settings))
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
