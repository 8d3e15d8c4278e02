"""Values of a workbook as the text a person saw (spec 2.2: nothing is inferred).

The workbook reader gives numbers as floats and dates as dates; the text is rebuilt here. What a number format adds
(leading zeros, percent, the order of day and month) is in ``number_format``.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

CellValue = int | float | str | bool | time | date | datetime | timedelta
# A spreadsheet shows at most 15 significant digits, so what comes after is rounding noise.
_SIGNIFICANT = 15
_EXACT_INTEGER = 2.0**53
_LAST_DAY = 2_900_000


def number_text(value: float) -> str:
    """Return a number without exponent, without ``.0``, with all digits of an integer."""
    if value.is_integer():
        if -_EXACT_INTEGER < value < _EXACT_INTEGER:
            return str(int(value))
        # Beyond 2**53 the digits that a float can carry are those of its shortest text; the rest are zeros.
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    text = f"{value:.{_SIGNIFICANT}g}"
    return format(Decimal(text), "f") if "e" in text else text


def raw_number_text(raw: str) -> str:
    """Return a number as the file spells it, keeping digits that a float would lose."""
    digits = raw.lstrip("-")
    if digits.isdecimal() and digits.isascii():
        digits = digits.lstrip("0") or "0"
        return "-" + digits if raw.startswith("-") and digits != "0" else digits
    return number_text(float(raw))


def date_text(value: date) -> str:
    """Return a date as 2025-02-01."""
    return value.isoformat()


def datetime_text(value: datetime) -> str:
    """Return a date with its time as 2025-02-01 13:05, with seconds only where there are some."""
    whole = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    return whole.strftime("%Y-%m-%d %H:%M:%S" if whole.second else "%Y-%m-%d %H:%M")


def time_text(value: time) -> str:
    """Return a time of day as 13:05, with seconds only where there are some."""
    return value.strftime("%H:%M:%S" if value.second else "%H:%M")


def duration_text(value: timedelta) -> str:
    """Return a duration as hours:minutes, with seconds only where there are some."""
    total = round(value.total_seconds())
    sign = "-" if total < 0 else ""
    minutes, seconds = divmod(abs(total), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02}:{seconds:02}" if seconds else f"{sign}{hours}:{minutes:02}"


def serial_value(serial: float, duration: bool, since_1904: bool) -> date | datetime | time | timedelta | None:
    """Return what a stored day number means under a date format, None when it is out of the calendar.

    Whole days are dates, below one day times; day 60 of the old epoch is a day that never was.
    """
    if not 0 <= serial < _LAST_DAY:
        return None
    span = timedelta(milliseconds=round(serial * 86_400_000))
    if duration:
        return span
    if span < timedelta(days=1) and serial < 1:
        return (datetime(1900, 1, 1) + span).time()  # noqa: DTZ001
    epoch = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 31 if serial < 60 else 30)  # noqa: DTZ001
    moment = epoch + span
    return moment.date() if moment.time() == time() else moment


def cell_text(value: CellValue) -> str:
    """Return the text of one value as it looks without a special number format."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return datetime_text(value)
    if isinstance(value, date):
        return date_text(value)
    if isinstance(value, time):
        return time_text(value)
    return duration_text(value)
