"""How SQLite answers: by ranges of days and of hand-outs, never by reading the ledger or all roll-ups."""

from datetime import date

import pytest

from crm_boost.db.engine import Database
from crm_boost.deposits.rollup_repository import RollupFilter, count_waiting, sums_by, unique_customers
from crm_boost.kit.clock import start_of_day
from crm_boost.performance import repository
from crm_boost.performance.calendar import Month
from crm_boost.performance.quality_repository import quality_rows
from crm_boost.performance.report_repository import Wanted, cells, deposit_tiers
from crm_boost.settings import Settings
from tests.performance.desk import TODAY
from tests.support.plans import Read, plans_of

DAYS = "omset_staff_daily USING PRIMARY KEY (record_date>? AND record_date<?)"
OWN = "omset_staff_daily USING INDEX ix_omset_staff_daily_staff (staff_id=? AND record_date>? AND record_date<?)"
MONTH = Month(2025, 3)


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


async def test_figures_are_read_by_ranges_of_days(database: Database) -> None:
    start, end = MONTH.back(2).start, MONTH.end
    reads: list[tuple[Read, str]] = [
        (lambda session: repository.daily_counts(session, start, end), DAYS),
        (lambda session: repository.daily_counts(session, start, end, "s"), OWN),
        (lambda session: cells(session, Wanted(MONTH)), DAYS),
        (lambda session: cells(session, Wanted(MONTH, staff_id="s")), OWN),
    ]
    for read, used in reads:
        (plan,) = await plans_of(database, read)
        assert plan.count(used) == plan.count("omset_staff_daily USING") == 1, plan
        assert not {"omset_records", "omset_daily "} & set(plan.split("USING")), plan
    # Days come in the order of the table: nothing is sorted to add them up.
    (plan,) = await plans_of(database, reads[0][0])
    assert "TEMP B-TREE" not in plan, plan


async def test_longer_ranges_are_read_by_month(database: Database) -> None:
    end, own = date(2025, 6, 3), "omset_monthly USING INDEX ix_omset_monthly_staff (staff_id=? AND month>? AND month<?)"
    reads: list[tuple[Read, str]] = [
        (
            lambda session: repository.totals(session, MONTH.start, end, TODAY),
            "omset_monthly USING PRIMARY KEY (month>?",
        ),
        (lambda session: repository.totals(session, MONTH.start, end, TODAY, "s"), own),
        (
            lambda session: sums_by(session, RollupFilter(MONTH.start, end), "staff_id"),
            "omset_monthly USING PRIMARY KEY",
        ),
        (lambda session: sums_by(session, RollupFilter(None, end, staff_id="s")), own.replace("month>? AND ", "")),
        (lambda session: deposit_tiers(session, Wanted(MONTH)), "omset_monthly USING PRIMARY KEY (month=?)"),
    ]
    for read, used in reads:
        (plan,) = await plans_of(database, read)
        assert used in plan, plan
        assert "omset_records" not in plan, plan


def uniques_of(wanted: RollupFilter) -> Read:
    return lambda session: unique_customers(session, wanted)


async def test_different_customers_are_read_by_day(database: Database) -> None:
    for wanted in (RollupFilter(), RollupFilter(MONTH.start, MONTH.end), RollupFilter(date(2025, 1, 7), MONTH.end)):
        plans = await plans_of(database, uniques_of(wanted))
        assert all("omset_staff_daily" in plan and "omset_records" not in plan for plan in plans), plans
    # Of one product they are counted in the index of what counts.
    (plan,) = await plans_of(
        database, lambda session: unique_customers(session, RollupFilter(MONTH.start, MONTH.end, "p"))
    )
    assert "COVERING INDEX ix_omset_records_unique (record_date>? AND record_date<?)" in plan, plan


async def test_what_waits_is_counted_in_its_index(database: Database) -> None:
    (plan,) = await plans_of(database, lambda session: count_waiting(session, None))
    assert "INDEX ix_omset_records_not_approved (status=?)" in plan, plan


async def test_people_and_quality_are_looked_up(database: Database) -> None:
    (plan,) = await plans_of(database, lambda session: repository.people(session, ["a"]))
    assert "omset_staff_daily USING COVERING INDEX ix_omset_staff_daily_staff (staff_id=?)" in plan, plan
    zone = Settings().business.tz
    start, end = start_of_day(zone, date(2025, 3, 1)), start_of_day(zone, TODAY)
    (plan,) = await plans_of(database, lambda session: quality_rows(session, start, end, None))
    assert "customer_records USING INDEX ix_customer_records_dealt (deal_rank>? AND deal_rank<?)" in plan, plan
    (plan,) = await plans_of(database, lambda session: quality_rows(session, start, end, "s"))
    assert "ix_customer_records_holder (assigned_to=? AND deal_rank>? AND deal_rank<?)" in plan, plan
    assert "SCAN contacts" not in plan
