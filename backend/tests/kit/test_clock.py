"""The business clock (spec 1.4)."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_boost.kit.clock import business_date, frozen, utc_now

pytestmark = pytest.mark.pure
JAKARTA = ZoneInfo("Asia/Jakarta")


def test_now_is_aware_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


def test_a_frozen_clock_stands_still_and_goes_on_afterwards() -> None:
    instant = datetime(2025, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=7)))
    with frozen(instant):
        assert utc_now() == utc_now() == instant
        assert utc_now().tzinfo is UTC
        with frozen(instant + timedelta(days=1)):
            assert utc_now() == instant + timedelta(days=1)
        assert utc_now() == instant
    assert utc_now() > datetime(2025, 3, 2, tzinfo=UTC)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"), frozen(datetime(2025, 3, 1)):
        pass


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2025, 3, 1, 16, 59, 59, 999_999, tzinfo=UTC), date(2025, 3, 1)),
        (datetime(2025, 3, 1, 17, 0, tzinfo=UTC), date(2025, 3, 2)),
        (datetime(2025, 2, 28, 23, 30, tzinfo=UTC), date(2025, 3, 1)),
        (datetime(2024, 12, 31, 17, 0, tzinfo=UTC), date(2025, 1, 1)),
        (datetime(2024, 2, 28, 17, 0, tzinfo=UTC), date(2024, 2, 29)),
    ],
)
def test_the_business_day_begins_at_midnight_in_jakarta(instant: datetime, expected: date) -> None:
    assert business_date(JAKARTA, instant) == expected
    with frozen(instant):
        assert business_date(JAKARTA) == expected


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_the_business_date_is_the_utc_date_seven_hours_later(instant: datetime) -> None:
    assert business_date(JAKARTA, instant) == (instant + timedelta(hours=7)).date()
