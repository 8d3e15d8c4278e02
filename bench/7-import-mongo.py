"""Promise: a dump of a legacy desk with 200,000 records and 100,000 deposits, and the mess of years, is imported in under
three minutes, proven table by table; importing it again changes nothing.

The whole command is measured: reading, storing, adding up, comparing, and every check of the data's health.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.support import Report, run_on_each, sized
from crm_boost.db.engine import Database
from crm_boost.health.repositories import journal
from crm_boost.migrate_mongo import repository
from crm_boost.migrate_mongo.service import import_from
from crm_boost.migrate_mongo.sources import DumpSource
from crm_boost.settings import Settings
from crm_boost.wiring import build_bus
from tests.support.mongo_dump import Sizes, write_dump

SIZES = Sizes(
    records=sized(200_000), deposits=sized(100_000), staff=40, products=4, reservations=4000, notifications=20_000
)
SECONDS = 180


async def everything(database: Database) -> list[Sequence[Any]]:
    """All rows that an import stores, in order."""
    async with database.read() as session:
        found: list[Sequence[Any]] = []
        for table in repository.TABLES.values():
            found += (await session.execute(select(table).order_by(*table.primary_key))).all()
    return found


async def measure(report: Report, kind: str, settings: Settings) -> None:
    """Import a dump twice."""
    database = Database(settings, build_bus())
    try:
        with tempfile.TemporaryDirectory(prefix="crm-bench-dump-") as folder:
            facts = write_dump(Path(folder), SIZES)
            began, worked = time.perf_counter(), time.process_time()
            outcome = await import_from(database, settings, DumpSource(Path(folder)))
            seconds, cpu = time.perf_counter() - began, time.process_time() - worked
            report.at_most(f"import-mongo.{kind}", seconds, SECONDS, "s")
            report.note(f"{sum(facts.documents.values()):,} documents; {cpu:.0f} s of this process's processor time")
            wanted, stored = int(facts.approved * 100), outcome.report["totals"]["deposits approved, total"]
            report.at_most(f"import-mongo.{kind}.money-off", abs(wanted - stored), 0)
            before = await everything(database)
            again = await import_from(database, settings, DumpSource(Path(folder)))
            differing = int(not again.was_there) + int(await everything(database) != before)
            report.at_most(f"import-mongo.{kind}.twice-differs", differing, 0)
        async with database.read() as session:
            found = {name: row.count for name, row in (await journal.stored_findings(session)).items() if row.count}
        report.note(f"health {outcome.health['health_score']} of 100: {found}")
    finally:
        await database.dispose()


if __name__ == "__main__":
    report = Report()
    sys.exit(run_on_each(report, measure))
