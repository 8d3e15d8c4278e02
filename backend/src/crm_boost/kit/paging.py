"""Keyset paging (spec 2.7): a cursor names the last row of a page, so page 18,000 costs what page 1 costs."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson

from crm_boost.kit.errors import InvalidInput

Row = TypeVar("Row")
Kind = type | tuple[type, ...]
_ANY_KIND: Kind = (str, int, float, type(None))

MAX_LIMIT = 1000
DEFAULT_LIMIT = 1000
"""Kept lists answer up to 1,000 rows when a client names no limit; the web app asks for 50."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a client asked for: at most `limit` rows after `after` (the sort keys of the last row seen)."""

    limit: int = DEFAULT_LIMIT
    after: tuple[Any, ...] | None = None


@dataclass(slots=True)
class Page(Generic[Row]):
    """One page: its rows, the total over all pages (None where it is not counted) and the next cursor, if any."""

    rows: list[Row]
    total: int | None
    next_cursor: str | None


def encode_cursor(keys: tuple[Any, ...]) -> str:
    """Pack sort keys (text, numbers, None) into an opaque URL-safe string."""
    return base64.urlsafe_b64encode(orjson.dumps(keys)).rstrip(b"=").decode()


def decode_cursor(cursor: str, *, size: int | None = None, kinds: Sequence[Kind] | None = None) -> tuple[Any, ...]:
    """Unpack a cursor; anything but what `encode_cursor` made for this list is a field error.

    Cursors travel through clients. `kinds` names the type of each key (a tuple of types where a key may be absent:
    `(str, NoneType)`), so that a cursor of another list never reaches the database; `size` checks only the number.
    """
    try:
        keys = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise InvalidInput.of("cursor", "This cursor is not one of ours.", "foreign_cursor") from error
    wanted = [_ANY_KIND] * (size or 0) if kinds is None else kinds
    if not isinstance(keys, list) or len(keys) != len(wanted) or not all(map(_is_key, keys, wanted)):
        raise InvalidInput.of("cursor", "This cursor belongs to another list.", "foreign_cursor")
    return tuple(keys)


def _is_key(key: Any, kind: Kind) -> bool:
    if isinstance(key, bool) or not isinstance(key, kind):
        return False
    if isinstance(key, str):
        return "\0" not in key
    return not isinstance(key, int) or -(2**63) <= key < 2**63


def page_of(rows: list[Any], limit: int, total: int | None, keys: Any) -> "Page[Any]":
    """Cut `limit + 1` fetched rows to a page; `keys(row)` gives the sort keys of the last row kept."""
    more = len(rows) > limit
    kept = rows[:limit]
    return Page(kept, total, encode_cursor(keys(kept[-1])) if more and kept else None)


def instant_key(value: Any) -> datetime:
    """Read an instant out of a cursor; a field error where it is none."""
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidInput.of("cursor", "This cursor belongs to another list.", "foreign_cursor") from error
    if instant.tzinfo is None:
        raise InvalidInput.of("cursor", "This cursor belongs to another list.", "foreign_cursor")
    return instant
