"""Promise: the purchases of real customers, shuffled and booked by four processes at once, give the NDP and RDP of every
customer and day that an independent computation gives, to the last one, and so do the amounts.

Published answers: 69,659 purchases of 23,570 customers, 23,570 first days and 44,021 later ones; for the 2,357 sampled
customers the number of later days until 1997-09-30. They count the 80 purchases that cost nothing, which the ledger
refuses by rule: these are counted apart, and in the end booked with one cent, to compare with what was published.
"""

import asyncio
import multiprocessing
import random
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from decimal import Decimal
from functools import partial

import pandas
from pydantic import ValidationError
from sqlalchemy import func, select

from bench.support import KINDS, SIZE, Report, installation, open_desk
from bench.transactions import (
    LATER,
    Purchases,
    every_purchase,
    published_frequencies,
    sampled_purchases,
)
from crm_boost.db.engine import Database
from crm_boost.deposits import booking
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.rebuild import recalculate
from crm_boost.deposits.rollup_repository import RollupFilter, sums_by
from crm_boost.deposits.schemas import DepositForm
from crm_boost.identity.permissions import Role
from crm_boost.identity.principal import Principal
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.settings import Settings
from crm_boost.wiring import build_bus

WRITERS = 4
PUBLISHED_UNTIL = date(1997, 9, 30) + LATER
Purchase = tuple[str, date, int]


def book_all(settings: Settings, staff_id: str, product_id: str, purchases: list[Purchase]) -> int:
    """Book purchases one after the other, each in its own transaction; return how many were refused."""
    return asyncio.run(_book_all(settings, staff_id, product_id, purchases))


async def _book_all(settings: Settings, staff_id: str, product_id: str, purchases: list[Purchase]) -> int:
    principal = Principal(staff_id, "Sample Staff", Role.STAFF, frozenset(), "")
    enter_context(ActionContext(actor_id=staff_id, actor_name=principal.name))
    database, refused = Database(settings, build_bus()), 0
    try:
        for customer, day, cents in purchases:
            try:
                form = DepositForm(
                    product_id=product_id,
                    record_date=day,
                    customer_id=customer,
                    nominal=Decimal(cents) / 100,
                )
            except ValidationError:
                refused += 1
                continue
            async with database.write() as session:
                await booking.book(session, principal, form)
    finally:
        await database.dispose()
    return refused


def in_processes(work: Callable[[list[Purchase]], int], purchases: list[Purchase]) -> int:
    """Deal the purchases to the writers and wait for all; return how many were refused."""
    parts = [purchases[number::WRITERS] for number in range(WRITERS)]
    with ProcessPoolExecutor(WRITERS, multiprocessing.get_context("spawn")) as pool:
        return sum(pool.map(work, parts))


def shuffled(frame: pandas.DataFrame) -> list[Purchase]:
    """Return the rows in an order that has nothing to do with their days."""
    rows = list(zip(frame.customer, frame.day, frame.cents.astype(int), strict=True))
    random.Random(11).shuffle(rows)
    return [(customer, day, int(cents)) for customer, day, cents in rows]


def expected(frame: pandas.DataFrame) -> dict[tuple[str, date], tuple[str, int, int]]:
    """Return class, number and cents of each customer and day, by pandas alone."""
    first = frame.groupby("customer").day.transform("min")
    classed = frame.assign(kind=(frame.day == first).map({True: "NDP", False: "RDP"}))
    grouped = classed.groupby(["customer", "day"]).agg(
        kind=("kind", "first"), n=("cents", "size"), cents=("cents", "sum")
    )
    return {
        key: (row.kind, int(row.n), int(row.cents))
        for key, row in zip(grouped.index, grouped.itertuples(), strict=True)
    }


async def in_ledger(database: Database) -> dict[tuple[str, date], tuple[str, int, int]]:
    """Return the same from the stored classes; a customer with two classes on a day would be there twice."""
    found: dict[tuple[str, date], tuple[str, int, int]] = {}
    columns = (Deposit.customer_key, Deposit.record_date, Deposit.customer_type)
    statement = select(*columns, func.count(), func.sum(Deposit.total)).group_by(*columns)
    async with database.read() as session:
        for customer, day, kind, count, cents in await session.execute(statement):
            if (customer, day) in found:
                raise RuntimeError(f"{customer} has two classes on {day}")
            found[customer, day] = (str(kind), count, int(cents))
    return found


async def days_that_differ(database: Database, truth: dict[tuple[str, date], tuple[str, int, int]]) -> int:
    """Return on how many days the roll-up is not the sum of the truth."""
    wanted: dict[date, list[int]] = {}
    for (_, day), (kind, count, cents) in truth.items():
        at = 0 if kind == "NDP" else 3
        sums = wanted.setdefault(day, [0] * 6)
        for place, value in enumerate((1, count, cents), at):
            sums[place] += value
    async with database.read() as session:
        stored = await sums_by(session, RollupFilter(), "record_date")
    found = {day: [f.ndp, f.ndp_forms, f.ndp_total, f.rdp, f.rdp_forms, f.rdp_total] for (day,), f in stored.items()}
    return sum(wanted.get(day) != found.get(day) for day in wanted.keys() | found.keys())


async def measure(
    report: Report,
    kind: str,
    settings: Settings,
    purchases: Purchases,
    published: Callable[..., bool],
) -> None:
    async with open_desk(settings, staff=1) as desk:
        book = partial(book_all, settings, desk.staff[0].id, desk.product_id)
        paid, free = shuffled(purchases.paid), shuffled(purchases.free)
        refused = in_processes(book, paid + free)
        truth = expected(purchases.paid)
        ledger = await in_ledger(desk.database)
        wrong = sum(truth.get(key) != ledger.get(key) for key in truth.keys() | ledger.keys())
        report.note(f"{kind}: {len(paid):,} booked by {WRITERS} processes, {refused} of {len(free)} free ones refused")
        report.at_most(f"cdnow.refused.{kind}", abs(refused - len(free)), 0)
        report.at_most(f"cdnow.customer-days.{kind}", wrong, 0)
        report.at_most(f"cdnow.days.{kind}", await days_that_differ(desk.database, truth), 0)
        in_processes(book, [(customer, day, 1) for customer, day, _ in free])
        ledger = await in_ledger(desk.database)
        report.at_most(f"cdnow.published.{kind}", 0 if published(ledger) else 1, 0)
        drift = await recalculate(desk.database)
        report.at_most(f"cdnow.drift.{kind}", drift["updated_count"], 0)


def all_published(ledger: dict[tuple[str, date], tuple[str, int, int]]) -> bool:
    """Whether the counts are those published for all customers."""
    kinds = [kind for kind, _, _ in ledger.values()]
    return (kinds.count("NDP"), kinds.count("RDP")) == (23_570, 44_021)


def sample_published(ledger: dict[tuple[str, date], tuple[str, int, int]]) -> bool:
    """Whether each sampled customer has the published number of later days."""
    counts = dict.fromkeys(published_frequencies(), 0)
    for (customer, day), (kind, _, _) in ledger.items():
        counts[customer] += kind == "RDP" and day <= PUBLISHED_UNTIL
    return counts == published_frequencies()


def main() -> int:
    report = Report()
    small = SIZE != 1
    purchases = sampled_purchases() if small else every_purchase()
    for kind in KINDS:
        with installation(kind) as settings:
            asyncio.run(
                measure(
                    report,
                    kind,
                    settings,
                    purchases,
                    sample_published if small else all_published,
                )
            )
        if not small:
            with installation(kind) as settings:
                report.note("the sampled customers")
                asyncio.run(
                    measure(
                        report,
                        f"{kind}.sample",
                        settings,
                        sampled_purchases(),
                        sample_published,
                    )
                )
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
