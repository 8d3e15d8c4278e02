"""What must hold of retention after anything: three definitions that share no code have to agree."""

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import select

from crm_boost.db.engine import Database
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.rebuild_repository import drift_of
from crm_boost.retention import rebuild_repository as rebuilding
from crm_boost.retention.models import RetentionCount, RetentionCustomer, returns_table

Row = tuple[str, str, str, date, bool, int, str]
"""Staff, customer, product, day, tambahan, total, id."""


async def ledger_of(database: Database) -> list[Row]:
    """Every deposit that counts."""
    async with database.read() as session:
        found = await session.scalars(select(Deposit).where(Deposit.status == "approved", Deposit.deleted_at.is_(None)))
        return [(d.staff_id, d.customer_key, d.product_id, d.record_date, d.tambahan, d.total, d.id) for d in found]


def facts_expected(ledger: list[Row]) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """The facts of each scope and customer, in plain words."""
    units: dict[tuple[str, str, str], list[Row]] = {}
    for row in ledger:
        units.setdefault(("", row[1], row[2]), []).append(row)
        units.setdefault((row[0], row[1], row[2]), []).append(row)
    expected = {}
    for (scope, customer, product), rows in units.items():
        latest = max(rows, key=lambda row: (row[3], row[6]))
        ordinary = [row for row in units["", customer, product] if not row[4]]
        first = min(ordinary, key=lambda row: (row[3], row[6]), default=None)
        ndp = first[3] if first is not None and scope in ("", first[0]) else None
        days = {row[3] for row in rows}
        score = min(100, 10 * len(rows) + 5 * len(days))
        total = sum(row[5] for row in rows)
        key = (scope, customer, product)
        expected[key] = (latest[0], latest[6], min(days), max(days), ndp, len(rows), len(days), total, score)
    return expected


def _month(day: date) -> date:
    return date(day.year, day.month, 1)


def counts_expected(ledger: list[Row]) -> Counter[tuple[Any, ...]]:
    """The counts, in plain words."""
    found: Counter[tuple[Any, ...]] = Counter()
    facts = facts_expected(ledger)
    days_of: dict[tuple[str, str, str], set[date]] = {}
    for staff, customer, product, day, *_ in ledger:
        days_of.setdefault(("", customer, product), set()).add(day)
        days_of.setdefault((staff, customer, product), set()).add(day)
    for (scope, customer, product), days in days_of.items():
        owner, _, first, last, ndp, deposits, *_ = facts[scope, customer, product]
        for day in days:
            earlier = [other for other in days if other < day]
            since = max(earlier) if earlier else None
            month_before = _month(since) if since else date(1900, 1, 1)
            found["visit", scope, day, month_before, product] += 1
            found["month", scope, _month(day), month_before, product] += 1
            if since:
                found["gap", scope, since, day, product] += 1
        for month in {_month(day) for day in days}:
            found["cohort", scope, _month(first), month, product] += 1
        if ndp:
            found["new", scope, ndp, ndp, product] += 1
        if scope == "":
            for whose in ("", owner):
                found["again" if deposits >= 2 else "once", whose, last, last, product] += 1
    return found


def returns_expected(ledger: list[Row]) -> Counter[tuple[Any, ...]]:
    """Customers of a day by the days since they had come last, in plain words."""
    days_of: dict[tuple[str, str, str], set[date]] = {}
    for staff, customer, product, day, *_ in ledger:
        for scope in ("", staff):
            for of_product in ("", product):
                days_of.setdefault((scope, of_product, customer), set()).add(day)
    found: Counter[tuple[Any, ...]] = Counter()
    for (scope, product, _), days in days_of.items():
        for day in days:
            ago = min(((day - other).days for other in days if other < day), default=1000)
            found[scope, product, day, f"after_{ago}" if ago <= 30 else "after_more"] += 1
    return found


async def assert_followed(database: Database) -> list[Row]:
    """What is stored equals what the ledger says, by the words above and by the check of a running system."""
    ledger = await ledger_of(database)
    async with database.read() as session:
        rows = await session.scalars(select(RetentionCustomer).where(RetentionCustomer.deposits > 0))
        stored = {
            (r.scope, r.customer_key, r.product_id): (
                r.staff_id, r.deposit_id, r.first_date, r.last_date, r.ndp_date, r.deposits, r.days, r.total, r.score
            )
            for r in rows
        }  # fmt: skip
        cells = await session.scalars(select(RetentionCount).where(RetentionCount.customers != 0))
        counted = {(c.kind, c.scope, c.day, c.other, c.product_id): c.customers for c in cells}
        days = (await session.execute(select(returns_table))).mappings().all()
        drift = await drift_of(session, rebuilding.wrong_retention())
    assert stored == facts_expected(ledger)
    assert counted == counts_expected(ledger)
    assert {
        (row["scope"], row["product_id"], row["day"], name): count
        for row in days
        for name, count in row.items()
        if str(name).startswith("after_") and count
    } == returns_expected(ledger)
    assert drift.count == 0, drift.sample
    return ledger
