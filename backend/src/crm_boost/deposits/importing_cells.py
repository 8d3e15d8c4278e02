"""What the cells of a file mean: days, amounts, multipliers, as people write them (spec 2.2, 4.2). Pure.

A text that could mean two things means nothing: it is rejected, never guessed. Only the order of day and month is
known from the whole column.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

_MONTHS = {
    **{
        name: number
        for number, name in enumerate(
            ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
        )
    },
    "peb": 2,
    "mei": 5,
    "agu": 8,
    "ags": 8,
    "agt": 8,
    "okt": 10,
    "nop": 11,
    "des": 12,
}
_TIME = re.compile(r"(?:T|,? )\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?:Z| ?[+-]\d{2}:?\d{2})?\Z", re.I)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})\Z", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})\Z", re.ASCII)
_NAMED = re.compile(r"(\d{1,2})[-/. ]+([a-z]{3,9})\.?[-/., ]+(\d{4}|\d{2})\Z", re.I | re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?\Z", re.ASCII)
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_SERIAL_YEARS = range(1990, 2100)

_AMOUNT = re.compile(r"\d[\d.,]*\Z", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}([.,])\d{3}(\1\d{3})*\Z", re.ASCII)
_TIMES = re.compile(r"\d{1,9}([.,]\d{1,2})?\Z", re.ASCII)
_LONGEST_AMOUNT = 40


class DateOrder(StrEnum):
    """Which of the first two figures of 03/04/2025 is the day."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


def order_of_dates(cells: Iterable[str]) -> DateOrder | None:
    """Return the order that a column of dates shows by itself: a first figure above 12 is a day, a second one too.
    None where nothing tells, or where the column contradicts itself."""
    shown = set()
    for cell in cells:
        if found := _YEAR_LAST.match(_without_time(cell)):
            if int(found[1]) > 12:
                shown.add(DateOrder.DAY_FIRST)
            elif int(found[3]) > 12:
                shown.add(DateOrder.MONTH_FIRST)
    return shown.pop() if len(shown) == 1 else None


def parse_day(cell: str, order: DateOrder) -> date | None:
    """Return the day that a cell names: ISO, with figures in the given order, with the name of the month (English or
    Indonesian), or as the number by which spreadsheets count days. A time of day is passed over."""
    text = _without_time(cell)
    if found := _YEAR_FIRST.match(text):
        return _day(found[1], found[3], found[4])
    if found := _YEAR_LAST.match(text):
        first, second = found[1], found[3]
        if order is DateOrder.MONTH_FIRST:
            first, second = second, first
        return _day(found[4], second, first)
    if found := _NAMED.match(text):
        month = _MONTHS.get(found[2][:3].casefold())
        return None if month is None else _day(found[3], str(month), found[1])
    if found := _SERIAL.match(text):
        day = _EXCEL_DAY_ZERO + timedelta(days=int(found[1]))
        return day if day.year in _SERIAL_YEARS else None
    return None


def parse_amount(cell: str) -> Decimal | None:
    """Return the amount that a cell names: "Rp 1.500.000", "1,500,000", "1500000,50". Groups are of three digits; what
    follows the last separator otherwise is a fraction. The entry of the web app reads the same texts the same way."""
    text = re.sub(r"\A(?:rp|idr)\.?", "", cell.strip(), flags=re.I)
    text = re.sub(r"[\s']", "", text)
    text = text.removesuffix(",-")
    if len(text) > _LONGEST_AMOUNT or not _AMOUNT.match(text):
        return None
    at = max(text.rfind("."), text.rfind(","))
    fraction = text[at + 1 :] if at >= 0 else ""
    is_fraction = bool(fraction) and len(fraction) != 3 and text.index(text[at]) == at
    whole = text[:at] if is_fraction else text
    if not (whole.isdigit() or _GROUPED.match(whole)):
        return None
    digits = whole.replace(".", "").replace(",", "")
    return Decimal(f"{digits}.{fraction}" if is_fraction else digits)


def parse_times(cell: str) -> Decimal | None:
    """Return the multiplier that a cell names, up to two decimals; empty is 1. It is too small to be grouped."""
    text = re.sub(r"\A[x×]\s*", "", cell.strip(), flags=re.I)
    if not text:
        return Decimal(1)
    return Decimal(text.replace(",", ".")) if _TIMES.match(text) else None


def _without_time(cell: str) -> str:
    return _TIME.sub("", " ".join(cell.split()))


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) if len(year) == 4 else 2000 + int(year), int(month), int(day))
    except ValueError:
        return None
