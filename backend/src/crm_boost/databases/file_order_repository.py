"""SQL of the order of files whose records are stored in random order (ADR 64)."""

from typing import Any

from sqlalchemy import Select, select

from crm_boost.databases.file_order import ROWS_PER_PART, unpack
from crm_boost.databases.models import CustomerDatabase, FileOrder
from crm_boost.db.session import ReadSession


async def keys_by_row(
    session: ReadSession, database: CustomerDatabase, after: int | None, rows: int, *, descending: bool
) -> tuple[list[int], int | None]:
    """Return the keys of the next `rows` rows after this one in file order (or reversed), and those of what else was read:
    whole parts of the file. And the last row of these; None: nothing comes after it. One statement.

    Rows that were not stored have no key.
    """
    parts = select(FileOrder.part, FileOrder.places).where(FileOrder.database_id == database.id)
    parts = _upwards(parts, after, rows) if descending else _downwards(parts, after or 0, rows)
    before = database.first_seq - 1
    keys: list[int] = []
    last: int | None = None
    for part, packed in await session.execute(parts):
        places = unpack(packed)
        first = part * ROWS_PER_PART + 1
        if descending:
            last = first if part else None
            places = places[: None if after is None else max(after - first, 0)][::-1]
        else:
            last = first + ROWS_PER_PART - 1 if len(places) == ROWS_PER_PART else None
            places = places[max((after or 0) + 1 - first, 0) :]
        keys += [before + place for place in places if place]
    return keys, last


def _downwards(parts: Select[*tuple[Any, ...]], after: int, rows: int) -> Select[*tuple[Any, ...]]:
    """Return the parts that hold this many rows after one."""
    first, last = after // ROWS_PER_PART, (after + rows - 1) // ROWS_PER_PART
    return parts.where(FileOrder.part >= first).order_by(FileOrder.part).limit(last - first + 1)


def _upwards(parts: Select[*tuple[Any, ...]], after: int | None, rows: int) -> Select[*tuple[Any, ...]]:
    """Return the parts that hold this many rows before one, the last one first."""
    parts = parts.order_by(FileOrder.part.desc())
    if after is None:
        # The last part of a file is seldom full.
        return parts.limit(rows // ROWS_PER_PART + 2)
    first, last = max(after - 1 - rows, 0) // ROWS_PER_PART, (after - 2) // ROWS_PER_PART
    return parts.where(FileOrder.part <= last).limit(last - first + 1)
