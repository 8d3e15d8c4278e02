"""What the fields of an old document say, in the types of this desk. Pure.

Old documents are untidy: dates are texts or instants, numbers are whole, floating or text, ids are of several kinds.
Each function returns None where there is nothing, and raises `Unreadable` where there is something that it cannot mean.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from bson import Binary, Decimal128, ObjectId

_EARLIEST = date(2000, 1, 1)
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d{1,3})?", re.IGNORECASE)
_LONGEST_ID = 200
_TRUE = frozenset({"true", "1", "yes", "ya"})
_FALSE = frozenset({"false", "0", "no", "tidak"})


class Unreadable(Exception):
    """A field holds what it cannot mean. `field` and `reason` are words, never the value itself."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def words(text: str) -> frozenset[str]:
    """Return the words of a text: names of fields."""
    return frozenset(text.split())


def first(document: Mapping[str, Any], *names: str) -> Any:
    """Return the first of these fields that is there and not empty."""
    for name in names:
        value = document.get(name)
        if value is not None and value != "":
            return value
    return None


def ident(value: Any) -> str | None:
    """Return an id as text: old ids are kept as they are (UUID texts, ObjectIds as their digits)."""
    if isinstance(value, str):
        found = value.strip().replace("\0", "")
    elif isinstance(value, ObjectId | UUID) or (isinstance(value, int) and not isinstance(value, bool)):
        found = str(value)
    elif isinstance(value, Binary) and len(value) == 16:
        found = str(UUID(bytes=bytes(value)))
    else:
        return None
    return found[:_LONGEST_ID] or None


def text(value: Any, longest: int = 2000) -> str:
    """Return a text as it is, without what no database stores and without space around it; "" where there is none."""
    if value is None:
        return ""
    if not isinstance(value, str):
        value = cell(value)
    return _clean(value)[:longest].strip()


def _clean(value: str) -> str:
    # Most texts are plain; only the others are worth the copies.
    if value.isascii() and "\0" not in value:
        return value
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def cell(value: Any) -> str:
    """Return a cell of a customer's row as the person saw it: a number that is whole has no decimals."""
    match value:
        case None:
            return ""
        case str():
            return _clean(value)
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float():
            if math.isnan(value):  # what old tables hold where a cell was empty
                return ""
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ")
        case Decimal128() | ObjectId() | UUID():
            return str(value)
        case dict() | list():
            return orjson.dumps(value, default=str).decode()
    return str(value)


def plain(value: Any) -> Any:
    """Return a value of any depth as JSON has it."""
    if isinstance(value, dict):
        return {cell(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, bool | int | None):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else cell(value)


def word(value: Any) -> str:
    """Return a code for comparing: small letters, without space around it."""
    return value.strip().casefold() if isinstance(value, str) else ""


def flag(value: Any) -> bool | None:
    """Return a yes or no; None where it is neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value)
    return True if word(value) in _TRUE else False if word(value) in _FALSE else None


def instant(value: Any, field: str, zone: ZoneInfo) -> datetime | None:
    """Return an instant: a date of the database, or an ISO text. A text without offset was written in UTC, a mere day
    is its beginning on the business clock."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
            if len(value.strip()) <= len("2026-01-31"):
                return found.replace(tzinfo=zone).astimezone(UTC)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            pass
    raise Unreadable(field, "is no date")


def day(value: Any, field: str, zone: ZoneInfo) -> date | None:
    """Return a business date: the first ten characters of an ISO text are the day; an instant is asked for its day on the
    business clock, unless it is midnight UTC, which is how a mere day was stored."""
    if value is None or value == "":
        return None
    found: date | None = None
    if isinstance(value, datetime):
        at = value if value.tzinfo else value.replace(tzinfo=UTC)
        found = at.date() if at.astimezone(UTC).time() == time.min else at.astimezone(zone).date()
    elif isinstance(value, str) and (len(value.strip()) == 10 or value.strip()[10:11] in "T "):
        try:
            found = date.fromisoformat(value.strip()[:10])
        except ValueError:
            found = None
    if found is None:
        raise Unreadable(field, "is no date")
    if found < _EARLIEST:
        raise Unreadable(field, "is before 2000")
    return found


def number(value: Any, field: str) -> Decimal | None:
    """Return an exact number. A floating one is what its shortest text says; text may only be a plain number: what
    "100.000" means is nobody's to guess."""
    match value:
        case None | "":
            return None
        case bool():
            raise Unreadable(field, "is no number")
        case int():
            return Decimal(value)
        case float():
            found = Decimal(repr(value))
        case Decimal128():
            found = value.to_decimal()
        case str() if _PLAIN_NUMBER.fullmatch(value.strip()) and not _ambiguous(value.strip()):
            try:
                found = Decimal(value.strip())
            except InvalidOperation as error:
                raise Unreadable(field, "is no number") from error
        case _:
            raise Unreadable(field, "is no number")
    if not found.is_finite():
        raise Unreadable(field, "is no number")
    return found


def _ambiguous(value: str) -> bool:
    whole, point, rest = value.partition(".")
    return bool(point) and len(rest) == 3 and rest.isdigit() and len(whole.lstrip("+-")) <= 3


def whole(value: Any, field: str) -> int | None:
    """Return a whole number."""
    found = number(value, field)
    if found is None:
        return None
    if found != found.to_integral_value() or abs(found) >= 1 << 53:
        raise Unreadable(field, "is no whole number")
    return int(found)
