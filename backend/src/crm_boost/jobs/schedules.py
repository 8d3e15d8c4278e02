"""When a job is due (spec 3.6): a fixed time of day or a cron expression, meant in the business zone. Pure.

A fixed time comes exactly once on every calendar day, also on the two days of the year on which a zone changes its
clocks. Cron expressions have the usual five fields; weekdays are 0 or 7 for Sunday, or names.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

MAX_LENGTH = 100
_DAILY = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_CRON = re.compile(r"[0-9A-Za-z*/,-]+(?: +[0-9A-Za-z*/,-]+){4}")
_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_WEEKDAY = re.compile(r"(?P<first>[a-z]+|[0-7]|\*)(?:-(?P<last>[a-z]+|[0-7]))?(?:/(?P<step>[1-7]))?")
_YEARS = 8
"""How far a schedule is looked ahead: the rarest date that exists, 29 February, comes within eight years."""


class BadSchedule(ValueError):
    """This text is no schedule. The message says what is wrong with it, `code` stands for the message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = f"schedule_{code}"


class DailyTrigger(BaseTrigger):  # type: ignore[misc] # the library has no types
    """A time of day. A time that the clocks skip is taken as many minutes later as they skip; one they repeat comes
    the first time only."""

    __slots__ = ("at", "zone")

    def __init__(self, at: time, zone: ZoneInfo) -> None:
        self.at = at
        self.zone = zone

    def on(self, day: date) -> datetime:
        """Return the instant on a calendar day."""
        return datetime.combine(day, self.at, tzinfo=self.zone).astimezone(UTC)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """Return the first instant that is not before `now`."""
        day = now.astimezone(self.zone).date() - timedelta(days=1)
        while (instant := self.on(day)) < now:
            day += timedelta(days=1)
        return instant


def parse(text: str, zone: ZoneInfo, now: datetime) -> BaseTrigger:
    """Return what rings the bell for this schedule: HH:MM or a cron expression of five fields. Raises BadSchedule."""
    if daily := _DAILY.fullmatch(text):
        return DailyTrigger(time(int(daily[1]), int(daily[2])), zone)
    if len(text) > MAX_LENGTH or not _CRON.fullmatch(text):
        raise BadSchedule(
            "unreadable", "Write a time of day as HH:MM, or five fields: minute, hour, day, month, weekday."
        )
    minute, hour, day, month, weekday = text.lower().split()
    if day != "*" and weekday != "*":
        raise BadSchedule("two_kinds_of_days", "Name either days of the month or weekdays, not both.")
    weekdays = _weekdays(weekday)
    try:
        trigger = CronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month,
            day_of_week=weekdays,
            year=f"{now.year - 1}-{now.year + _YEARS}",
            timezone=zone,
        )
    except (ValueError, TypeError) as error:
        raise BadSchedule("impossible_value", f"{error}.") from error
    if next_due(trigger, now) is None:
        raise BadSchedule("never", "There is no such date: this would never be due.")
    return trigger


def _weekdays(field: str) -> str:
    """Return the weekdays of a cron field by name: the library counts from Monday, everybody else from Sunday."""
    if field == "*":
        return field
    chosen: set[int] = set()
    for part in field.split(","):
        found = _WEEKDAY.fullmatch(part)
        if found is None:
            raise BadSchedule("no_weekday", f"{part!r} is no weekday.")
        whole = found["first"] == "*"
        first = 0 if whole else _weekday(found["first"])
        last = first
        if found["last"]:
            last = _weekday(found["last"])
            if last < first or found["last"] == "7":
                last += 7  # fri-mon, 5-7
        elif whole or found["step"]:
            last = 6
        chosen.update(day % 7 for day in range(first, last + 1, int(found["step"] or 1)))
    return ",".join(_NAMES[day] for day in sorted(chosen))


def _weekday(text: str) -> int:
    if text.isdigit():
        return int(text) % 7
    try:
        return _NAMES.index(text)
    except ValueError as error:
        raise BadSchedule("no_weekday", f"{text!r} is no weekday.") from error


def next_due(trigger: BaseTrigger, now: datetime) -> datetime | None:
    """Return the first due time after `now`."""
    found = trigger.get_next_fire_time(None, now + timedelta(microseconds=1))
    return found.astimezone(UTC) if found is not None else None


def latest_due(trigger: BaseTrigger, after: datetime, now: datetime) -> datetime | None:
    """Return the newest due time that is after `after` and not after `now`; None when there is none.

    Due times are whole seconds, so halving the span finds the newest of any number of missed ones in some thirty steps.
    """

    def following(instant: datetime) -> datetime | None:
        found = next_due(trigger, instant)
        return found if found is not None and found <= now else None

    newest = following(after)
    if newest is None:
        return None
    low, high = newest, now
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        found = following(middle)
        if found is None:
            high = middle
        else:
            newest = low = found
    return following(low) or newest
