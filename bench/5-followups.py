"""Promise: the pages of follow-ups take at 1,000,000 records and 1,000,000 deposits at most 2x their time at 10,000, and
as many statements.

Two desks with the same people, databases and calendar, called in-process in turns. A third of the customers answered yes,
over forty days, and a third of those have deposited since; some are snoozed. The rows are made by statements of this
script; the checks of the data health say at the small size that they are what the desk itself would have stored.
"""

import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import uvloop
from sqlalchemy import BigInteger, Column, Date, Integer, MetaData, Table, insert, text

from bench.asgi import Caller
from bench.support import KINDS, Report, installation, open_desk, sized
from crm_boost.app import create_app
from crm_boost.db.engine import Database
from crm_boost.db.types import UtcDateTime
from crm_boost.followups.rebuild_repository import drifts
from crm_boost.kit.clock import business_date, utc_now
from crm_boost.settings import ObservabilitySettings, Settings
from crm_boost.web.logging import configure_logging
from tests.support.factories import make_database
from tests.support.statements import recorded_statements

SMALL, LARGE = sized(10_000), sized(1_000_000)
STAFF, DATABASES, DAYS = 40, 10, 40
# So many that each page is full at the small size too.
ROUNDS, REQUESTS, BOUND = 9, 5, 2.0

_calendar = Table("bench_days", MetaData(), Column("k", Integer), Column("day", Date), Column("at", UtcDateTime))
_numbers = Table("bench_numbers", MetaData(), Column("i", BigInteger, primary_key=True))

_NUMBERS = """INSERT INTO bench_numbers (i) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)
SELECT i FROM n"""
_PLACES = """SELECT n.i, s.id AS staff_id, d.id AS database_id, d.product_id, c.k, c.day, c.at, start.at AS dealt_at
FROM bench_numbers n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM users WHERE role = 'staff') s ON s.place = n.i % :staff
JOIN (SELECT id, product_id, row_number() OVER (ORDER BY id) - 1 AS place FROM databases) d
  ON d.place = (n.i / :staff) % :databases
JOIN bench_days c ON c.k = (n.i * 7) % :days
JOIN bench_days start ON start.k = :days - 1"""
_RECORDS = f"""INSERT INTO customer_records (seq, id, database_id, product_id, row_number, row_data, customer_key,
  display_name, phone, phone_e164, search_text, state, assigned_to, assigned_at, deal_rank)
SELECT 1000 + p.i, 'r' || p.i, p.database_id, p.product_id, p.i, '["c","Person","0812"]', 'c' || p.i, 'Person', '0812',
  '+62812', '', 'assigned', p.staff_id, p.dealt_at, p.i FROM ({_PLACES}) p"""
_CONTACTS = f"""INSERT INTO contacts (record_seq, deal_rank, staff_id, assigned_at, version, wa_version, respond_status,
  respond_at, respond_version, first_respond_at, verdict_version)
SELECT 1000 + p.i, p.i, p.staff_id, p.dealt_at, 1, 0, 'ya', p.at, 1, p.at, 0 FROM ({_PLACES}) p WHERE p.i % 3 = 0"""
_DEPOSITS = f"""INSERT INTO omset_records (id, staff_id, product_id, record_date, customer_id, customer_key, customer_name,
  nominal, multiplier, total, note, tambahan, status, customer_type, possible_duplicate, created_at, created_by_name, version)
SELECT 'o' || p.i, p.staff_id, p.product_id, p.day, 'c' || p.i, p.name || p.i, '', 1000, 100, 1000, '', false, 'approved',
  'NDP', false, p.at, 'Bench', 1
FROM (SELECT q.*, CASE WHEN q.i % 9 = 0 THEN 'c' ELSE 'o' END AS name FROM ({_PLACES}) q) p"""
_KEYS = """INSERT INTO omset_keys (staff_id, customer_key, product_id, first_date, last_date, forms)
SELECT staff_id, customer_key, product_id, min(record_date), max(record_date), count(*) FROM omset_records
GROUP BY staff_id, customer_key, product_id"""
_FOLLOW_UPS = f"""INSERT INTO follow_ups (record_seq, deal_rank, record_id, staff_id, product_id, database_id, customer_key,
  respond_at, respond_on, state, snoozed_until)
SELECT 1000 + p.i, p.i, 'r' || p.i, p.staff_id, p.product_id, p.database_id, 'c' || p.i, p.at, p.day,
  CASE WHEN p.i % 9 = 0 THEN 'deposited' ELSE 'open' END, CASE WHEN p.i % 300 = 0 THEN later.day END
FROM ({_PLACES}) p JOIN bench_days later ON later.k = -1 WHERE p.i % 3 = 0"""
_TOTALS = """INSERT INTO follow_up_totals (staff_id, product_id, database_id, state, people)
SELECT staff_id, product_id, database_id, state, count(*) FROM follow_ups GROUP BY 1, 2, 3, 4"""
_BY_DAY = """INSERT INTO follow_up_days (respond_on, staff_id, product_id, database_id, people)
SELECT respond_on, staff_id, product_id, database_id, count(*) FROM follow_ups WHERE state = 'open' GROUP BY 1, 2, 3, 4"""


@dataclass(slots=True)
class World:
    """A desk with so many records and deposits, and ways to call it."""

    database: Database
    callers: dict[str, Caller]
    requests: dict[str, tuple[str, str, str]]


async def fill(database: Database, many: int) -> None:
    """Make the rows of a desk of that size."""
    today, now = business_date(database.business.tz), utc_now()
    days = [{"k": k, "day": today - timedelta(days=k), "at": now - timedelta(days=k)} for k in range(DAYS)]
    days.append({"k": -1, "day": today + timedelta(days=3), "at": now})
    places = {"staff": STAFF, "databases": DATABASES, "days": DAYS}
    async with database.write() as session:
        connection = await session.connection()
        for table in (_calendar, _numbers):
            await connection.run_sync(table.create)
        await session.execute(insert(_calendar), days)
        await session.execute(text(_NUMBERS), {"many": many})
        for statement in (_RECORDS, _CONTACTS, _DEPOSITS, _KEYS, _FOLLOW_UPS, _TOTALS, _BY_DAY, "ANALYZE"):
            used = {name: value for name, value in places.items() if f":{name}" in statement}
            await session.execute(text(statement), used)


@asynccontextmanager
async def world(settings: Settings, many: int) -> AsyncIterator[World]:
    """A desk of that size, open for calls."""
    async with open_desk(settings, STAFF) as desk:
        stored = [await make_database(desk.database, 1, product_id=desk.product_id) for _ in range(DATABASES)]
        await fill(desk.database, many)
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            owner, one = Caller(app, desk.owner.token), Caller(app, desk.staff[0].token)
            path, page = "/api/followups", "limit=50"
            _, headers = await owner.get(path, page)
            yield World(
                app.state.database,
                {"admin": owner, "staff": one},
                {
                    "everybody": ("admin", path, page),
                    "next_page": ("admin", path, headers[b"link"].decode().split("?", 1)[1].split(">", 1)[0]),
                    "of_a_staff": ("staff", path, page),
                    "today": ("admin", path, f"{page}&urgency=low"),
                    "of_a_database": ("admin", path, f"{page}&database_id={stored[0].id}"),
                    "of_staff_and_product": (
                        "admin",
                        path,
                        f"{page}&staff_id={desk.staff[1].id}&product_id={desk.product_id}",
                    ),
                    "snoozed": ("admin", path, "limit=10&state=snoozed"),
                    "bell": ("admin", f"{path}/notifications", "limit=20"),
                    "filters": ("admin", f"{path}/filters", ""),
                },
            )


async def _milliseconds(world: World, name: str) -> float:
    who, path, query = world.requests[name]
    started = time.perf_counter()
    for _ in range(REQUESTS):
        await world.callers[who].get(path, query)
    return (time.perf_counter() - started) * 1000 / REQUESTS


async def _statements(world: World, name: str) -> int:
    who, path, query = world.requests[name]
    with recorded_statements(world.database) as sent:
        await world.callers[who].get(path, query)
    return len(sent)


async def measure(report: Report, kind: str, settings: dict[int, Settings]) -> None:
    async with AsyncExitStack() as stack:
        worlds = {many: await stack.enter_async_context(world(of, many)) for many, of in settings.items()}
        async with worlds[SMALL].database.read() as session:
            if await drifts(session):
                raise RuntimeError("the rows are not what the desk would have stored")
        for name in worlds[SMALL].requests:
            times: dict[int, list[float]] = {many: [] for many in worlds}
            for _ in range(ROUNDS):
                for many, at in worlds.items():
                    times[many].append(await _milliseconds(at, name))
            small, large = (statistics.median(times[many]) for many in (SMALL, LARGE))
            counts: dict[int, Any] = {many: await _statements(at, name) for many, at in worlds.items()}
            report.note(f"{kind} {name}: {small:.1f} ms, {large:.1f} ms")
            report.at_most(f"followups.{name}.{kind}", large / small, BOUND, "x")
            report.at_most(f"followups.{name}.statements.{kind}", counts[LARGE] - counts[SMALL], 0)


def main() -> int:
    report = Report()
    configure_logging(ObservabilitySettings(log_level="WARNING"))
    for kind in KINDS:
        with installation(kind) as small, installation(kind) as large:
            uvloop.run(measure(report, kind, {SMALL: small, LARGE: large}))
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
