"""Promise: an answer of 1,000 rows that were read as they are is at least 30 times as often given as FastAPI's default
answer, a list of dicts, of the same rows.

Two routes of one app, called in-process (ASGI) in turns. The rows have the fields and types of the list of deposits; both
bodies are compared, apart from how they write an instant.
"""

import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import uvloop
from fastapi import FastAPI
from fastapi.responses import Response

from bench.asgi import Caller
from bench.support import Report
from crm_boost.web.lists import rows_response

ROWS, TIMES, ROUNDS = 1_000, 20, 7


def rows() -> list[dict[str, Any]]:
    """Return rows as the list of deposits reads them."""
    day, at = date(2025, 3, 1), datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
    return [
        {
            "id": f"0194f5c3{number:024d}", "product_id": "0194f5c3a7b07e2c8f5d3b1a6e9c4d20", "product_name": "Brand",
            "staff_id": "0194f5c3a7b07e2c8f5d3b1a6e9c4d21", "staff_name": "Ana", "record_date": day,
            "customer_id": f"player{number}", "customer_key": f"player{number}", "customer_name": f"Customer {number}",
            "nominal": 100_000.5 + number, "depo_kelipatan": 1.5, "depo_total": 150_000.75, "keterangan": "evening",
            "tambahan": False, "customer_type": "NDP", "approval_status": "approved", "possible_duplicate": False,
            "created_at": at + timedelta(seconds=number), "created_by_name": "Ana", "version": 1,
        }
        for number in range(ROWS)
    ]  # fmt: skip


def desk(given: list[dict[str, Any]]) -> FastAPI:
    """An app that answers them both ways."""
    app = FastAPI()

    @app.get("/ours")
    async def ours() -> Response:
        return rows_response(given)

    @app.get("/default", response_model=None)
    async def default() -> Any:
        return given

    @app.get("/annotated")
    async def annotated() -> list[dict[str, Any]]:
        return given

    return app


async def median(work: Callable[[], Awaitable[Any]]) -> float:
    times = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        await work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


async def measure(report: Report) -> None:
    caller = Caller(desk(rows()), "")
    bodies = {}
    for path in ("/ours", "/default", "/annotated"):
        found = orjson.loads((await caller.get(path))[0])
        bodies[path] = [{**row, "created_at": datetime.fromisoformat(row["created_at"])} for row in found]
    if not bodies["/ours"] == bodies["/default"] == bodies["/annotated"]:
        raise RuntimeError("the answers differ")
    ratios, typed, ours = [], [], []
    for _ in range(ROUNDS):
        one, other, third = [await median(lambda p=path: caller.get(p)) for path in bodies]
        ours.append(one)
        ratios.append(other / one)
        typed.append(third / one)
    report.note(f"ours: {statistics.median(ours) * 1000:.2f} ms for {ROWS:,} rows")
    report.note(
        f"against a list whose type is declared, which FastAPI hands to pydantic: {statistics.median(typed):.1f}x"
    )
    report.at_least("json.rate", statistics.median(ratios), 30)


def main() -> int:
    report = Report()
    uvloop.run(measure(report))
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
