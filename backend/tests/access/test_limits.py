"""What is too much, and what is unusual. Pure."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_boost.access.limits import AccessLimits, Kind, Used, is_unusual, refusal_of

NOW = datetime(2030, 5, 6, 10, 20, 30, tzinfo=UTC)
MIDNIGHT = datetime(2030, 5, 6, 17, tzinfo=UTC)
LIMITS = AccessLimits(opens_per_hour=3, opens_per_day=5, searches_per_hour=None, searches_per_day=4)

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("kind", "used", "span", "until"),
    [
        (Kind.OPEN, Used(3, 5), None, None),
        (Kind.OPEN, Used(4, 5), "hour", NOW.replace(minute=0, second=0) + timedelta(hours=1)),
        (Kind.OPEN, Used(4, 6), "day", MIDNIGHT),
        (Kind.SEARCH, Used(4, 4), None, None),
        (Kind.SEARCH, Used(5, 5), "day", MIDNIGHT),
    ],
)
def test_which_limit_is_passed_and_until_when(kind: Kind, used: Used, span: str | None, until: datetime | None) -> None:
    refusal = refusal_of(LIMITS, kind, used, NOW, MIDNIGHT)
    assert (refusal and refusal.span, refusal and refusal.until) == (span, until)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_limits_a_person_does_not_reach(kind: Kind) -> None:
    per_hour, per_day = AccessLimits().of(kind)
    assert per_hour is not None
    assert per_day is not None
    assert per_hour >= 5 * 50
    assert per_day >= per_hour


@pytest.mark.parametrize(
    ("count", "others", "usual"),
    [
        (60, [10, 11, 12], 11),
        (54, [10, 11, 12], None),
        (49, [1, 1, 1], None),
        (50, [1, 1, 1], 1),
        (500, [], None),
        (500, [400, 90, 95], 95),
    ],
)
def test_unusual_is_several_times_the_median_of_the_others(count: int, others: list[int], usual: float | None) -> None:
    assert is_unusual(AccessLimits(), Kind.OPEN, count, others) == usual
