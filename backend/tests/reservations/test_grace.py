"""Days of grace: arithmetic on business dates (spec 3.3)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_boost.reservations.cleanup import BadCleanupConfig, checked_config
from crm_boost.reservations.grace import CleanupConfig, Standing, grace_of

pytestmark = pytest.mark.pure

CONFIG = CleanupConfig(global_grace_days=30, warning_days=7, product_overrides={"slow": 60})


def standing(claimed: date, today: date, deposit: date | None = None, product: str = "p") -> Standing:
    return grace_of(CONFIG, product, claimed_on=claimed, last_deposit=deposit, today=today).standing


@pytest.mark.parametrize(
    ("claimed", "today", "deposit", "expected"),
    [
        (date(2025, 1, 31), date(2025, 1, 31), None, Standing.SAFE),
        (date(2025, 1, 31), date(2025, 2, 22), None, Standing.SAFE),  # 22 days used, 8 left
        (date(2025, 1, 31), date(2025, 2, 23), None, Standing.EXPIRING),  # 7 left
        (date(2025, 1, 31), date(2025, 3, 1), None, Standing.EXPIRING),  # 1 left
        (date(2025, 1, 31), date(2025, 3, 2), None, Standing.SAFE),  # the last day: nothing left to warn of, not over
        (date(2025, 1, 31), date(2025, 3, 3), None, Standing.OVER),
        (date(2024, 1, 31), date(2024, 3, 1), None, Standing.SAFE),  # a leap year: one day more in February
        (date(2024, 1, 31), date(2024, 3, 2), None, Standing.OVER),
        (date(2024, 12, 31), date(2025, 1, 30), None, Standing.SAFE),
        (date(2024, 12, 31), date(2025, 1, 31), None, Standing.OVER),
        (date(2025, 1, 1), date(2025, 3, 1), date(2025, 2, 15), Standing.SAFE),  # a deposit moves the clock
        (date(2025, 2, 1), date(2025, 3, 1), date(2024, 6, 1), Standing.EXPIRING),  # an old one does not move it back
    ],
)
def test_where_a_reservation_stands(claimed: date, today: date, deposit: date | None, expected: Standing) -> None:
    assert standing(claimed, today, deposit) is expected


def test_a_product_may_have_days_of_its_own() -> None:
    assert standing(date(2025, 1, 1), date(2025, 2, 20), product="slow") is Standing.SAFE
    assert standing(date(2025, 1, 1), date(2025, 2, 20)) is Standing.OVER


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(0, 4000),
    st.one_of(st.none(), st.integers(-4000, 4000)),
    st.integers(-4000, 0),
)
def test_a_back_dated_deposit_never_shortens_it(claimed: date, days: int, deposit: int | None, back: int) -> None:
    today = claimed + timedelta(days=days)
    last = None if deposit is None else claimed + timedelta(days=deposit)
    booked = claimed + timedelta(days=back)
    before = grace_of(CONFIG, "p", claimed_on=claimed, last_deposit=last, today=today)
    after = grace_of(
        CONFIG, "p", claimed_on=claimed, last_deposit=booked if last is None else max(last, booked), today=today
    )

    assert after.remaining >= before.remaining
    assert (after.standing is Standing.OVER) == (today >= after.expires_on)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"global_grace_days": 5, "warning_days": 5}, "warning_days"),
        ({"global_grace_days": 5, "warning_days": 9}, "warning_days"),
        ({"global_grace_days": 0}, "global_grace_days"),
        ({"global_grace_days": 20, "warning_days": 0}, "warning_days"),
        ({"global_grace_days": "many"}, "global_grace_days"),
    ],
)
def test_bad_days_are_refused_by_name(values: dict[str, object], field: str) -> None:
    with pytest.raises(BadCleanupConfig) as refused:
        checked_config(values)

    assert refused.value.errors[0].field == field
