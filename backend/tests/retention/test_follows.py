"""What is stored follows the ledger: any sequence of commands, two at once, an older installation, damage."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text, update

from crm_boost.db.engine import Database
from crm_boost.deposits import booking, service
from crm_boost.deposits.schemas import DepositForm
from crm_boost.kit.clock import frozen
from crm_boost.retention import rebuild
from crm_boost.retention.models import RetentionCount, RetentionCustomer, returns_table
from crm_boost.retention.risk import Risk, level_of
from tests.deposits.test_state_machine import Ledger, commands, principal
from tests.retention.desk import NOON, TODAY, entered, get, random_deposits
from tests.retention.sound import assert_followed
from tests.support.databases import Provider
from tests.support.factories import make_product, make_user

STEPS = 12


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with frozen(NOON):
        yield


@pytest.mark.slow
def test_any_sequence_of_commands_is_followed(databases: Provider) -> None:
    @settings(max_examples=2, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(sequence=st.lists(commands, min_size=STEPS, max_size=STEPS))
    def walk(sequence: list[tuple[Any, ...]]) -> None:
        done: Counter[str] = Counter()
        ledger = Ledger(databases, done)
        try:
            for name, *arguments in sequence:
                getattr(ledger, name)(*arguments)
                ledger.run(assert_followed(ledger.database))
        finally:
            ledger.close_down()

    walk()


async def test_two_staff_book_one_customer_at_once(database: Database) -> None:
    staff = [principal(await make_user(database)) for _ in range(4)]
    products = [await make_product(database) for _ in range(2)]

    async def book(number: int) -> None:
        day = f"2025-0{1 + number % 3}-1{number % 4}"
        # Of two products: whatever the product, the customer is one.
        product = products[number // 2 % 2]
        form = DepositForm.model_validate(
            {"product_id": product, "record_date": day, "customer_id": "shared", "nominal": 1000 + number}
        )
        async with database.write() as session:
            await booking.book(session, staff[number % 4], form)

    await asyncio.gather(*(book(number) for number in range(12)))
    assert len(await assert_followed(database)) == 12


async def test_several_changes_in_one_transaction_settle_once(database: Database) -> None:
    staff, product = principal(await make_user(database)), await make_product(database)
    booked = []
    async with database.write() as session:
        for day in ("2025-03-01", "2025-01-05", "2025-03-01"):
            form = {"product_id": product, "record_date": day, "customer_id": "x", "nominal": 1000}
            booked.append(await booking.book(session, staff, DepositForm.model_validate(form)))
        await service.delete(session, staff, booked[-1].id)
    assert len(await assert_followed(database)) == 2


async def test_a_ledger_from_before_is_filled_in(database: Database) -> None:
    staff = [(await make_user(database)).id for _ in range(2)]
    products = [await make_product(database) for _ in range(2)]
    await entered(database, random_deposits(1, staff, products, 150))
    first, by_month, returns, apart = (
        import_module(f"crm_boost.db.migrations.versions.{name}")
        for name in (
            "0011_retention",
            "0030_retention_by_month",
            "0031_retention_returns",
            "0036_customers_with_one_deposit",
        )
    )
    async with database.write() as session:
        await session.execute(delete(RetentionCustomer))
        await session.execute(delete(RetentionCount))
        await session.execute(delete(returns_table))
        dialect = session.get_bind().dialect.name
        filling = (*first.fill_statements(dialect), by_month.fill_statement(dialect), *returns.fill_statements(dialect))
        for statement in (*filling, *apart.TAKEN_APART):
            await session.execute(text(statement))
    await assert_followed(database)
    async with database.write() as session:
        for statement in (*apart.PUT_TOGETHER, *apart.TAKEN_APART):
            await session.execute(text(statement))
    await assert_followed(database)


async def test_damage_is_found_and_put_right(database: Database) -> None:
    staff, products = [(await make_user(database)).id], [await make_product(database)]
    await entered(database, random_deposits(2, staff, products, 20))
    assert (await rebuild.check(database))["differing"] == 0
    async with database.write() as session:
        await session.execute(update(RetentionCustomer).where(RetentionCustomer.scope == "").values(score=1))
        await session.execute(delete(RetentionCount).where(RetentionCount.kind == "cohort"))
    assert (await rebuild.check(database))["differing"] > 0
    assert (await rebuild.check(database))["differing"] == 0
    async with database.write() as session:
        company = (returns_table.c.scope == "") & (returns_table.c.product_id == "")
        await session.execute(update(returns_table).where(company).values(after_more=returns_table.c.after_more + 1))
    assert (await rebuild.check(database))["differing"] > 0
    await assert_followed(database)


async def test_alerts_of_a_random_ledger(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, "admin"), [await make_user(database) for _ in range(2)]
    products = [await make_product(database) for _ in range(2)]
    await entered(database, random_deposits(4, [person.id for person in staff], products, 90))
    ledger = await assert_followed(database)
    units: dict[tuple[str, str], list[Any]] = {}
    for row in ledger:
        units.setdefault((row[1], row[2]), []).append(row)
    expected: dict[tuple[str, str], tuple[Risk, str]] = {}
    lost = set()
    for unit, rows in units.items():
        latest = max(rows, key=lambda row: (row[3], row[6]))
        days = (TODAY - latest[3]).days
        if (level := level_of(days, len(rows))) is not None:
            expected[unit] = (level, latest[0])
        elif days > 30:
            lost.add(unit)
    assert len({level for level, _ in expected.values()}) == 3
    for who, owner in ((admin, None), *((person, person.id) for person in staff)):
        mine = {unit: level for unit, (level, whose) in expected.items() if owner in (None, whose)}
        found = await get(client, who, "/alerts")
        assert {(row["customer_key"], row["product_id"]): row["risk_level"] for row in found["alerts"]} == mine
        counted = Counter(mine.values())
        assert found["summary"] == {"total": len(mine), **{str(risk): counted[risk] for risk in Risk}}
    rows = await get(client, admin, "/lost-customers")
    assert {(row["customer_key"], row["product_id"]) for row in rows} == lost
    assert [row["last_deposit_date"] for row in rows] == sorted((r["last_deposit_date"] for r in rows), reverse=True)
