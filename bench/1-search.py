"""Promise: any substring of identity, name or phone is found in 1,000,000 records in under 10 ms; page 18,000 of the list
takes at most 1.5 times as long as page 1.

Measured is the whole read of a page of 50 with its total: session, statements, rows shaped for the API.
"""

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from bench.support import Desk, Report, customer_rows, open_desk, percentile, run_on_each, sized, write_csv
from crm_boost.databases.models import CustomerDatabase
from crm_boost.pools.places import Place, RecordFilter
from crm_boost.pools.repository import list_records
from crm_boost.settings import Settings

RECORDS = sized(1_000_000)
TERMS = 200
PAGE = 50
LATE = 18_000
ROUNDS = 40


def terms() -> list[str]:
    """Return parts of identities, names and phones of records spread over the file, three to eight characters long."""
    rng = random.Random(7)
    wanted = set(rng.sample(range(RECORDS), TERMS))
    found = []
    for i, row in enumerate(customer_rows(RECORDS, "m")):
        if i not in wanted:
            continue
        value = rng.choice(row[:3]).strip()
        length = min(rng.randint(3, 8), len(value))
        start = rng.randrange(len(value) - length + 1)
        if part := value[start : start + length].strip():
            found.append(part)
    return found


async def timed(desk: Desk, database: CustomerDatabase, wanted: RecordFilter, after: Place | None = None) -> float:
    """Return the seconds of one page."""
    started = time.perf_counter()
    async with desk.database.read() as session:
        page = await list_records(session, database, wanted, after=after, limit=PAGE)
    if not page.rows:
        raise RuntimeError(f"nothing was found for {wanted}")
    return time.perf_counter() - started


async def measure(report: Report, kind: str, settings: Settings) -> None:
    async with open_desk(settings) as desk:
        with tempfile.TemporaryDirectory() as folder:
            database_id = await desk.store(write_csv(Path(folder) / "million.csv", RECORDS, "m"))
        if not desk.database.is_sqlite:
            # What autovacuum does within minutes of a large import.
            async with desk.database.write() as session:
                await session.execute(text("ANALYZE"))
        async with desk.database.read() as session:
            database = await session.get_one(CustomerDatabase, database_id)
        seconds = {}
        for term in terms():
            wanted = RecordFilter(q=term)
            await timed(desk, database, wanted)
            seconds[term] = statistics.median([await timed(desk, database, wanted) for _ in range(3)])
        values = list(seconds.values())
        slowest = sorted(seconds, key=lambda term: -seconds[term])[:5]
        worst = ", ".join(f"{term!r} {seconds[term] * 1000:.1f} ms" for term in slowest)
        report.note(f"{kind}: p99 {percentile(values, 0.99) * 1000:.1f} ms; slowest {worst}")
        report.at_most(f"search.median.{kind}", statistics.median(values) * 1000, 10, "ms")
        plain = RecordFilter()
        second_page = Place(PAGE, is_row=True)
        late_page = Place(min(LATE * PAGE, RECORDS - 2 * PAGE), is_row=True)
        pages: dict[str, list[float]] = {name: [] for name in ("first", "second", "late")}
        for _ in range(ROUNDS):
            pages["first"].append(await timed(desk, database, plain))
            pages["second"].append(await timed(desk, database, plain, second_page))
            pages["late"].append(await timed(desk, database, plain, late_page))
        first, second, last = (statistics.median(pages[name]) for name in pages)
        report.note(
            f"{kind}: page 1 {first * 1000:.2f} ms with its total, 2 {second * 1000:.2f}, late {last * 1000:.2f}"
        )
        report.at_most(f"pages.late-to-first.{kind}", last / first, 1.5, "x")
        report.at_most(f"pages.late-to-second.{kind}", last / second, 1.5, "x")


if __name__ == "__main__":
    sys.exit(run_on_each(Report(), measure))
