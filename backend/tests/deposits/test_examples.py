"""The acceptance examples of the specification (4.3), through HTTP, in several orders of entry."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from crm_boost.db.engine import Database
from tests.deposits.desk import booked, done, rows, summary
from tests.reservations.desk import reserved
from tests.support.factories import Account, make_product, make_user


@dataclass(frozen=True, slots=True)
class Desk:
    """Staff A and B, products P1 and P2, and an admin."""

    client: httpx.AsyncClient
    people: dict[str, Account]
    products: dict[str, str]
    admin: Account

    async def book(self, entry: str, who: str = "A") -> dict[str, Any]:
        """Enter what a line says: customer, product, day, thousands, and anything more is the note."""
        customer, product, day, thousands, *note = entry.split()
        month = "02" if "-" not in day else day.split("-")[0]
        date = f"2025-{month}-{int(day.split('-')[-1]):02d}"
        more = {"keterangan": " ".join(note)} if note else {}
        return await booked(
            self.client, self.people[who], self.products[product], customer, date, int(thousands) * 1000, **more
        )

    async def days(self, **params: Any) -> dict[str, tuple[int, int, int, float]]:
        """By day (the number in the month): NDP, RDP, forms, turnover."""
        found = await summary(self.client, self.admin, **params)
        return {
            row["date"][-2:].lstrip("0"): (row["ndp_count"], row["rdp_count"], row["count"], row["total_depo"])
            for row in found["daily"]
        }

    async def types(self) -> list[str]:
        """`day customer class` of everything that counts, in the order of days."""
        found = await rows(self.client, self.admin, status="approved")
        return sorted(f"{row['record_date'][-2:]} {row['customer_key']} {row['customer_type']}" for row in found)


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database) -> Desk:
    people = {name: await make_user(database, name=f"Staff {name}") for name in "AB"}
    products = {name: await make_product(database, name) for name in ("P1", "P2")}
    return Desk(client, people, products, await make_user(database, "admin"))


EXAMPLES = {
    1: (["c P1 9 100", "c P1 7 100"], ["07 c NDP", "09 c RDP"]),
    2: (
        ["c P1 15 100", "c P1 5 100", "c P1 10 100", "c P1 1 100"],
        ["01 c NDP", "05 c RDP", "10 c RDP", "15 c RDP"],
    ),
    3: (["c P1 1 100 depo tambahan"], ["01 c RDP"]),
    4: (
        ["ALICE P1 1 100 Tambahan", "BOB P1 2 100", "alice P1 3 100"],
        ["01 alice RDP", "02 bob NDP", "03 alice NDP"],
    ),
    9: (["x P1 5 100", "x P2 5 100"], ["05 x NDP", "05 x NDP"]),
    10: (["x P1 10 100", "x P1 15 100", "x P2 15 100"], ["10 x NDP", "15 x NDP", "15 x RDP"]),
}


@pytest.mark.parametrize("number", EXAMPLES)
async def test_classes_in_every_order_of_entry(desk: Desk, database: Database, number: int) -> None:
    """Each order is entered for a product of its own; what one key has, another does not see."""
    lines, expected = EXAMPLES[number]
    orders = list(itertools.permutations(lines))[:6]
    for order in orders:
        products = {name: await make_product(database) for name in ("P1", "P2")}
        other = Desk(desk.client, desk.people, products, desk.admin)
        for line in order:
            await other.book(line)
        found = [
            f"{row['record_date'][-2:]} {row['customer_key']} {row['customer_type']}"
            for product in products.values()
            for row in await rows(desk.client, desk.admin, product_id=product)
        ]
        assert sorted(found) == expected, order


async def test_5_the_first_is_deleted_and_comes_back(desk: Desk) -> None:
    first, _ = await desk.book("c P1 1 100"), await desk.book("c P1 5 100")
    await done(desk.client, desk.people["A"], "DELETE", f"/{first['id']}")
    assert await desk.types() == ["05 c NDP"]
    assert await desk.days() == {"5": (1, 0, 1, 100_000)}
    await done(desk.client, desk.admin, "POST", f"/restore/{first['id']}")
    assert await desk.types() == ["01 c NDP", "05 c RDP"]
    assert await desk.days() == {"1": (1, 0, 1, 100_000), "5": (0, 1, 1, 100_000)}


async def test_6_two_on_the_first_day_are_one_ndp(desk: Desk) -> None:
    for line in ("x P1 5 100", "x P1 5 300"):
        await desk.book(line)
    day = (await summary(desk.client, desk.admin))["daily"][0]
    assert (day["ndp_count"], day["rdp_count"], day["count"], day["ndp_total"]) == (1, 0, 2, 400_000)


@pytest.mark.parametrize("order", [0, 1])
async def test_7_a_supplement_on_the_first_day_is_an_rdp(desk: Desk, order: int) -> None:
    lines = ["x P1 5 100", "x P1 5 50 TAMBAHAN lagi"]
    for line in lines[::-1] if order else lines:
        await desk.book(line)
    day = (await summary(desk.client, desk.admin))["daily"][0]
    assert (day["ndp_count"], day["rdp_count"], day["count"]) == (1, 1, 2)
    assert (day["ndp_total"], day["rdp_total"]) == (100_000, 50_000)


async def test_8_each_staff_has_a_first_day_of_their_own(desk: Desk) -> None:
    await desk.book("x P1 5 100")
    await booked(desk.client, desk.people["B"], desk.products["P1"], "X ", "2025-02-06")
    await desk.book("x P1 8 100", "B")
    found = await summary(desk.client, desk.admin)
    by_staff = {row["staff_name"]: (row["ndp_count"], row["rdp_count"]) for row in found["by_staff"]}
    assert by_staff == {"Staff A": (1, 0), "Staff B": (1, 1)}
    twice = await done(desk.client, desk.admin, "GET", "/duplicates")
    assert (twice["total_duplicates"], twice["total_records_involved"]) == (1, 3)
    (group,) = twice["duplicates"]
    assert (group["staff_count"], group["record_count"], group["total_depo"]) == (2, 3, 300_000)
    assert [(row["staff_name"], row["record_count"]) for row in group["staff"]] == [("Staff A", 1), ("Staff B", 2)]


async def test_11_unique_customers_are_no_sum_of_days(desk: Desk) -> None:
    for line in ("x P1 1 100", "x P1 3 100", "x P1 5 100", "x P1 5 100"):
        await desk.book(line)
    found = await summary(desk.client, desk.admin)
    assert [found["total"][name] for name in ("total_ndp", "total_rdp", "total_records")] == [1, 2, 4]
    (unique,) = found["unique_customers"]
    assert (unique["unique_ndp_count"], unique["unique_rdp_count"]) == (1, 1)


async def test_12_an_approval_takes_the_first_day_back(desk: Desk) -> None:
    client, admin, product = desk.client, desk.admin, desk.products["P1"]
    reservation = await reserved(client, admin, product, "x", desk.people["B"])
    first = await desk.book("x P1 3 100")
    assert (first["approval_status"], first["customer_type"]) == ("pending", None)
    assert first["conflict_info"]["reserved_by_staff_id"] == desk.people["B"].id
    await client.delete(f"/api/reserved-members/{reservation['id']}", headers=admin.auth)
    await desk.book("x P1 6 100")
    assert await desk.types() == ["06 x NDP"]
    assert (await done(client, admin, "POST", f"/{first['id']}/approve"))["success"] is True
    assert await desk.types() == ["03 x NDP", "06 x RDP"]
    assert await desk.days() == {"3": (1, 0, 1, 100_000), "6": (0, 1, 1, 100_000)}


async def test_13_a_declined_deposit_is_in_no_total(desk: Desk) -> None:
    client, admin = desk.client, desk.admin
    await reserved(client, admin, desk.products["P1"], "x", desk.people["B"])
    waiting = await desk.book("x P1 3 100")
    assert (await summary(client, admin))["total"]["total_records"] == 0
    answer = await done(client, admin, "POST", f"/{waiting['id']}/decline", {"reason": "Not yours."})
    assert (answer["success"], answer["approval_status"], answer["decline_reason"]) == (True, "declined", "Not yours.")
    assert (await summary(client, admin))["total"]["total_records"] == 0
    assert await rows(client, admin) == []
    for who in (admin, desk.people["A"]):
        (kept,) = await rows(client, who, status="declined")
        assert (kept["id"], kept["decline_reason"], kept["customer_type"]) == (waiting["id"], "Not yours.", None)


@pytest.mark.parametrize("change", [{"keterangan": "depo Tambahan"}, {"tambahan": True}])
async def test_14_an_edit_makes_a_supplement(desk: Desk, change: dict[str, Any]) -> None:
    first, _ = await desk.book("x P1 1 100"), await desk.book("x P1 5 100")
    await done(desk.client, desk.people["A"], "PUT", f"/{first['id']}", change)
    assert await desk.types() == ["01 x RDP", "05 x NDP"]
    assert await desk.days() == {"1": (0, 1, 1, 100_000), "5": (1, 0, 1, 100_000)}


async def test_15_an_edit_makes_it_another_customer(desk: Desk) -> None:
    first, _ = await desk.book("x P1 1 100"), await desk.book("x P1 5 100")
    await done(desk.client, desk.people["A"], "PUT", f"/{first['id']}", {"customer_id": "Y"})
    assert await desk.types() == ["01 y NDP", "05 x NDP"]


COMPOSITE = [
    ("A", "x P1 1 100"),
    ("A", "X P1 1 50"),
    ("A", "x P1 1 20 tambahan"),
    ("A", "x P1 3 100"),
    ("A", "x P2 3 100"),
    ("A", "w P1 5 300"),
    ("A", "w P1 4 10"),
    ("B", "x P1 3 200"),
    ("B", "y P1 2 30 tambahan"),
    ("B", "y P1 4 70"),
    ("A", "z P1 4 500"),
]


@pytest.mark.parametrize("order", [COMPOSITE, COMPOSITE[::-1], COMPOSITE[5:] + COMPOSITE[:5]])
async def test_the_composite(desk: Desk, order: Sequence[tuple[str, str]]) -> None:
    client, admin = desk.client, desk.admin
    await reserved(client, admin, desk.products["P1"], "z", desk.people["B"])
    for who, line in order:
        await desk.book(line, who)
    february = {"start_date": "2025-02-01", "end_date": "2025-02-28"}
    assert await desk.days(**february) == {
        "1": (1, 1, 3, 170_000),
        "2": (0, 1, 1, 30_000),
        "3": (2, 1, 3, 400_000),
        "4": (2, 0, 2, 80_000),
        "5": (0, 1, 1, 300_000),
    }
    found = await summary(client, admin, **february)
    names = ("total_ndp", "total_rdp", "total_records", "total_depo", "ndp_total", "rdp_total")
    assert [found["total"][name] for name in names] == [5, 4, 10, 980_000, 530_000, 450_000]
    assert {
        row["staff_name"]: (row["ndp_count"], row["rdp_count"], row["total_depo"]) for row in found["by_staff"]
    } == {
        "Staff A": (3, 3, 680_000),
        "Staff B": (2, 1, 300_000),
    }
    assert {row["product_name"]: (row["ndp_count"], row["rdp_count"]) for row in found["by_product"]} == {
        "P1": (4, 4),
        "P2": (1, 0),
    }
    assert {name: found[name] for name in february} == february
