"""When a job is due (spec 3.6): business zone, midnight, days of 23 and 25 hours, month ends, bad schedules. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_boost.jobs.registry import JOBS
from crm_boost.jobs.schedules import BadSchedule, latest_due, next_due, parse

pytestmark = pytest.mark.pure

JAKARTA, BERLIN, CAIRO = ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/Berlin"), ZoneInfo("Africa/Cairo")
NEW_YORK = ZoneInfo("America/New_York")
SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "zone", "now", "due"),
    [
        # Jakarta is seven hours ahead: its midnight is 17:00 of the day before.
        ("00:01", JAKARTA, "2026-03-10 16:59", ["2026-03-10 17:01", "2026-03-11 17:01"]),
        ("00:01", JAKARTA, "2026-03-10 17:01", ["2026-03-11 17:01"]),
        ("00:01", JAKARTA, "2026-02-28 16:00", ["2026-02-28 17:01", "2026-03-01 17:01"]),
        ("00:01", JAKARTA, "2028-02-28 16:00", ["2028-02-28 17:01", "2028-02-29 17:01"]),
        ("23:59", JAKARTA, "2026-12-31 16:58", ["2026-12-31 16:59", "2027-01-01 16:59"]),
        # A zone behind UTC: the business day begins five hours into the day.
        ("00:01", NEW_YORK, "2026-01-10 04:00", ["2026-01-10 05:01"]),
        # The day of 23 hours: at 02:00 the clocks go to 03:00. 02:30 comes once, as much later as they skip.
        ("02:30", BERLIN, "2026-03-28 12:00", ["2026-03-29 01:30", "2026-03-30 00:30", "2026-03-31 00:30"]),
        # The day of 25 hours has 02:30 twice; the first counts.
        ("02:30", BERLIN, "2026-10-24 12:00", ["2026-10-25 00:30", "2026-10-26 01:30", "2026-10-27 01:30"]),
        ("02:30", BERLIN, "2026-10-25 00:30", ["2026-10-26 01:30"]),
        # Where clocks change at midnight, 00:01 does not exist on that day.
        ("00:01", CAIRO, "2026-04-23 12:00", ["2026-04-23 22:01", "2026-04-24 21:01", "2026-04-25 21:01"]),
        ("*/5 * * * *", JAKARTA, "2026-03-10 16:58", ["2026-03-10 17:00", "2026-03-10 17:05"]),
        ("0 9 * * 1-5", JAKARTA, "2026-03-06 02:00", ["2026-03-09 02:00", "2026-03-10 02:00"]),  # Friday, Monday
        ("0 9 * * 0", JAKARTA, "2026-03-06 02:00", ["2026-03-08 02:00", "2026-03-15 02:00"]),
        ("0 9 * * 7", JAKARTA, "2026-03-06 02:00", ["2026-03-08 02:00", "2026-03-15 02:00"]),
        ("0 9 * * fri-mon", JAKARTA, "2026-03-06 02:00", ["2026-03-07 02:00", "2026-03-08 02:00", "2026-03-09 02:00"]),
        ("0 9 * * 6-7", JAKARTA, "2026-03-06 02:00", ["2026-03-07 02:00", "2026-03-08 02:00", "2026-03-14 02:00"]),
        ("0 9 * * */3", JAKARTA, "2026-03-06 02:00", ["2026-03-07 02:00", "2026-03-08 02:00", "2026-03-11 02:00"]),
        ("0 9 * * mon,THU", JAKARTA, "2026-03-06 02:00", ["2026-03-09 02:00", "2026-03-12 02:00"]),
        ("15 0 1 * *", JAKARTA, "2026-03-10 00:00", ["2026-03-31 17:15", "2026-04-30 17:15"]),
        ("0 12 29 2 *", JAKARTA, "2026-03-10 00:00", ["2028-02-29 05:00"]),
    ],
)
def test_due_times(schedule: str, zone: ZoneInfo, now: str, due: list[str]) -> None:
    moment, found = at(now), []
    trigger = parse(schedule, zone, moment)
    for _ in due:
        following = next_due(trigger, moment)
        assert following is not None
        found.append(following)
        moment = following

    assert found == [at(text) for text in due]


@pytest.mark.parametrize(
    ("schedule", "after", "now", "newest"),
    [
        ("00:01", "2026-03-01 00:00", "2026-03-01 17:00", None),
        ("00:01", "2026-03-01 00:00", "2026-03-01 17:01", "2026-03-01 17:01"),
        ("00:01", "2026-03-01 17:01", "2026-03-02 17:00", None),
        ("00:01", "2026-03-01 00:00", "2026-03-20 09:00", "2026-03-19 17:01"),
        ("*/5 * * * *", "2026-01-01 00:00", "2026-03-20 09:04", "2026-03-20 09:00"),
        ("* * * * *", "2024-01-01 00:00", "2026-03-20 09:04:30", "2026-03-20 09:04"),
        # A burst once a day: the newest is its last minute.
        ("* 3 * * *", "2026-01-01 00:00", "2026-03-20 09:04", "2026-03-19 20:59"),
        ("0 0 1 * *", "2026-01-01 00:00", "2026-03-20 09:04", "2026-02-28 17:00"),
    ],
)
def test_the_newest_missed_one(schedule: str, after: str, now: str, newest: str | None) -> None:
    trigger = parse(schedule, JAKARTA, at(now))

    assert latest_due(trigger, at(after), at(now)) == (None if newest is None else at(newest))


@given(
    schedule=st.sampled_from(["00:01", "23:30", "02:30", "*/7 * * * *", "5 */3 * * *", "0 2 * * 1,4", "* 2 * * *"]),
    zone=st.sampled_from([JAKARTA, BERLIN, NEW_YORK]),
    begin=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    span=st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_the_newest_is_the_last_of_counting_them_one_by_one(
    schedule: str, zone: ZoneInfo, begin: datetime, span: timedelta
) -> None:
    after = begin.replace(tzinfo=UTC)
    trigger, newest, following = parse(schedule, zone, after), None, after
    while (found := next_due(trigger, following)) is not None and found <= after + span:
        newest = following = found

    assert latest_due(trigger, after, after + span) == newest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "24:00",
        "7:30",
        "12:60",
        "61 * * * *",
        "* * * *",
        "* * * * * *",
        "*/0 * * * *",
        "5-1 * * * *",
        "0 25 * * *",
        "0 0 32 * *",
        "0 0 31 2 *",
        "0 0 30 feb *",
        "0 0 * 13 *",
        "0 0 * * 8",
        "0 0 * * someday",
        "0 0 * * mon/9",
        "0 0 1 * 1",
        "0 0 last * mon",
        "0 0 * * *; rm",
        "\u0661 * * * *",
        "0 0 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,1,2,3,4,5,6,7,8 * *",
    ],
)
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(BadSchedule):
        parse(text, JAKARTA, SOME_TIME)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("soon", "schedule_unreadable"),
        ("61 * * * *", "schedule_impossible_value"),
        ("0 0 31 2 *", "schedule_never"),
        ("0 0 1 * 1", "schedule_two_kinds_of_days"),
        ("0 0 * * someday", "schedule_no_weekday"),
        ("0 0 * * 9", "schedule_no_weekday"),
    ],
)
def test_what_is_wrong_has_a_code(text: str, code: str) -> None:
    with pytest.raises(BadSchedule) as refused:
        parse(text, JAKARTA, SOME_TIME)
    assert refused.value.code == code


def test_every_job_comes_with_a_schedule_that_can_be() -> None:
    assert JOBS
    for job in JOBS.values():
        assert next_due(parse(job.schedule, JAKARTA, SOME_TIME), SOME_TIME) is not None
