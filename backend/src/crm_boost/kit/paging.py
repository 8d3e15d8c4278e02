"""Keyset paging (spec 2.7): a cursor names the last row of a page, so page 18,000 costs what page 1 costs."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from crm_boost.kit.errors import InvalidInput

Row = TypeVar("Row")

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


def decode_cursor(cursor: str, *, size: int) -> tuple[Any, ...]:
    """Unpack a cursor of `size` keys; anything else is a field error, since cursors travel through clients."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        keys = orjson.loads(base64.urlsafe_b64decode(padded.encode()))
    except (ValueError, binascii.Error) as error:
        raise InvalidInput.of("cursor", "This cursor is not one of ours.") from error
    if (
        not isinstance(keys, list)
        or len(keys) != size
        or not all(isinstance(k, str | int | float | None) for k in keys)
    ):
        raise InvalidInput.of("cursor", "This cursor belongs to another list.")
    return tuple(keys)


def page_of(rows: list[Any], limit: int, total: int | None, keys: Any) -> "Page[Any]":
    """Cut `limit + 1` fetched rows to a page; `keys(row)` gives the sort keys of the last row kept."""
    more = len(rows) > limit
    kept = rows[:limit]
    return Page(kept, total, encode_cursor(keys(kept[-1])) if more and kept else None)
