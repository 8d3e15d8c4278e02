"""What happens at the same instant: real transactions side by side, on both databases."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from crm_boost.db.engine import Database
from crm_boost.deposits import rebuild
from crm_boost.deposits.models import Deposit, DepositDay
from tests.deposits.checks import assert_sound
from tests.deposits.desk import PATH, book, booked, done, rows, types
from tests.reservations.desk import PATH as RESERVATIONS
from tests.reservations.desk import reserved
from tests.support.factories import make_product, make_user

ROUNDS = 3


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


async def test_one_customer_booked_by_two_staff_and_twice_by_each(
    client: httpx.AsyncClient, database: Database
) -> None:
    one, two, product = await make_user(database), await make_user(database), await make_product(database)
    admin = await make_user(database, "admin")
    for number in range(ROUNDS):
        days = [f"2025-02-0{day}" for day in (5, 3, 1)]
        calls = [book(client, who, product, f"c{number}", day) for day in days for who in (one, two, one)]
        answers = await asyncio.gather(*calls[number:], *calls[:number])
        assert statuses(answers) == {200: 9}
        for who in (one, two):
            found = [kind for _, key, kind in await types(client, who) if key == f"c{number}"]
            assert Counter(found) == ({"NDP": 2, "RDP": 4} if who is one else {"NDP": 1, "RDP": 2})
    assert await assert_sound(database) == 9 * ROUNDS
    assert len((await done(client, admin, "GET", "/duplicates"))["duplicates"]) == ROUNDS


async def test_of_two_reviewers_one_wins(client: httpx.AsyncClient, database: Database) -> None:
    staff, other, product = await make_user(database), await make_user(database), await make_product(database)
    admins = [await make_user(database, "admin") for _ in range(2)]
    await reserved(client, admins[0], product, "x", other)
    for number in range(ROUNDS):
        row = await booked(client, staff, product, "x", f"2025-02-0{number + 1}")
        calls = [
            client.post(f"{PATH}/{row['id']}/{command}", headers=who.auth)
            for command, who in zip(("approve", "decline"), admins, strict=True)
        ]
        answers = await asyncio.gather(*(calls if number % 2 else calls[::-1]))
        assert statuses(answers) == {200: 1, 400: 1}
        (won,) = [answer.json()["approval_status"] for answer in answers if answer.status_code == 200]
        (lost,) = [answer.json()["state"] for answer in answers if answer.status_code == 400]
        assert won == lost
        (kept,) = [found for found in await rows(client, staff, status=won) if found["id"] == row["id"]]
        assert (kept["customer_type"] is not None) == (won == "approved")
    await assert_sound(database)


async def test_an_edit_races_a_delete_and_another_edit(client: httpx.AsyncClient, database: Database) -> None:
    staff, admin, product = await make_user(database), await make_user(database, "admin"), await make_product(database)
    for number in range(ROUNDS):
        await reserved(client, admin, product, f"x{number}", staff)
        later = await booked(client, staff, product, f"x{number}", "2025-02-05")
        row = await booked(client, staff, product, f"x{number}", "2025-02-01")
        calls = [
            client.put(f"{PATH}/{row['id']}", json={"record_date": "2025-02-07", "version": 1}, headers=admin.auth),
            client.put(f"{PATH}/{row['id']}", json={"customer_id": f"y{number}"}, headers=staff.auth),
            client.delete(f"{PATH}/{row['id']}", headers=staff.auth),
        ]
        answers = await asyncio.gather(*calls[number % 3 :], *calls[: number % 3])
        assert set(statuses(answers)) <= {200, 409}
        assert statuses(answers)[200] >= 1
        await assert_sound(database)
        found = {item["id"]: item for item in await rows(client, admin)}
        assert found[later["id"]]["customer_type"] == "NDP"
        (reservation,) = (await client.get(RESERVATIONS, params={"q": f"x{number}"}, headers=admin.auth)).json()
        own = [item["record_date"] for item in found.values() if item["customer_key"] == f"x{number}"]
        assert reservation["last_omset_date"] == max(own)


async def test_everything_at_once_ends_and_adds_up(client: httpx.AsyncClient, database: Database) -> None:
    """Booking, moving between keys in opposite directions, deleting, restoring, reserving and recalculating."""
    staff = [await make_user(database) for _ in range(3)]
    admin, products = await make_user(database, "admin"), [await make_product(database) for _ in range(2)]
    made = [
        await booked(client, staff[i % 3], products[i % 2], f"c{i % 2}", f"2025-02-0{1 + i % 4}") for i in range(12)
    ]
    gone = [await booked(client, who, products[0], "c0", "2025-01-01") for who in staff]
    for row in gone:
        await done(client, admin, "DELETE", f"/{row['id']}")

    async def edit(row: dict[str, Any], **change: Any) -> httpx.Response:
        return await client.put(f"{PATH}/{row['id']}", json=change, headers=admin.auth)

    calls: list[Any] = []
    for i, row in enumerate(made):
        calls += [
            edit(row, customer_id=f"c{(i + 1) % 2}", product_id=products[(i + 1) % 2]),
            edit(row, record_date=f"2025-02-0{4 - i % 4}", tambahan=i % 5 == 0),
            book(client, staff[i % 3], products[i % 2], f"c{i % 2}", "2025-02-03", 1000 + i),
        ]
    calls += [client.post(f"{PATH}/restore/{row['id']}", headers=admin.auth) for row in gone]
    calls += [client.delete(f"{PATH}/{row['id']}", headers=admin.auth) for row in made[::3]]
    calls += [client.post(RESERVATIONS, headers=who.auth, json={"customer_id": "c0", "product_id": products[0]})
              for who in staff]  # fmt: skip
    answers, reports = await asyncio.gather(
        asyncio.gather(*calls), asyncio.gather(*(rebuild.recalculate(database) for _ in range(2)))
    )
    assert set(statuses(answers)) <= {200, 201, 409}, [a.text for a in answers if a.status_code not in (200, 201, 409)]
    assert [report["updated_count"] for report in reports] == [0, 0]
    await assert_sound(database)
    assert (await rebuild.recalculate(database))["updated_count"] == 0


@pytest.mark.parametrize("rounds", [2])
async def test_recalculating_a_damaged_ledger_while_people_work(
    client: httpx.AsyncClient, database: Database, rounds: int
) -> None:
    staff, product = await make_user(database), await make_product(database)
    for number in range(rounds):
        for i in range(4):
            await booked(client, staff, product, f"c{number}-{i}", f"2025-02-0{i + 1}")
        async with database.write() as session:
            await session.execute(update(DepositDay).values(ndp=DepositDay.ndp + 5, ndp_total=1))
            await session.execute(update(Deposit).where(Deposit.customer_type.is_not(None)).values(customer_type="RDP"))
        work = [
            book(client, staff, product, f"c{number}-{i}", f"2025-02-0{day}") for i in range(4) for day in (1, 3, 9)
        ]
        answers, report = await asyncio.gather(asyncio.gather(*work), rebuild.recalculate(database))
        assert statuses(answers) == {200: 12}
        assert report["updated_count"] > 0
        # What was entered meanwhile was kept right by who entered it; what was damaged is mended now or by the next run.
        await rebuild.recalculate(database)
        await assert_sound(database)
