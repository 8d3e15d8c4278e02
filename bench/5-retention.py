"""Promise: pages of retention take at most twice their time at 10,000 deposits when there are 1,000,000, with the same
number of statements; so does a booking.

Processor time of pages called in-process (ASGI): other work on the machine hardly changes it, sessions, permissions and
shaping are in it, a network is not. SQLite with full sync; 30 staff, 5 products, two years, ten deposits of each customer.
"""

import random
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import uvloop
from sqlalchemy import insert, text

from bench.asgi import Caller
from bench.support import Desk, Report, installation, open_desk, percentile, sized
from crm_boost.app import create_app
from crm_boost.deposits import booking
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.recompute_repository import recomputed
from crm_boost.deposits.rollup_write_repository import DAYS, MONTHS, STAFF_DAYS
from crm_boost.deposits.schemas import DepositForm
from crm_boost.identity.permissions import Role
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import utc_now
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.retention.rebuild import rebuild
from crm_boost.settings import ObservabilitySettings, Settings
from crm_boost.web.logging import configure_logging
from tests.support.factories import make_product
from tests.support.statements import recorded_statements

SMALL, LARGE = 10_000, sized(1_000_000)
STAFF, PRODUCTS, DAYS_BACK, DEPOSITS_EACH = 30, 5, 730, 10
PAGES, BOOKINGS = 25, 300
_AT_ONCE = 5_000

ADDRESSES = {
    "summary": ("summary", ""),
    "summary.product": ("summary", "product_id={product}"),
    "customers": ("customers", "limit=50"),
    "customers.recent": ("customers", "limit=50&sort_by=recent&filter_type=rdp"),
    "trend": ("trend", "days=90"),
    "by-product": ("by-product", ""),
    "by-staff": ("by-staff", ""),
    "cohorts": ("cohorts", ""),
    "alerts": ("alerts", "limit=50"),
    "alerts.by-staff": ("alerts/by-staff", ""),
    "lost": ("lost-customers", "limit=50"),
}


def rows(count: int, staff: list[str], products: list[str], last: date) -> Iterator[dict[str, Any]]:
    """Yield deposits; a customer stays with one staff and mostly with one product."""
    rng, now = random.Random(5), utc_now()
    customers = max(count // DEPOSITS_EACH, 1)
    for number in range(count):
        customer = rng.randrange(customers)
        home = customer % len(products)
        total = 100_000_00 * rng.randint(1, 20)
        yield {
            "id": f"d{number:09d}", "staff_id": staff[customer % len(staff)],
            "product_id": products[home if rng.random() < 0.9 else rng.randrange(len(products))],
            "record_date": last - timedelta(days=rng.randrange(DAYS_BACK)), "customer_id": f"player{customer}",
            "customer_key": f"player{customer}", "customer_name": "", "nominal": total, "multiplier": 100,
            "total": total, "note": "", "tambahan": rng.random() < 1 / 12, "status": "approved",
            "customer_type": "RDP", "possible_duplicate": False, "created_at": now, "created_by_name": "bench",
            "version": 1,
        }  # fmt: skip


async def fill(desk: Desk, count: int, last: date) -> list[str]:
    """Store the deposits and what follows from them, and return the products."""
    products = [desk.product_id, *[await make_product(desk.database) for _ in range(PRODUCTS - 1)]]
    chunk: list[dict[str, Any]] = []
    for row in rows(count, [person.id for person in desk.staff], products, last):
        chunk.append(row)
        if len(chunk) == _AT_ONCE:
            await _store(desk, chunk)
            chunk = []
    if chunk:
        await _store(desk, chunk)
    async with desk.database.write() as session:
        for rollup in (DAYS, STAFF_DAYS, MONTHS):
            said = recomputed(rollup, None, None)
            names = [column.name for column in said.selected_columns]
            await session.execute(insert(rollup.table).from_select(names, said))
    await rebuild(desk.database)
    async with desk.database.write() as session:
        await session.execute(text("ANALYZE"))
    return products


async def _store(desk: Desk, chunk: list[dict[str, Any]]) -> None:
    async with desk.database.write() as session:
        await session.execute(insert(Deposit.__table__), chunk)


async def pages(settings: Settings, desk: Desk, product: str) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Open each page some times, as an admin and as a staff: milliseconds, and statements of each."""
    configure_logging(ObservabilitySettings(log_level="WARNING"))
    app = create_app(settings)
    found: dict[str, list[float]] = {}
    statements: dict[str, int] = {}
    async with app.router.lifespan_context(app):
        for who, token in (("admin", desk.owner.token), ("staff", desk.staff[0].token)):
            caller = Caller(app, token)
            for name, (path, query) in ADDRESSES.items():
                if who == "staff" and "by-staff" in name:
                    continue
                address = (f"/api/retention/{path}", query.format(product=product))
                await caller.get(*address)
                with recorded_statements(app.state.database) as sent:
                    await caller.get(*address)
                key, found[f"{who}.{name}"] = f"{who}.{name}", []
                statements[key] = len(sent)
                for _ in range(PAGES):
                    started = time.process_time()
                    await caller.get(*address)
                    found[key].append((time.process_time() - started) * 1000)
    return found, statements


async def bookings(desk: Desk, count: int, products: list[str], last: date) -> list[float]:
    """Book through the service; return the milliseconds of each."""
    rng, principal = random.Random(17), Principal(desk.owner.id, desk.owner.name, Role.MASTER_ADMIN, frozenset(), "")
    enter_context(ActionContext(actor_id=desk.owner.id, actor_name=desk.owner.name))
    milliseconds, customers = [], max(count // DEPOSITS_EACH, 1)
    for _ in range(BOOKINGS):
        customer = rng.randrange(customers)
        form = DepositForm(
            product_id=products[customer % len(products)],
            record_date=last - timedelta(days=rng.randrange(30)),
            customer_id=f"player{customer}",
            nominal=Decimal(rng.randint(10_000, 900_000)),
            staff_id=desk.staff[customer % len(desk.staff)].id,
        )
        started = time.process_time()
        async with desk.database.write() as session:
            await booking.book(session, principal, form)
        milliseconds.append((time.process_time() - started) * 1000)
    return milliseconds


async def measure(settings: Settings, count: int) -> tuple[dict[str, list[float]], dict[str, int], list[float]]:
    async with open_desk(settings, STAFF) as desk:
        last = (utc_now() - timedelta(days=1)).date()
        products = await fill(desk, count, last)
        found, statements = await pages(settings, desk, products[1])
        return found, statements, await bookings(desk, count, products, last)


def main() -> int:
    report, found = Report(), {}
    for count in (SMALL, LARGE):
        with installation("sqlite") as settings:
            found[count] = uvloop.run(measure(settings, count))
    (small, few, booked), (large, many, booked_large) = found[SMALL], found[LARGE]
    for name, milliseconds in large.items():
        before, after = percentile(small[name], 0.5), percentile(milliseconds, 0.5)
        report.note(f"{name}: {before:.1f} ms at {SMALL:,}, {after:.1f} ms at {LARGE:,}")
        report.at_most(f"retention.{name}.growth", after / before, 2, "x")
        report.at_most(f"retention.{name}.statements", many[name] - few[name], 0)
    report.at_most("retention.book.growth", percentile(booked_large, 0.5) / percentile(booked, 0.5), 2, "x")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
