"""Promise: the cohort table and the figures of retention, over the purchases of real customers, are those that pandas
computes alone, to the last cell.

The sampled customers on PostgreSQL and with `BENCH_SIZE` below one; all 23,570 of them on SQLite otherwise.
"""

import asyncio
import sys
from datetime import date, timedelta
from typing import Any

import pandas
from sqlalchemy import insert

from bench.support import KINDS, SIZE, Desk, Report, installation, open_desk
from bench.transactions import Purchases, every_purchase, sampled_purchases
from crm_boost.deposits.models import Deposit
from crm_boost.kit.clock import utc_now
from crm_boost.retention import figures_repository as figures
from crm_boost.retention.facts import COMPANY
from crm_boost.retention.rebuild import rebuild

RANGES = (
    (date(2017, 4, 1), date(2017, 7, 1)),
    (date(2017, 2, 11), date(2017, 5, 23)),
    (date(2018, 4, 2), date(2018, 7, 1)),
    (date(2017, 12, 25), date(2018, 1, 1)),
)
Cohorts = dict[tuple[date, date], int]


async def store(desk: Desk, frame: pandas.DataFrame) -> None:
    """Store the purchases as deposits of one staff, and what follows from them."""
    now, rows = utc_now(), []
    for number, (customer, day, cents) in enumerate(zip(frame.customer, frame.day, frame.cents, strict=True)):
        rows.append(
            {
                "id": f"d{number:08d}", "staff_id": desk.staff[0].id, "product_id": desk.product_id, "record_date": day,
                "customer_id": customer, "customer_key": customer, "customer_name": "", "nominal": int(cents),
                "multiplier": 100, "total": int(cents), "note": "", "tambahan": False, "status": "approved",
                "customer_type": "RDP", "possible_duplicate": False, "created_at": now, "created_by_name": "bench",
                "version": 1,
            }
        )  # fmt: skip
    async with desk.database.write() as session:
        for start in range(0, len(rows), 5_000):
            await session.execute(insert(Deposit.__table__), rows[start : start + 5_000])
    await rebuild(desk.database)


def cohorts_by_pandas(frame: pandas.DataFrame) -> Cohorts:
    """Return how many customers of a first month came in a month."""
    months = frame.assign(month=frame.day.map(lambda day: day.replace(day=1)))[["customer", "month"]].drop_duplicates()
    months["cohort"] = months.groupby("customer").month.transform("min")
    counted = months.groupby(["cohort", "month"]).customer.nunique()
    return {key: int(count) for key, count in counted.items()}


def figures_by_pandas(frame: pandas.DataFrame, start: date, end: date) -> dict[str, int]:
    """Return the customers of `[start, end)`: how many, for the first time, of the range before, and of both."""
    before = start - (end - start)
    active = set(frame[(frame.day >= start) & (frame.day < end)].customer)
    previous = set(frame[(frame.day >= before) & (frame.day < start)].customer)
    first = frame.groupby("customer").day.min()
    fresh = set(first[(first >= start) & (first < end)].index)
    return {"active": len(active), "first": len(fresh), "previous": len(previous), "both": len(active & previous)}


async def measure(report: Report, kind: str, settings: Any, purchases: Purchases) -> None:
    frame = purchases.paid
    async with open_desk(settings, staff=1) as desk:
        await store(desk, frame)
        async with desk.database.read() as session:
            table = await figures.cohorts(session, date(2017, 1, 1) - timedelta(days=1), COMPANY, None)
            expected = cohorts_by_pandas(frame)
            wrong = sum(expected.get(key) != table.get(key) for key in expected.keys() | table.keys())
            report.note(f"{kind}: {len(frame):,} purchases, {len(expected)} cells of the cohort table")
            report.at_most(f"cohorts.cells.{kind}", wrong, 0)
            wrong = 0
            for start, end in RANGES:
                (found,) = (await figures.turnout(session, start, end, [COMPANY], None)).values()
                told = {
                    "active": found.active,
                    "first": found.first,
                    "previous": found.previous,
                    "both": found.active - found.not_returned,
                }
                wrong += told != figures_by_pandas(frame, start, end)
            report.at_most(f"cohorts.ranges.{kind}", wrong, 0)


def main() -> int:
    report = Report()
    for kind in KINDS:
        with installation(kind) as settings:
            whole = SIZE == 1 and kind == "sqlite"
            asyncio.run(measure(report, kind, settings, every_purchase() if whole else sampled_purchases()))
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
