"""Buckets, middles and what a hand-out adds: pure."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from crm_boost.analytics.buckets import Granularity, bucket_named, buckets_of
from crm_boost.analytics.counting import Place, Work, counted, first_since, item_of
from crm_boost.analytics.numbers import median_twice, middle_ranks, nearest_rank
from crm_boost.analytics.scope import Scope
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.periods import resolve_period
from tests.analytics.world import ZONE

pytestmark = pytest.mark.pure
DAILY, WEEKLY, MONTHLY = Granularity


@pytest.mark.parametrize(
    ("label", "granularity", "start", "end"),
    [
        ("2025-03-15", DAILY, date(2025, 3, 15), date(2025, 3, 16)),
        ("2025-03-15", WEEKLY, date(2025, 3, 10), date(2025, 3, 17)),
        ("2025-03-15", MONTHLY, date(2025, 3, 1), date(2025, 4, 1)),
        ("2025-12", DAILY, date(2025, 12, 1), date(2026, 1, 1)),
        ("9999-12-31", MONTHLY, date(9999, 12, 1), date(9999, 12, 1)),
    ],
)
def test_a_label_names_days(label: str, granularity: Granularity, start: date, end: date) -> None:
    found = bucket_named(label, granularity)
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize("label", ["2025", "2025-13", "2025-02-30", "yesterday", "20250315", "2025-3-1", ""])
def test_other_labels_are_refused(label: str) -> None:
    with pytest.raises(InvalidInput):
        bucket_named(label, DAILY)


def test_buckets_cover_a_period_without_gaps() -> None:
    for granularity in Granularity:
        found = buckets_of(date(2024, 12, 30), date(2025, 3, 16), granularity)
        assert found[0].start <= date(2024, 12, 30) and found[-1].end >= date(2025, 3, 16)
        assert all(one.end == two.start for one, two in pairwise(found))


def test_middles() -> None:
    assert [median_twice(values) for values in ([3], [1, 4], [1, 2, 9])] == [6, 5, 4]
    assert [nearest_rank(count, 90) for count in (1, 10, 11)] == [0, 8, 9]
    assert [middle_ranks(count) for count in (1, 2, 5)] == [(0, 0), (0, 1), (2, 2)]


def test_the_period_before_is_as_long_and_directly_before() -> None:
    scope = Scope(resolve_period("week", date(2025, 3, 15)), ZONE, "p", "s")
    before = scope.previous()
    assert (before.start, before.end) == (date(2025, 3, 2), scope.start)
    assert (before.product_id, before.staff_id) == ("p", "s")
    earliest = Scope(resolve_period("custom", date(2025, 3, 15), date.min, date.min), ZONE)
    assert earliest.previous().start == earliest.previous().end == date.min
    assert earliest.instants[0] == earliest.instants[1]


def test_a_hand_out_counts_on_its_days() -> None:
    def at(day: int, hour: int) -> datetime:
        return datetime(2025, 3, day, hour, tzinfo=UTC)

    row = {
        "record_seq": 1, "deal_rank": 2, "staff_id": "s", "database_id": "d", "customer_key": "c",
        "assigned_at": at(1, 18), "wa_status": "ada", "wa_at": at(2, 18), "first_wa_at": at(1, 19),
        "respond_status": "ya", "respond_at": at(3, 1), "first_respond_at": at(2, 18),
    }  # fmt: skip
    item = item_of(row, ZONE)
    assert (item["handed_on"], item["wa_on"]) == (date(2025, 3, 2), date(2025, 3, 3))
    assert (item["wa_seconds"], item["respond_seconds"]) == (3600, 24 * 3600)
    item["deposited_on"] = first_since([date(2025, 3, 2), date(2025, 3, 9), date(2025, 3, 3)], item["respond_on"])
    assert item["deposited_on"] == date(2025, 3, 3)
    marked = Place(date(2025, 3, 3), "s", "d")
    assert counted(item) == {
        Place(date(2025, 3, 2), "s", "d"): Work(ada=1, yes=1, checked_yes=1, deposited=1, checked_deposited=1),
        marked: Work(done_ada=1, done_yes=1),
    }
    assert counted(None) == {}
    said_no = item_of({**row, "wa_status": None, "respond_status": "tidak"}, ZONE)
    assert (said_no["wa_seconds"], said_no["respond_seconds"]) == (None, None)
    assert sum((work.no for work in counted(said_no).values()), 0) == 1
