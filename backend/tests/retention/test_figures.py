"""Figures over random ledgers equal a computation in plain words; the sums are those of the ledger's summary."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from crm_boost.kit.rounding import share
from tests.retention.desk import NOON, TODAY, Given, entered, get, random_deposits
from tests.retention.sound import assert_followed
from tests.support.factories import Account, make_product, make_user

DAY = timedelta(days=1)
Days = set[date]


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with frozen(NOON):
        yield


class World:
    """A random ledger, its people, and what is said of it here."""

    def __init__(self, admin: Account, staff: list[Account], products: list[str], given: list[Given]) -> None:
        self.admin, self.staff, self.products, self.given = admin, staff, products, given

    def days_of(self, staff: str | None, product: str | None) -> dict[tuple[str, str], Days]:
        """The days with deposits of each customer and product."""
        found: dict[tuple[str, str], Days] = {}
        for who, customer, of, day, _ in self.given:
            if staff in (None, who) and product in (None, of):
                found.setdefault((customer, of), set()).add(day)
        return found

    def new_on(self, staff: str | None, product: str | None) -> dict[tuple[str, str], date]:
        """When each customer made the first ordinary deposit ever, of those won by a staff."""
        firsts: dict[tuple[str, str], tuple[date, int, str]] = {}
        for number, (who, customer, of, day, tambahan) in enumerate(self.given):
            if not tambahan and product in (None, of):
                place = (day, number, who)
                firsts[customer, of] = min(firsts.get((customer, of), place), place)
        return {unit: day for unit, (day, _, who) in firsts.items() if staff in (None, who)}

    def figures(self, staff: str | None, product: str | None, start: date, end: date) -> dict[str, Any]:
        """The definitions of the specification, over the days from start to end, both included."""
        days, before = self.days_of(staff, product), start - (end - start + DAY)
        active = {unit for unit, on in days.items() if any(start <= day <= end for day in on)}
        previous = {unit for unit, on in days.items() if any(before <= day < start for day in on)}
        retained = {unit for unit in active if any(day < start for day in days[unit])}
        new = {unit for unit, day in self.new_on(staff, product).items() if start <= day <= end}
        return {
            "total_customers": len(active),
            "ndp_customers": len(new),
            "rdp_customers": len(active - new),
            "retention_rate": share(len(retained), len(active)),
            "returned_rate": share(len(active & previous), len(previous)),
        }


async def make_world(database: Database, seed: int = 3, *, rolled_up: bool = False) -> World:
    admin, staff = await make_user(database, "admin"), [await make_user(database) for _ in range(3)]
    products = [await make_product(database) for _ in range(2)]
    given = random_deposits(seed, [person.id for person in staff], products)
    await entered(database, given, rolled_up=rolled_up)
    return World(admin, staff, products, given)


RANGES = [
    (TODAY - 89 * DAY, TODAY),
    (date(2025, 3, 1), date(2025, 3, 31)),
    (date(2025, 3, 17), date(2025, 5, 6)),
    (date(2025, 4, 10), date(2025, 4, 10)),
    (date(2025, 4, 3), date(2025, 4, 9)),
    (date(2024, 1, 1), date(2024, 2, 1)),
    (date(2024, 8, 1), date(2026, 1, 1)),
    # Ends before and after the middle of a month, cut once and in both ranges.
    (date(2025, 2, 20), date(2025, 5, 20)),
    (date(2025, 3, 16), date(2025, 5, 15)),
    (date(2025, 4, 18), date(2025, 4, 28)),
]


async def test_figures_are_what_the_definitions_say(client: httpx.AsyncClient, database: Database) -> None:
    world = await make_world(database, rolled_up=True)
    await assert_followed(database)
    for start, end in RANGES:
        asked = {"start_date": str(start), "end_date": str(end)}
        for product in (None, world.products[0]):
            filters = asked if product is None else {**asked, "product_id": product}
            for who, staff in ((world.admin, None), (world.staff[0], world.staff[0].id)):
                found = await get(client, who, "/summary", **filters)
                expected = world.figures(staff, product, start, end)
                assert {name: found[name] for name in expected} == expected, (start, end, product, staff)
                ledger = await client.get("/api/omset/summary", headers=who.auth, params=filters)
                total = ledger.json()["total"]
                sums = (found["total_deposits"], found["total_omset"])
                assert sums == (total["total_records"], total["total_depo"])
        by_product = (await get(client, world.admin, "/by-product", **asked))["products"]
        for row in by_product:
            expected = world.figures(None, row["product_id"], start, end)
            assert {name: row[name] for name in expected} == expected
        whole = await get(client, world.admin, "/overview", **asked)
        for name in ("total_customers", "ndp_customers", "rdp_customers", "total_deposits", "total_omset"):
            assert round(sum(row[name] for row in by_product), 2) == whole[name]
    # Each staff sees of themselves what the admin sees of them.
    by_staff = {row["staff_id"]: row for row in (await get(client, world.admin, "/by-staff"))["staff"]}
    assert set(by_staff) == {person.id for person in world.staff}
    for person in world.staff:
        own = await get(client, person, "/summary", staff_id=world.staff[0].id)
        assert all(by_staff[person.id][name] == own[name] for name in own if name in by_staff[person.id])
    assert (
        sum(row["ndp_customers"] for row in by_staff.values())
        == (await get(client, world.admin, "/summary"))["ndp_customers"]
    )


async def test_days_and_cohorts(client: httpx.AsyncClient, database: Database) -> None:
    world = await make_world(database, seed=8)
    for who, staff in ((world.admin, None), (world.staff[1], world.staff[1].id)):
        trend = await get(client, who, "/trend", days=60)
        assert trend["date_range"] == {"start_date": str(TODAY - 59 * DAY), "end_date": str(TODAY)}
        assert len(trend["trend"]) == 60
        for row in trend["trend"]:
            day = date.fromisoformat(row["date"])
            expected = world.figures(staff, None, day, day)
            assert [row[name] for name in ("total_customers", "ndp_customers", "rdp_customers")] == [
                expected[name] for name in ("total_customers", "ndp_customers", "rdp_customers")
            ]
        months = [date(2025, month, 1) for month in range(1, 7)]
        came = {unit: {day.replace(day=1) for day in on} for unit, on in world.days_of(staff, None).items()}
        table = (await get(client, who, "/cohorts", months=6))["cohorts"]
        assert [row["cohort"] for row in table] == [str(month) for month in months]
        for row, first in zip(table, months, strict=True):
            cohort = [on for on in came.values() if min(on) == first]
            assert row["size"] == len(cohort)
            for cell, month in zip(row["months"], [m for m in months if m >= first], strict=True):
                count = sum(month in on for on in cohort)
                assert (cell["month"], cell["customers"], cell["rate"]) == (
                    str(month),
                    count,
                    share(count, len(cohort)),
                )


async def test_lists_add_up_to_the_tiles(client: httpx.AsyncClient, database: Database) -> None:
    world = await make_world(database, seed=5)
    for start, end in RANGES[1:4:2]:
        asked = {"start_date": str(start), "end_date": str(end)}
        for who in (world.admin, world.staff[2]):
            tiles = await get(client, who, "/summary", **asked)
            for kind, name in (("all", "total_customers"), ("ndp", "ndp_customers"), ("rdp", "rdp_customers")):
                answer = await client.get(
                    "/api/retention/customers", headers=who.auth, params={**asked, "filter_type": kind}
                )
                assert int(answer.headers["X-Total-Count"]) == len(answer.json()) == tiles[name]
    columns = {
        "deposits": "total_deposits",
        "omset": "total_omset",
        "recent": "last_deposit_date",
        "loyalty": "loyalty_score",
    }
    for sort, column in columns.items():
        seen: list[dict[str, Any]] = []
        address: str | None = f"/api/retention/customers?sort_by={sort}&limit=7"
        while address is not None:
            answer = await client.get(address, headers=world.admin.auth)
            seen += answer.json()
            address = answer.links["next"]["url"] if "next" in answer.links else None
        whole = await get(client, world.admin, "/customers", sort_by=sort)
        assert seen == whole
        assert [row[column] for row in seen] == sorted((row[column] for row in seen), reverse=True)
    loyal = await get(client, world.admin, "/customers", filter_type="loyal")
    assert loyal == [row for row in await get(client, world.admin, "/customers") if row["loyalty_score"] >= 50]
    top = (await get(client, world.admin, "/summary"))["top_loyal_customers"]
    assert len(top) == 10
    assert top == (await get(client, world.admin, "/customers", sort_by="loyalty"))[:10]
    (one,) = [
        row
        for row in await get(client, world.admin, "/customers", q="C1 ", product_id=world.products[0])
        if row["customer_key"] == "c1"
    ]
    assert (one["customer_id"], one["customer_name"]) == ("C1", "Name of c1")
