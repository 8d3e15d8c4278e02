"""Promise: approving a reservation in a pool of 1,000,000 records costs at most twice what it costs in one of 10,000.

Every customer has a record in two modules, and one in ten of them is assigned, so that a reservation marks records and
finds conflicts. Measured is the whole unit of work of an approval, with its commit; in both pools the same number.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from bench.support import (
    KINDS,
    Desk,
    Report,
    customer_rows,
    installation,
    open_desk,
    percentile,
    sized,
    write_csv,
)
from crm_boost.assignments.hand_out import MAX_QUANTITY, Receivers, assign_random
from crm_boost.assignments.policies import policy_of
from crm_boost.identity.principal import Principal
from crm_boost.reservations import service
from crm_boost.reservations.schemas import Reserve
from crm_boost.settings import Settings

SMALL, LARGE = 10_000, sized(1_000_000)
APPROVALS = 200
MODULES = ("normal", "memberwd")
BOUND = 2


async def fill(desk: Desk, records: int) -> list[str]:
    """Store `records` records, assign a tenth of them, and return some customers."""
    each = records // len(MODULES)
    with tempfile.TemporaryDirectory() as folder:
        file = write_csv(Path(folder) / "pool.csv", each, "a")
        for module in MODULES:
            database_id = await desk.store(file, module)
            async with desk.database.write() as session:
                receivers = Receivers([desk.staff[0].id])
                quantity = min(each // 10, MAX_QUANTITY)
                await assign_random(session, policy_of(module), database_id, receivers, quantity)
    if not desk.database.is_sqlite:
        async with desk.database.write() as session:
            await (await session.connection()).exec_driver_sql("ANALYZE")
    chosen = set(random.Random(3).sample(range(each), APPROVALS))
    return sorted({row[0] for number, row in enumerate(customer_rows(each, "a")) if number in chosen})


async def approvals(desk: Desk, customers: list[str]) -> list[float]:
    """Let a staff ask for each customer, approve it, and return the seconds of every approval."""
    asking = desk.staff[1]
    principal = Principal(asking.id, asking.name, asking.role, frozenset(), "")
    seconds, touched = [], 0
    for customer in customers:
        async with desk.database.write() as session:
            wanted = Reserve(customer_id=customer, product_id=desk.product_id)
            asked = await service.reserve(session, principal, wanted)
        started = time.perf_counter()
        async with desk.database.write() as session:
            done = await service.approve(session, asked.ids[0])
        seconds.append(time.perf_counter() - started)
        touched += done.effects.records_marked_reserved + done.effects.invalidated_records
    if touched < len(customers):
        raise RuntimeError(f"{len(customers)} reservations touched only {touched} records")
    return seconds


async def in_pool_of(records: int, settings: Settings) -> list[float]:
    async with open_desk(settings, staff=2) as desk:
        return await approvals(desk, await fill(desk, records))


def main() -> int:
    report = Report()
    for kind in KINDS:
        medians = []
        for records in (SMALL, LARGE):
            with installation(kind) as settings:
                # On the event loop that the server runs on.
                seconds = uvloop.run(in_pool_of(records, settings))
            medians.append(percentile(seconds, 0.5))
            late = percentile(seconds, 0.95) * 1000
            report.note(f"{kind}, {records:,} records: {medians[-1] * 1000:.1f} ms, p95 {late:.1f} ms")
        report.at_most(f"approve.growth.{kind}", medians[1] / medians[0], BOUND, "x")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
