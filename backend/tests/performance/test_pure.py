"""Days, months and places as they are judged; periods; targets over time. No database."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm_boost.kit.clock import business_date
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.periods import PeriodName, resolve_period
from crm_boost.performance import judging
from crm_boost.performance.calendar import Month
from crm_boost.performance.judging import Change, MonthResult, Targets, Timeline

pytestmark = pytest.mark.pure

USUAL = Targets(100, daily_ndp=10, daily_rdp=15, required_success_days=18)
EASY = Targets(50, daily_ndp=1, daily_rdp=2, required_success_days=3)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("ndp", "rdp", "via"),
    [(0, 0, None), (9, 14, None), (10, 0, "NDP"), (0, 15, "RDP"), (10, 15, "NDP"), (9, 15, "RDP"), (11, 14, "NDP")],
)
def test_a_day_succeeds_by_either_target(ndp: int, rdp: int, via: str | None) -> None:
    assert judging.met_via((ndp, rdp), USUAL) == via


@pytest.mark.parametrize(
    ("month", "today", "elapsed", "success", "projected"),
    [
        ("2025-03", "2025-03-01", 1, 1, 31),
        ("2025-03", "2025-03-01", 1, 0, 0),
        ("2025-03", "2025-03-10", 10, 7, 21),  # 21.7 is cut
        ("2025-03", "2025-03-31", 31, 18, 18),
        ("2025-02", "2025-03-01", 28, 17, 17),  # over: judged whole
        ("2024-02", "2024-02-28", 28, 14, 14),  # 14.5
        ("2024-02", "2024-02-29", 29, 14, 14),
        ("2025-04", "2025-03-31", 0, 0, None),  # not begun
        ("2024-12", "2025-01-01", 31, 20, 20),
    ],
)
def test_projection(month: str, today: str, elapsed: int, success: int, projected: int | None) -> None:
    wanted = Month.of(day(f"{month}-01"))
    assert wanted.elapsed(day(today)) == elapsed
    assert judging.projected(success, elapsed, wanted.length) == projected


@pytest.mark.parametrize(
    ("month", "last", "before"), [("2025-01", "2024-12", "2024-11"), ("2025-03", "2025-02", "2025-01"), ("2024-03", "2024-02", "2024-01")]
)  # fmt: skip
def test_months_before(month: str, last: str, before: str) -> None:
    wanted = Month.of(day(f"{month}-15"))
    assert [wanted.back(number).start.isoformat()[:7] for number in (0, 1, 2)] == [month, last, before]
    assert wanted.back(1).end == wanted.start
    assert wanted.back(1).last == wanted.start - timedelta(days=1)


def test_february_of_a_leap_year_has_29_days() -> None:
    assert [len(list(Month(year, 2).days())) for year in (2023, 2024, 2100)] == [28, 29, 28]


@pytest.mark.parametrize(
    ("instant", "business"),
    [
        ("2025-02-28T16:59:59", "2025-02-28"),
        ("2025-02-28T17:00:00", "2025-03-01"),  # midnight in Jakarta
        ("2025-03-01T16:59:59", "2025-03-01"),
        ("2024-12-31T17:00:00", "2025-01-01"),
    ],
)
def test_a_month_begins_at_midnight_of_the_business_zone(instant: str, business: str) -> None:
    at = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    today = business_date(ZoneInfo("Asia/Jakarta"), at)
    assert Month.of(today) == Month.of(day(business))
    assert Month.of(today).elapsed(today) == day(business).day


@pytest.mark.parametrize(
    ("success", "count"),
    [
        ([], 0),
        (["2025-03-02"], 1),  # today
        (["2025-03-01"], 1),  # yesterday, while today is open
        (["2025-02-28"], 0),
        (["2025-03-02", "2025-03-01", "2025-02-28", "2025-02-26"], 3),
        (["2025-03-01", "2025-02-28"], 2),
        (["2025-03-02", "2025-02-28"], 1),
    ],
)
def test_streak(success: list[str], count: int) -> None:
    assert judging.streak({day(each) for each in success}, day("2025-03-02")) == count


MET, MISSED, NOT_COUNTED = MonthResult(18, 18), MonthResult(17, 18), MonthResult(0, 18, counts=False)


@pytest.mark.parametrize(
    ("month", "this", "last", "before", "left", "level"),
    [
        (5, MISSED, MISSED, MISSED, 20, 3),
        (5, MET, MISSED, MISSED, 20, 3),
        (5, MISSED, MISSED, MET, 20, 2),
        (5, MISSED, MET, MISSED, 20, 0),
        (5, MISSED, MET, MET, 11, 0),
        (5, MISSED, MET, MET, 10, 1),
        (5, MET, MET, MET, 10, 0),
        (5, MISSED, MET, MET, 0, 1),
        (5, MISSED, MISSED, NOT_COUNTED, 20, 2),  # began last month
        (5, MISSED, NOT_COUNTED, NOT_COUNTED, 20, 0),  # began this month
        (5, MISSED, NOT_COUNTED, NOT_COUNTED, 3, 1),
        (1, MISSED, MISSED, MISSED, 20, 0),  # January forgives both
        (1, MISSED, MISSED, MISSED, 10, 1),
        (2, MISSED, MISSED, MISSED, 20, 2),  # February forgives December
        (2, MISSED, MET, MISSED, 20, 0),
        (3, MISSED, MISSED, MISSED, 20, 3),
        (12, MISSED, MISSED, MISSED, 20, 3),
    ],
)
def test_warning_level(
    month: int, this: MonthResult, last: MonthResult, before: MonthResult, left: int, level: int
) -> None:
    assert judging.warning_level(month, this, last, before, left) == level


@pytest.mark.parametrize(
    ("started", "counts"),
    [("2025-03-01", False), ("2025-02-28", True), ("2025-02-01", True), ("2024-01-01", True), ("2025-03-02", False)],
)
def test_a_month_before_the_first_day_does_not_count(started: str, counts: bool) -> None:
    result = judging.month_result(Month(2025, 2), set(), Timeline(USUAL, []), day(started))
    assert (result.counts, result.is_missed) == (counts, counts)


@pytest.mark.parametrize(
    ("level", "this", "left", "text"),
    [
        (0, MET, 5, "Target reached: 18 of 18 days."),
        (0, MISSED, 12, "On the way: 17 of 18 days."),
        (1, MISSED, 1, "Short: 17 of 18 days, 1 day left."),
        (1, MISSED, 0, "Short: 17 of 18 days, the month is over."),
        (2, MISSED, 9, "The last month was missed; 17 of 18 days so far."),
        (3, MET, 9, "Both earlier months were missed; 18 of 18 days so far."),
    ],
)
def test_status_text(level: int, this: MonthResult, left: int, text: str) -> None:
    assert judging.status_text(level, this, left) == text


def test_each_day_is_judged_by_the_targets_that_held_on_it() -> None:
    hard = Targets(200, 20, 30, 25)
    timeline = Timeline(
        USUAL,
        [Change(day("2025-03-10"), hard)],
        [Change(day("2025-03-25"), None), Change(day("2025-03-20"), EASY)],
    )
    found = {text: timeline.on(day(f"2025-03-{text}")) for text in ("01", "09", "10", "19", "20", "24", "25", "31")}
    assert found == {
        "01": USUAL, "09": USUAL, "10": hard, "19": hard, "20": EASY, "24": EASY, "25": hard, "31": hard,
    }  # fmt: skip
    assert [timeline.is_own(day(f"2025-03-{text}")) for text in ("19", "20", "25")] == [False, True, False]
    days = {
        day("2025-03-09"): (10, 0),
        day("2025-03-10"): (10, 0),
        day("2025-03-20"): (1, 0),
        day("2025-03-26"): (1, 0),
    }
    assert judging.succeeded(days, timeline) == {day("2025-03-09"), day("2025-03-20")}
    # What a month takes is what holds on its last day.
    assert judging.month_result(Month(2025, 3), days, timeline, day("2025-01-01")).required == 25


def test_who_ties_shares_a_place_and_the_next_is_left_out() -> None:
    assert judging.ranks({"a": 5, "b": 9, "c": 5, "d": 0}) == {"b": 1, "a": 2, "c": 2, "d": 4}
    assert judging.ranks({}) == {}


@pytest.mark.parametrize(
    ("part", "whole", "quotient"), [(1, 3, 0.3), (2, 3, 0.7), (1, 4, 0.3), (0, 7, 0.0), (5, 0, None), (10, 2, 5.0)]
)
def test_one_decimal_halves_up(part: int, whole: int, quotient: float | None) -> None:
    assert judging.one_decimal(part, whole) == quotient


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("today", "2024-03-01", "2024-03-02"),
        ("yesterday", "2024-02-29", "2024-03-01"),
        ("week", "2024-02-24", "2024-03-02"),
        ("month", "2024-02-01", "2024-03-02"),
        ("quarter", "2023-12-03", "2024-03-02"),
        ("year", "2023-03-03", "2024-03-02"),
    ],
)
def test_periods_end_today(name: PeriodName, start: str, end: str) -> None:
    period = resolve_period(name, day("2024-03-01"))
    assert (period.start, period.end) == (day(start), day(end))
    assert period.echo() == {
        "period": name, "start_date": day(start), "end_date": day(end) - timedelta(days=1)
    }  # fmt: skip


def test_a_custom_period_includes_both_its_ends() -> None:
    period = resolve_period("custom", day("2024-03-01"), day("2020-02-29"), day("2025-02-28"))
    assert (period.start, period.end) == (day("2020-02-29"), day("2025-03-01"))


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (None, "2024-01-01", "custom_start"),
        ("2024-01-01", None, "custom_end"),
        ("2024-01-02", "2024-01-01", "custom_end"),
        ("2020-01-01", "2025-01-01", "custom_end"),
        ("2020-01-01", "9999-12-31", "custom_end"),
    ],
)
def test_what_is_no_period_is_refused_by_field(start: str | None, end: str | None, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        resolve_period("custom", day("2024-03-01"), start and day(start), end and day(end))  # type: ignore[arg-type]
    assert [error.field for error in refused.value.errors] == [field]
