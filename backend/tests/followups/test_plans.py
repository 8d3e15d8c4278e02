"""How SQLite answers: lists in the order of an index, counters instead of people."""

from datetime import date

import pytest

from crm_boost.db.engine import Database
from crm_boost.deposits.classification import Key
from crm_boost.followups import reading_repository as reading
from crm_boost.followups import repository
from crm_boost.followups.ladder import LADDER, Urgency, days_since, rung_at, span_of
from crm_boost.followups.reading_repository import FollowUpFilter
from tests.followups.desk import level
from tests.support.plans import Read, plans_of

TODAY = date(2025, 3, 20)
FILTERS = {
    "ix_follow_ups_state (state=?": FollowUpFilter(),
    "ix_follow_ups_staff (staff_id=? AND state=?": FollowUpFilter("s"),
    "ix_follow_ups_product (product_id=? AND state=?": FollowUpFilter(product_id="p"),
    "ix_follow_ups_database (database_id=? AND state=?": FollowUpFilter(product_id="p", database_id="d"),
    "ix_follow_ups_staff_product (staff_id=? AND product_id=? AND state=?": FollowUpFilter("s", "p"),
    "ix_follow_ups_staff_database (staff_id=? AND database_id=? AND state=?": FollowUpFilter("s", None, "d"),
    "ix_follow_ups_snoozed (snoozed_until>?": FollowUpFilter("s", shown="snoozed"),
}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def _page(wanted: FollowUpFilter) -> Read:
    return lambda session: reading.page_rows(session, wanted, TODAY, viewer=None, after=None, limit=50)


def _counts(wanted: FollowUpFilter) -> Read:
    return lambda session: reading.counts(session, wanted, TODAY)


async def test_pages_are_read_in_the_order_of_an_index(database: Database) -> None:
    for used, wanted in FILTERS.items():
        (plan,) = await plans_of(database, _page(wanted))
        assert used in plan, plan
        # The page alone is put in order, after its rows were found.
        assert "SCAN follow_ups" not in plan
        assert plan.count("TEMP B-TREE") <= 1, plan


async def test_counting_reads_counters(database: Database) -> None:
    for wanted in (FollowUpFilter(), FollowUpFilter("s")):
        (plan,) = await plans_of(database, _counts(wanted))
        assert "ix_follow_ups_snoozed (snoozed_until>?" in plan, plan
        assert plan.count(" follow_ups ") == 1, plan
        assert "follow_up_days USING" in plan
        assert "respond_on>?" in plan


async def test_what_a_deposit_concerns_is_looked_up(database: Database) -> None:
    key = Key("s", "c", "p")
    (plan,) = await plans_of(database, lambda session: repository.records_of_customers(session, {key}))
    assert "ix_follow_ups_customer (staff_id=? AND customer_key=? AND product_id=?)" in plan, plan
    (plan,) = await plans_of(database, lambda session: repository.standing(session, {1, 2}))
    assert "SCAN contacts" not in plan
    assert "SCAN customer_records" not in plan, plan


@pytest.mark.pure
@pytest.mark.parametrize("days", range(-1, 12))
def test_the_ladder_and_its_spans_say_the_same(days: int) -> None:
    day = date.fromordinal(TODAY.toordinal() - days)
    rung = rung_at(days_since(day, TODAY))
    assert rung.urgency == level(max(days, 0))
    inside = [
        urgency
        for urgency in Urgency
        for first, end in [span_of(urgency, TODAY)]
        if (first is None or day >= first) and (end is None or day < end)
    ]
    assert inside == [rung.urgency]
    assert [one.level for one in LADDER] == [3, 2, 1, 0]
