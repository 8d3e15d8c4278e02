"""The daily briefing: whom it names, that it stays the same for a day, that it is seen once; phones; budgets; plans."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from crm_boost.contacts.service import Reach
from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from crm_boost.retention import figures_repository as figures
from crm_boost.retention import listing_repository as listing
from crm_boost.retention.listing import quiet_at_risk
from tests.assignments import support
from tests.contacts.support import RESPOND, mark
from tests.deposits.desk import booked
from tests.retention.desk import NOON, TODAY, entered, get, post
from tests.support.factories import make_database, make_product, make_user
from tests.support.plans import Read, plans_of
from tests.support.statements import recorded_statements

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with frozen(NOON):
        yield


async def test_the_briefing_of_a_day(client: httpx.AsyncClient, database: Database) -> None:
    staff, admin, product = await make_user(database), await make_user(database, "admin"), await make_product(database)
    other = await make_user(database)
    await entered(
        database,
        [
            *((staff.id, f"high{number}", product, TODAY - (8 + number % 3) * DAY, False) for number in range(7)),
            (staff.id, "critical", product, TODAY - 30 * DAY, False),
            (other.id, "theirs", product, TODAY - 20 * DAY, False),
        ],
    )
    first = await get(client, staff, "/daily-briefing")
    assert (first["show"], first["date"], first["followups_by_product"]) == (True, str(TODAY), {})
    at_risk = first["at_risk"]
    assert [at_risk[f"total_{level}"] for level in ("critical", "high", "medium")] == [1, 7, 0]
    assert [row["customer_key"] for row in at_risk["critical"]] == ["critical"]
    assert (len(at_risk["high"]), at_risk["medium"]) == (5, [])
    assert [row["days_since_deposit"] for row in at_risk["high"]] == [10, 10, 9, 9, 8]
    # It stays the same for the day, whatever is booked meanwhile.
    await booked(client, staff, product, "critical", str(TODAY))
    assert await get(client, staff, "/daily-briefing") == first
    assert await get(client, admin, "/daily-briefing") == {"show": False, "reason": "not_staff", "date": str(TODAY)}
    seen = await post(client, staff, "/daily-briefing/dismiss")
    assert "dismissed" in seen.json()["message"]
    assert (await get(client, staff, "/daily-briefing"))["reason"] == "already_seen"
    assert (await get(client, other, "/daily-briefing"))["show"] is True
    with frozen(NOON + DAY):
        tomorrow = await get(client, staff, "/daily-briefing")
    assert (tomorrow["show"], tomorrow["at_risk"]["critical"]) == (True, [])


async def test_follow_ups_are_in_the_briefing(client: httpx.AsyncClient, database: Database) -> None:
    staff, stored = await make_user(database), await make_database(database, 7)
    await support.pick(database, stored, staff, stored.record_ids)
    for record_id in stored.record_ids:
        await mark(database, staff, record_id, {RESPOND: "ya"})
    found = (await get(client, staff, "/daily-briefing"))["followups_by_product"]
    (group,) = found.values()
    assert (len(group["items"]), group["total"]) == (5, 7)
    assert {item["customer_key"] for item in group["items"]} <= {f"customer{number}" for number in range(7)}


async def test_phones_are_of_records_one_may_see(client: httpx.AsyncClient, database: Database) -> None:
    admin, a, b = await make_user(database, "admin"), await make_user(database), await make_user(database)
    blocked = await make_user(database, "admin", blocked_pages=["databases"])
    stored = await make_database(database, 2, name="Members of May")
    await support.pick(database, stored, a, stored.record_ids[:1])
    product = stored.product_id
    await entered(
        database,
        [
            (a.id, "customer0", product, TODAY - 10 * DAY, False),
            (b.id, "customer1", product, TODAY - 10 * DAY, False),
            (b.id, "customer0", await make_product(database), TODAY - 10 * DAY, False),
        ],
    )

    async def seen(who: Any) -> set[tuple[str, str, str]]:
        found = (await get(client, who, "/alerts"))["alerts"]
        return {(row["customer_key"], row["phone_number"], row["matched_source"]) for row in found}

    zero = ("customer0", "+628120000000", "Members of May")
    assert await seen(admin) == {zero, ("customer1", "+628120000001", "Members of May")}
    assert await seen(blocked) == {("customer0", "", ""), ("customer1", "", "")}
    assert await seen(a) == {zero}
    # Nobody's record of customer1, and somebody else's of customer0.
    assert await seen(b) == {("customer0", "", ""), ("customer1", "", "")}


async def test_statements_do_not_grow_with_rows(client: httpx.AsyncClient, database: Database) -> None:
    admin, staff, product = await make_user(database, "admin"), await make_user(database), await make_product(database)
    paths = ("/summary", "/customers", "/trend", "/by-product", "/by-staff", "/cohorts", "/alerts", "/alerts/by-staff", "/lost-customers")  # fmt: skip
    counted = []
    for size in (3, 40):
        await entered_more(database, staff.id, product, size)
        counts = []
        for path in paths:
            await get(client, admin, path)
            with recorded_statements(database) as statements:
                await get(client, admin, path)
            counts.append(len(statements))
        counted.append(counts)
    assert counted[0] == counted[1]
    assert max(counted[0]) <= 10


async def entered_more(database: Database, staff: str, product: str, size: int) -> None:
    prefix = f"n{size}-"
    rows = [
        (staff, f"{prefix}{number}", product, TODAY - (8, 16, 40)[number % 3] * DAY, False) for number in range(size)
    ]
    await entered(database, rows, ids_from=size * 100)


async def test_lists_and_counts_are_read_by_their_index(sqlite_database: Database) -> None:
    start, end = TODAY - 89 * DAY, TODAY + DAY
    everybody, one = listing.Wanted("", start, end), listing.Wanted("s", start, end)
    at_risk = quiet_at_risk(TODAY, None, None)

    def quiet(wanted: listing.Quiet) -> Read:
        return lambda session: listing.quiet(
            session, wanted, viewer=None, hidden_from=("u", TODAY), after=None, limit=50
        )

    def some(wanted: listing.Wanted, sort: listing.SortBy) -> Read:
        return lambda session: listing.customers(session, wanted, sort, None, 50)

    reads: list[tuple[Read, str]] = [
        (some(everybody, "deposits"), "INDEX ix_retention_customers_deposits (scope=?)"),
        (some(one, "omset"), "INDEX ix_retention_customers_omset (scope=?)"),
        (some(one, "loyalty"), "INDEX ix_retention_customers_score (scope=?)"),
        (some(everybody, "recent"), "INDEX ix_retention_customers_last (scope=? AND last_date>?)"),
        (quiet(at_risk), "INDEX ix_retention_customers_last (scope=? AND last_date>? AND last_date<?)"),
        (
            quiet(quiet_at_risk(TODAY, None, "s")),
            "INDEX ix_retention_customers_last (scope=? AND last_date>? AND last_date<?)",
        ),
        (
            lambda session: figures.turnout(session, start, end, [""], None),
            "PRIMARY KEY (kind=? AND scope=? AND day>? AND day<?)",
        ),
        (
            lambda session: listing.contacts(session, ["x"], Reach("s")),
            "record_keys USING PRIMARY KEY (customer_key=?)",
        ),
    ]
    for read, used in reads:
        plan = (await plans_of(sqlite_database, read))[0]
        assert used in plan, plan
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan, plan
