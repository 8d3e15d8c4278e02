"""Different customers of days, weeks and months: what moves the counts, tables; what is read, over random ledgers."""

import random
from datetime import date, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from crm_boost.analytics import deposit_charts
from crm_boost.analytics.buckets import Granularity
from crm_boost.analytics.scope import Scope
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession
from crm_boost.deposits import booking, service
from crm_boost.deposits.classification import Entry
from crm_boost.deposits.schemas import DepositChange, DepositForm
from crm_boost.kit.clock import frozen
from crm_boost.kit.periods import Period
from crm_boost.retention import facts_repository
from crm_boost.retention.facts import COMPANY, Change, facts_of
from crm_boost.retention.returns import ANY_PRODUCT, RETURNS, different, returns_moved
from crm_boost.retention.returns_repository import different_customers
from tests.analytics.world import ZONE
from tests.deposits.test_state_machine import principal
from tests.retention.desk import NOON, TODAY, Given, entered, random_deposits
from tests.retention.sound import assert_followed
from tests.support.factories import make_product, make_user
from tests.support.plans import plans_of
from tests.support.statements import recorded_statements

JAN_1, JAN_5, FEB_4 = date(2025, 1, 1), date(2025, 1, 5), date(2025, 2, 4)
DAY = timedelta(days=1)
MORE = len(RETURNS) - 1


Booked = dict[str, list[Entry]]


def on(*days: date, staff: str = "a") -> Booked:
    return {staff: [Entry(f"{staff}{day}", day, False, 1, 1) for day in days]}


def moves(*changes: tuple[str, Booked, Booked]) -> dict[tuple[str, str, date], dict[int, int]]:
    """What is added for one customer, the place in a row by what it gets."""
    given = [Change(product, facts_of(was), facts_of(now)) for product, was, now in changes]
    return {
        key: {place: count for place, count in enumerate(counts) if count}
        for key, counts in returns_moved([given]).items()
    }


@pytest.mark.pure
def test_what_a_deposit_moves() -> None:
    everywhere = [(scope, product) for scope in (COMPANY, "a") for product in ("p", ANY_PRODUCT)]
    first = moves(("p", {}, on(JAN_1)))
    assert first == {(*place, JAN_1): {MORE: 1} for place in everywhere}
    # The second on the same day is no other visit; four days later are the place before the fourth.
    assert moves(("p", on(JAN_1), on(JAN_1, JAN_1))) == {}
    assert moves(("p", on(JAN_1), on(JAN_1, JAN_5))) == {(*place, JAN_5): {3: 1} for place in everywhere}
    # Thirty days are remembered, more are not.
    assert moves(("p", on(JAN_5), on(JAN_5, FEB_4))) == {(*place, FEB_4): {29: 1} for place in everywhere}
    assert moves(("p", on(JAN_1), on(JAN_1, FEB_4))) == {(*place, FEB_4): {MORE: 1} for place in everywhere}
    # One in between makes the next one sooner; taken away, later.
    assert moves(("p", on(JAN_1, FEB_4), on(JAN_1, JAN_5, FEB_4))) == {
        **{(*place, JAN_5): {3: 1} for place in everywhere},
        **{(*place, FEB_4): {29: 1, MORE: -1} for place in everywhere},
    }
    assert moves(("p", on(JAN_1), {})) == {key: {MORE: -1} for key in first}


@pytest.mark.pure
def test_a_customer_of_two_products_and_staff_is_one() -> None:
    found = moves(("p", on(JAN_1), on(JAN_1)), ("q", {}, on(JAN_1, JAN_5, staff="b")))
    assert found == {
        **{(scope, "q", JAN_1): {MORE: 1} for scope in (COMPANY, "b")},
        **{(scope, "q", JAN_5): {3: 1} for scope in (COMPANY, "b")},
        # The company had seen them on the first, with the other product.
        (COMPANY, ANY_PRODUCT, JAN_5): {3: 1},
        ("b", ANY_PRODUCT, JAN_1): {MORE: 1},
        ("b", ANY_PRODUCT, JAN_5): {3: 1},
    }
    # A deposit that is moved from one product to another changes nothing beyond products.
    moved = moves(("p", on(JAN_1), {}), ("q", {}, on(JAN_1)))
    assert {product for _, product, _ in moved} == {"p", "q"}


@pytest.mark.pure
def test_customers_of_a_row_by_days_before() -> None:
    counts = [*range(1, MORE + 1), 100]
    assert different(counts, 0) == sum(counts)
    assert different(counts, 1) == sum(counts) - 1
    assert different(counts, 30) == 100


def unique(given: list[Given], scope: Scope, granularity: Granularity) -> dict[str, int]:
    """Different customers in plain words."""
    found: dict[str, set[str]] = {}
    for staff, customer, product, day, _ in given:
        within = scope.start <= day < scope.end
        if within and scope.staff_id in (None, staff) and scope.product_id in (None, product):
            found.setdefault(granularity.bucket_of(day).label, set()).add(customer)
    return {label: len(customers) for label, customers in found.items()}


async def trend(session: ReadSession, scope: Scope, granularity: Granularity) -> dict[str, int]:
    answer = await deposit_charts.deposit_trends(session, scope, granularity)
    return {row["date"]: row["unique_customers"] for row in answer["chart_data"] if row["unique_customers"]}


async def test_trends_are_those_of_the_ledger(database: Database) -> None:
    staff = [(await make_user(database)).id for _ in range(2)]
    products = [await make_product(database) for _ in range(2)]
    given = random_deposits(11, staff, products, 260)
    await entered(database, given)
    rng, seen = random.Random(5), 0
    first = TODAY - timedelta(days=155)
    # From the first of a month to the last, cut at either end, at both within one month or week, and one day.
    spans = [(date(2025, 1, 1), date(2025, 7, 1)), (date(2025, 3, 4), date(2025, 3, 27)), (TODAY, TODAY + DAY)]
    spans += [
        (date(2025, 4, 8), date(2025, 4, 12)),
        (TODAY - 29 * DAY, TODAY + DAY),
        (date(2024, 1, 1), date(2024, 2, 1)),
    ]
    for _ in range(6):
        start = first + timedelta(days=rng.randrange(150))
        spans.append((start, start + timedelta(days=rng.randint(1, 70))))
    who = [(None, None), (staff[0], None), (None, products[1]), (staff[1], products[0]), ("nobody", None), ("", "")]
    async with database.read() as session:
        for start, end in spans:
            for staff_id, product_id in who:
                scope = Scope(Period("custom", start, end), ZONE, product_id, staff_id)
                for granularity in Granularity:
                    expected = unique(given, scope, granularity)
                    assert await trend(session, scope, granularity) == expected, (scope, granularity)
                    seen += sum(expected.values())
    assert seen > 1000


async def test_a_life_of_deposits_is_followed(database: Database) -> None:
    """Booked, moved to another customer, deleted and restored, each in the middle of others."""
    staff = [principal(await make_user(database, role)) for role in ("staff", "admin")]
    products = [await make_product(database) for _ in range(2)]

    async def done(verb: Any, *arguments: Any) -> Any:
        async with database.write() as session:
            return await verb(session, *arguments)

    async def book(who: int, product: int, customer: str, day: int) -> str:
        form = {"product_id": products[product], "record_date": f"2025-03-{day:02d}", "customer_id": customer}
        deposit = await done(booking.book, staff[who], DepositForm.model_validate({**form, "nominal": 1000}))
        return str(deposit.id)

    with frozen(NOON):
        ids = [await book(n % 2, n // 2 % 2, "xy"[n // 4 % 2], 1 + n * 5 % 28) for n in range(8)]
        await done(service.delete, staff[1], ids[3])
        await assert_followed(database)
        change = DepositChange.model_validate({"customer_id": "y"})
        await done(service.edit, staff[1], ids[1], change)
        await assert_followed(database)
        await done(service.restore, ids[3])
    ledger = await assert_followed(database)
    assert len(ledger) == 8
    given = [row[:5] for row in ledger]
    scope = Scope(Period("custom", date(2025, 3, 3), date(2025, 3, 30)), ZONE)
    async with database.read() as session:
        for granularity in Granularity:
            assert await trend(session, scope, granularity) == unique(given, scope, granularity)


async def test_statements_follow_neither_days_nor_deposits(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff = await make_user(database, "admin"), [(await make_user(database)).id]
    products = [await make_product(database)]
    counts = []
    with frozen(NOON):
        for number, period in ((5, "week"), (150, "year")):
            await entered(database, random_deposits(number, staff, products, number), ids_from=number * 1000)
            with recorded_statements(database) as statements:
                address = f"/api/analytics/deposit-trends?period={period}&granularity=weekly"
                assert (await client.get(address, headers=admin.auth)).status_code == 200
            assert not [statement for statement in statements if "omset_records" in statement]
            counts.append(len([s for s in statements if "FROM outbox" not in s and not s.startswith("UPDATE users")]))
    assert counts[0] == counts[1]


async def test_nothing_is_asked_where_there_are_no_days(database: Database) -> None:
    async with database.read() as session:
        with recorded_statements(database) as statements:
            assert await different_customers(session, COMPANY, ANY_PRODUCT, []) == []
    assert not [statement for statement in statements if "retention_returns" in statement]


async def test_deposits_of_a_customer_with_others_are_read_of_every_product(database: Database) -> None:
    (a, b), (p, q) = (
        [(await make_user(database)).id for _ in range(2)],
        [await make_product(database) for _ in range(2)],
    )
    booked = [(a, "x", p), (b, "x", p), (b, "x", q), (a, "y", p), (b, "y", p), (b, "z", p)]
    await entered(database, [(staff, customer, product, JAN_1, False) for staff, customer, product in booked])
    async with database.read() as session:
        with recorded_statements(database) as statements:
            one = await facts_repository.deposits_with_others(session, {(a, "x")})
            several = await facts_repository.deposits_with_others(session, {(a, "x"), (b, "y")})
    assert len(statements) == 2
    assert set(one) == {(b, "x", p), (b, "x", q)}
    assert set(several) == {(b, "x", p), (b, "x", q), (a, "y", p)}


async def test_deposits_with_others_are_found_by_the_customer(sqlite_database: Database) -> None:
    for pairs in ({("a", "x")}, {("a", "x"), ("b", "y")}):
        plans = await plans_of(sqlite_database, partial(facts_repository.deposits_with_others, pairs=pairs))
        assert "omset_records USING INDEX ix_omset_records_customer (customer_key=?)" in "\n".join(plans)
