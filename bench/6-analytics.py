"""Promise: with 1,000,000 records handed out and 1,000,000 deposits, every chart and every page of a drill-down is answered
within 50 ms (p95) and in at most three times its time at 10,000; beside it, in the same run, the naive way: load the rows
of the period and loop over them.

Pages are called in-process (ASGI), as an admin who looks at the last 30 days, warm as in daily use: sessions, permissions
and shaping are in the figures, a network is not. `BENCH_ONLY=deposit-trends` measures some of them.
"""

import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import uvloop
from sqlalchemy import insert, select

from bench.asgi import Caller
from bench.support import KINDS, Desk, Report, installation, open_desk, percentile, sized
from crm_boost.analytics import rebuild
from crm_boost.app import create_app
from crm_boost.contacts.models import Contact
from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.repository import allocate_seqs
from crm_boost.db.engine import Database
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.rebuild import recalculate
from crm_boost.kit.clock import utc_now
from crm_boost.kit.ids import new_id
from crm_boost.retention import rebuild as retention
from crm_boost.settings import ObservabilitySettings, Settings
from crm_boost.web.logging import configure_logging
from tests.support.factories import make_product

SMALL, LARGE = 10_000, sized(1_000_000)
STAFF, PRODUCTS, DAYS = 30, 5, 730
CUSTOMERS_EACH = 10
"""Of each customer there are ten deposits on average."""
PAGES, BOUND_MS, GROWTH = 25, 50, 3
ONLY = frozenset(os.environ.get("BENCH_ONLY", "").split())
"""Names of charts and drill-downs to measure; none: all."""
TRENDS = {
    "weekly": "period=month&granularity=weekly",
    "monthly": "period=month&granularity=monthly",
    "year": "period=year",
    "year-weekly": "period=year&granularity=weekly",
    "year-monthly": "period=year&granularity=monthly",
    "staff": "period=year&granularity=monthly&staff_id={staff}",
    "product": "period=year&granularity=weekly&product_id={product}",
    "staff-product": "period=month&staff_id={staff}&product_id={product}",
    "part-of-month": "period=custom&custom_start={start}&custom_end={end}&granularity=monthly",
}
"""The trend in other ways: what it costs must not depend on the period, the buckets or the filters."""
_AT_ONCE, _RANK_BITS = 5_000, 20


def deposits(count: int, staff: list[str], products: list[str], last: date) -> Iterator[dict[str, Any]]:
    """Yield deposits of two years; their classes are found by the recalculation."""
    rng, now = random.Random(6), utc_now()
    customers = max(count // CUSTOMERS_EACH, 1)
    for number in range(count):
        customer = rng.randrange(customers)
        total = 100_000_00 * rng.randint(1, 20)
        yield {
            "id": f"d{number:09d}", "staff_id": staff[customer % len(staff)],
            "product_id": products[customer % len(products)], "record_date": last - timedelta(days=rng.randrange(DAYS)),
            "customer_id": f"player{customer}", "customer_key": f"player{customer}", "customer_name": "",
            "nominal": total, "multiplier": 100, "total": total, "note": "", "tambahan": rng.random() < 1 / 12,
            "status": "approved", "customer_type": "RDP", "possible_duplicate": False, "created_at": now,
            "created_by_name": "bench", "version": 1,
        }  # fmt: skip


def work(
    count: int, staff: list[str], databases: list[tuple[str, str, int]], now: datetime
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Yield records that are handed out, each with its contact; two in ten are not worked on yet, one in ten says yes."""
    rng = random.Random(7)
    each = count // len(databases)
    for number in range(each * len(databases)):
        database_id, product_id, first = databases[number // each]
        place = number % each
        handed = (now - timedelta(minutes=rng.randrange(DAYS * 24 * 60))).replace(second=0, microsecond=0)
        rank = (int(handed.timestamp() * 1000) << _RANK_BITS) + rng.getrandbits(_RANK_BITS)
        who, seq = staff[number % len(staff)], first + place
        record = {
            "seq": seq, "id": f"r{seq:09d}", "database_id": database_id, "product_id": product_id,
            "row_number": place + 1, "row_data": f'["player{number}","Person"]', "customer_key": f"player{number}",
            "display_name": "Person", "search_text": "", "state": "assigned", "assigned_to": who,
            "assigned_at": handed, "deal_rank": rank,
        }  # fmt: skip
        if rng.random() < 0.2:
            yield record, None
            continue
        wa_at = handed + timedelta(seconds=rng.randrange(60, 40 * 3600))
        answers = {0: "ya", 1: "tidak", 2: "tidak"}.get(rng.randrange(10))
        respond_at = wa_at + timedelta(seconds=rng.randrange(60, 40 * 3600)) if answers else None
        yield record, {
            "record_seq": seq, "deal_rank": rank, "staff_id": who, "assigned_at": handed, "version": 2,
            "wa_status": rng.choice(["ada", "ada", "ceklis1", "tidak"]), "wa_at": wa_at, "first_wa_at": wa_at,
            "wa_version": 1, "respond_status": answers, "respond_at": respond_at, "first_respond_at": respond_at,
            "respond_version": 2, "verdict_version": 0,
        }  # fmt: skip


async def store(database: Database, table: Any, rows: list[dict[str, Any]]) -> None:
    async with database.write() as session:
        await session.execute(insert(table), rows)


async def fill(desk: Desk, count: int, last: date) -> list[str]:
    """Put everything in, add it up, and return the products."""
    products = [desk.product_id, *[await make_product(desk.database) for _ in range(PRODUCTS - 1)]]
    staff = [person.id for person in desk.staff]
    chunk: list[dict[str, Any]] = []
    for row in deposits(count, staff, products, last):
        chunk.append(row)
        if len(chunk) == _AT_ONCE:
            await store(desk.database, Deposit.__table__, chunk)
            chunk = []
    if chunk:
        await store(desk.database, Deposit.__table__, chunk)
    if not ONLY or ONLY - {"deposit-trends"}:
        await fill_pool(desk, count, staff, products)
    await recalculate(desk.database)
    await retention.rebuild(desk.database)
    await rebuild.rebuild(desk.database)
    async with desk.database.write() as session:
        await (await session.connection()).exec_driver_sql("ANALYZE")
    return products


async def fill_pool(desk: Desk, count: int, staff: list[str], products: list[str]) -> None:
    """Put records in, handed out and worked on."""
    each, databases = count // PRODUCTS, []
    for product_id in products:
        async with desk.database.write() as session:
            first = await allocate_seqs(session, each)
            database_id = new_id()
            session.add(
                CustomerDatabase(
                    id=database_id, module="normal", product_id=product_id, name="Customers", filename="customers.csv",
                    file_hash=database_id, state="ready", columns=["username", "name"],
                    mapping={"username": 0, "name": 1}, first_seq=first, last_seq=first + each - 1,
                    uploaded_at=utc_now(), uploaded_by_name="bench",
                )
            )  # fmt: skip
            databases.append((database_id, product_id, first))
    records: list[dict[str, Any]] = []
    contacts: list[dict[str, Any]] = []
    for record, contact in work(count, staff, databases, datetime.now(UTC)):
        records.append(record)
        if contact is not None:
            contacts.append(contact)
        if len(records) == _AT_ONCE:
            await store(desk.database, Record.__table__, records)
            await store(desk.database, Contact.__table__, contacts)
            records, contacts = [], []
    if records:
        await store(desk.database, Record.__table__, records)
    if contacts:
        await store(desk.database, Contact.__table__, contacts)


def addresses(staff_id: str, product_id: str, last: date) -> dict[str, str]:
    """Every chart and every drill-down, as the page asks for them, and the trend in all its ways (after a point)."""
    behind = {
        "response-time": f"staff_id={staff_id}",
        "followup-detail": f"staff_id={staff_id}",
        "lifecycle": f"staff_id={staff_id}",
        "work-done": f"staff_id={staff_id}",
        "product-staff": f"product_id={product_id}",
        "staff-customers": f"staff_id={staff_id}",
        "date-deposits": f"date={last}",
        "weekday-deposits": f"staff_id={staff_id}&weekday=1",
    }
    charts = (
        "business staff-ndp-rdp-daily revenue-heatmap product-performance customer-value-comparison deposit-trends "
        "staff-performance staff-conversion-funnel deposit-lifecycle response-time-by-staff followup-effectiveness"
    )
    # Days within one month, cut at both ends.
    end = (last.replace(day=1) - timedelta(days=1)).replace(day=27)
    named = {"staff": staff_id, "product": product_id, "start": end.replace(day=3), "end": end}
    found = {
        **dict.fromkeys(charts.split(), "period=month"),
        **{f"deposit-trends.{name}": query.format(**named) for name, query in TRENDS.items()},
        **{f"drill-down/{name}": f"{query}&period=month&limit=50" for name, query in behind.items()},
    }
    return {name: query for name, query in found.items() if not ONLY or name.split(".")[0] in ONLY}


async def pages(settings: Settings, token: str, wanted: dict[str, str]) -> tuple[dict[str, list[float]], list[float]]:
    """Open each some times, and then all charts one after another as the page does."""
    configure_logging(ObservabilitySettings(log_level="WARNING"))
    app = create_app(settings)
    found: dict[str, list[float]] = {}
    whole = []
    async with app.router.lifespan_context(app):
        caller = Caller(app, token)
        for name, query in wanted.items():
            path = f"/api/analytics/{name.split('.')[0]}"
            await caller.get(path, query)
            found[name] = []
            for _ in range(PAGES):
                started = time.perf_counter()
                await caller.get(path, query)
                found[name].append((time.perf_counter() - started) * 1000)
        for _ in range(5):
            started = time.perf_counter()
            for name, query in wanted.items():
                if not name.startswith("drill-down") and "." not in name:
                    await caller.get(f"/api/analytics/{name}", query)
            whole.append((time.perf_counter() - started) * 1000)
    return found, whole


async def naive(desk: Desk, last: date) -> float:
    """Milliseconds of product performance by loading the deposits of the period and looping."""
    started = time.perf_counter()
    async with desk.database.read() as session:
        rows = await session.execute(
            select(Deposit.product_id, Deposit.customer_type, Deposit.total).where(
                Deposit.customer_type.is_not(None), Deposit.record_date > last - timedelta(days=30)
            )
        )
        sums: dict[tuple[str, str | None], list[int]] = defaultdict(lambda: [0, 0])
        for product_id, kind, total in rows:
            cell = sums[(product_id, kind)]
            cell[0] += 1
            cell[1] += total
    return (time.perf_counter() - started) * 1000


async def measure(settings: Settings, count: int) -> tuple[dict[str, list[float]], list[float], float]:
    """Fill a desk and open its pages."""
    async with open_desk(settings, STAFF) as desk:
        last = utc_now().astimezone(settings.business.tz).date()
        products = await fill(desk, count, last)
        slow = await naive(desk, last)
        token, staff_id = desk.owner.token, desk.staff[0].id
    found, whole = await pages(settings, token, addresses(staff_id, products[0], last))
    return found, whole, slow


def main() -> int:
    report = Report()
    for kind in KINDS:
        results = []
        for count in (SMALL, LARGE):
            with installation(kind) as settings:
                results.append(uvloop.run(measure(settings, count)))
        (small, _, _), (large, whole, slow) = results
        for name, milliseconds in large.items():
            label = f"analytics.{kind}.{name.replace('drill-down/', 'behind.')}"
            report.at_most(f"{label}.p95", percentile(milliseconds, 0.95), BOUND_MS, "ms")
            growth = percentile(milliseconds, 0.5) / percentile(small[name], 0.5)
            report.at_most(f"{label}.growth", growth, GROWTH, "x")
        if ONLY:
            continue
        if kind == "sqlite":
            report.at_most(f"analytics.{kind}.page", percentile(whole, 0.5), 1000, "ms")
        mine = percentile(large["product-performance"], 0.5)
        report.note(f"{kind}: product performance by loading rows and looping {slow:.0f} ms, by totals {mine:.1f} ms")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
