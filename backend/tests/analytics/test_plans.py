"""How SQLite answers: by ranges of one staff or of the days asked for, never by reading the pool, all items or the ledger."""

from datetime import date

import pytest

from crm_boost.analytics import drill_repository, handed_out_repository, response_repository, work_repository
from crm_boost.analytics.buckets import Granularity, buckets_of
from crm_boost.analytics.drill_repository import Measure, Outcome
from crm_boost.analytics.handed_out_repository import Stage
from crm_boost.analytics.paging import Slice
from crm_boost.analytics.response_times import Days, Timed
from crm_boost.analytics.scope import Scope
from crm_boost.db.engine import Database
from crm_boost.kit.periods import Period
from crm_boost.retention.returns_repository import different_customers
from tests.analytics.world import ZONE
from tests.support.plans import Read, plans_of

MONTH = Scope(Period("month", date(2025, 2, 14), date(2025, 3, 16)), ZONE)
OWN = MONTH.of_staff("s")


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


async def test_figures_are_read_by_ranges(database: Database) -> None:
    days, page = "work_daily USING PRIMARY KEY (day>? AND day<?)", Slice(50)
    own_days = "work_daily USING INDEX ix_work_daily_staff (staff_id=? AND day>? AND day<?)"
    handed = "ix_work_items_handed (staff_id=? AND handed_on>? AND handed_on<?)"
    answered = "ix_work_items_respond (staff_id=? AND respond_on>? AND respond_on<?)"
    weeks = [(bucket.start, bucket.end) for bucket in buckets_of(MONTH.start, MONTH.end, Granularity.WEEKLY)]
    reads: list[tuple[Read, str]] = [
        (lambda session: work_repository.work_by(session, MONTH, "day", "staff_id"), days),
        (lambda session: work_repository.work_by(session, OWN, "staff_id"), own_days),
        (
            lambda session: response_repository.seconds_of(session, MONTH, ["s"], [Days(MONTH.start, MONTH.end, 1)]),
            f"COVERING INDEX {handed}",
        ),
        (
            lambda session: response_repository.bands(session, MONTH, ["s"], [1, 2]),
            "response_counts USING PRIMARY KEY (block=? AND scope=? AND staff_id=?)",
        ),
        (
            lambda session: response_repository.tenths(session, MONTH, [1, 2], [("s", Timed.YES, 3)]),
            "response_counts USING PRIMARY KEY (block=? AND scope=? AND staff_id=? AND timed=? AND band=?)",
        ),
        (
            lambda session: response_repository.ends_of_tenths(session, MONTH, Timed.CHECK, [("s", 5)]),
            "COVERING INDEX ix_work_items_check (staff_id=? AND wa_seconds>? AND wa_seconds<?)",
        ),
        (lambda session: work_repository.answers(session, MONTH, ["s"]), f"COVERING INDEX {answered}"),
        (
            lambda session: handed_out_repository.handed_out(session, OWN, "s", Stage.RESPONDED, "wa_hours", page),
            handed,
        ),
        (
            lambda session: handed_out_repository.handed_out(session, OWN, "s", Stage.ASSIGNED, "assigned_at", page),
            "ix_customer_records_holder (assigned_to=? AND deal_rank>? AND deal_rank<?)",
        ),
        (
            lambda session: drill_repository.answered(
                session, OWN, "s", Outcome.PENDING, "respond_at", page, by_answer=True
            ),
            answered,
        ),
        (
            lambda session: drill_repository.done(session, OWN, ["s"], Measure.ADA, page),
            "ix_work_items_wa (staff_id=? AND wa_on>? AND wa_on<?)",
        ),
        (
            lambda session: different_customers(session, "s", "p", weeks),
            "retention_returns USING PRIMARY KEY (scope=? AND product_id=? AND day>? AND day<?)",
        ),
    ]
    for read, used in reads:
        (plan,) = await plans_of(database, read)
        assert used in plan, (used, plan)
        for table in (
            "work_items",
            "work_daily",
            "response_counts",
            "customer_records",
            "omset_records",
            "contacts",
            "retention_returns",
        ):
            assert f"SCAN {table}" not in plan, plan


async def test_a_page_of_deposits_starts_from_the_ledger(database: Database) -> None:
    (plan,) = await plans_of(
        database, lambda session: drill_repository.deposits(session, OWN, "date", Slice(50), kind=None)
    )
    assert "ix_omset_records_staff_day (staff_id=? AND record_date>? AND record_date<?)" in plan, plan
