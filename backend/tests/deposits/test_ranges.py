"""Figures of any range are the same from whole months, from days and from the ledger."""

import random
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, update

from crm_boost.db.engine import Database
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.rebuild import recalculate
from crm_boost.deposits.rollup_repository import RollupFilter, best_day, sums_by, sums_by_each, unique_customers
from crm_boost.kit.clock import utc_now
from crm_boost.performance import repository as performance
from tests.deposits.checks import all_deposits, assert_sound, reference, unique
from tests.support.factories import make_product, make_user

FIRST = date(2024, 11, 10)
DAYS = 140


async def fill(database: Database, count: int) -> tuple[list[str], list[str]]:
    """Put deposits in as they might come from elsewhere, without a class; return staff and products."""
    rng = random.Random(3)
    staff = [(await make_user(database)).id for _ in range(2)]
    products = [await make_product(database) for _ in range(2)]
    rows = [
        {
            "id": f"d{number}", "staff_id": rng.choice(staff), "product_id": rng.choice(products),
            "record_date": FIRST + timedelta(days=rng.randrange(DAYS)), "customer_id": f"c{number % 9}",
            "customer_key": f"c{number % 9}", "customer_name": "", "nominal": number + 1, "multiplier": 100,
            "total": number + 1, "note": "", "tambahan": rng.random() < 0.2, "status": "approved",
            "customer_type": "RDP", "possible_duplicate": False, "created_at": utc_now(), "created_by_name": "x",
            "version": 1,
        }
        for number in range(count)
    ]  # fmt: skip
    async with database.write() as session:
        await session.execute(insert(Deposit), rows)
        await session.execute(update(Deposit).where(Deposit.id == "d0").values(status="declined", customer_type=None))
    await recalculate(database)
    return staff, products


def expected(figures: dict[Any, Any], wanted: RollupFilter, *places: int) -> dict[Any, tuple[int, ...]]:
    """Add the days of the reference up: NDP, RDP, forms, turnover; `places` of (day, staff, product) are the group."""
    found: dict[Any, list[int]] = defaultdict(lambda: [0] * 4)
    for key, (ndp, rdp, forms, ndp_total, rdp_total) in figures.items():
        day, staff, product = key
        if (wanted.start and day < wanted.start) or (wanted.end and day >= wanted.end):
            continue
        if wanted.staff_id not in (None, staff) or wanted.product_id not in (None, product):
            continue
        for place, value in enumerate((ndp, rdp, forms, ndp_total + rdp_total)):
            found[tuple(key[place] for place in places)][place] += value
    return {key: tuple(row) for key, row in found.items()}


def said(found: dict[Any, Any]) -> dict[Any, tuple[int, ...]]:
    return {
        key: (f.ndp, f.rdp, f.ndp_forms + f.rdp_forms, f.ndp_total + f.rdp_total)
        for key, f in found.items()
        if f.ndp_forms + f.rdp_forms
    }


async def test_every_range_adds_up(database: Database) -> None:
    staff, products = await fill(database, 120)
    assert await assert_sound(database) == 119
    deposits = await all_deposits(database)
    _, figures = reference(deposits)
    edges = [None, date(2024, 12, 1), date(2024, 12, 12), date(2025, 1, 1), date(2025, 2, 20)]
    ranges = [(start, end) for start in edges for end in edges if not start or not end or start < end]
    async with database.read() as session:
        for number, (start, end) in enumerate(ranges):
            # In turn of everything, of one product and of one person.
            product, person = ((None, None), (products[0], None), (None, staff[1]))[number % 3]
            wanted = RollupFilter(start, end, product, person)
            for places, names in (
                ((), ()),
                ((1, 2), ("staff_id", "product_id")),
            ):
                found = await sums_by(session, wanted, *names)
                assert said(found) == expected(figures, wanted, *places), (wanted, names)
            mine = [d for d in deposits if product in (None, d.product_id) and person in (None, d.staff_id)]
            assert await unique_customers(session, wanted) == unique(mine, start, end), wanted
            wanted = RollupFilter(start, end)
            assert await unique_customers(session, wanted) == unique(deposits, start, end), wanted
            each = await sums_by_each(session, wanted)
            for place, name in enumerate(("record_date", "staff_id", "product_id")):
                truth = expected(figures, wanted, place)
                assert said(each[name]) == {str(key): row for (key,), row in truth.items()}
            assert said(each["total"]) == {"": expected(figures, wanted)[()]}
            best = await best_day(session, wanted)
            days = {day: row[3] for (day,), row in expected(figures, wanted, 0).items()}
            assert best == min(days.items(), key=lambda item: (-item[1], item[0]))
            if end is not None:
                today = end - timedelta(days=3)
                totals = await performance.totals(session, start, end, today)
                assert {key: (t.omset, t.ndp, t.rdp) for key, t in totals.items()} == {
                    key: (row[3], row[0], row[1]) for (key,), row in expected(figures, wanted, 1).items()
                }
                assert {key: t.days for key, t in totals.items()} == {
                    key: sum(person == key for _, person in expected(figures, wanted, 0, 1)) for key in totals
                }
                of_today = expected(figures, RollupFilter(today, end - timedelta(days=2)), 1)
                assert {key: (t.today_ndp, t.today_rdp) for key, t in totals.items()} == {
                    key: of_today.get((key,), (0, 0))[:2] for key in totals
                }
