"""Rows of a kind, page after page, each on a snapshot of its own: memory does not grow with what is exported."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from crm_boost.databases.table_file import Cell
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession
from crm_boost.exports.columns import Column, Language, cells_of
from crm_boost.exports.filters import parsed
from crm_boost.exports.registry import Kind, kind_of
from crm_boost.identity.principal import Principal

PAGE = 500
"""So many rows are read at once: whoever waits for the server meanwhile waits for no more than that."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is exported: a kind, its filters, as they came and as they were understood, for whom, in which language."""

    kind: Kind
    principal: Principal
    given: Mapping[str, Any]
    filters: tuple[Any, ...]
    language: Language


def wanted_by(principal: Principal, key: str, given: Mapping[str, Any], language: str) -> Wanted:
    """Return what somebody asks for, or refuse with 404, 403 or 422."""
    kind = kind_of(key)
    kind.ensure_open_to(principal)
    return Wanted(kind, principal, dict(given), parsed(kind.queries, given), cast(Language, language))


async def count_rows(session: ReadSession, wanted: Wanted) -> int | None:
    """Return how many rows the file would have; None where nobody counts that far."""
    total = await wanted.kind.count(session, wanted.filters)
    if total is not None:
        return total
    page = await wanted.kind.fetch(session, wanted.principal, wanted.filters, None, 1)
    return page.total if page.total is not None or page.next_cursor is not None else len(page.rows)


async def columns_of(database: Database, wanted: Wanted) -> list[Column]:
    """Return the columns of the file."""
    async with database.read() as session:
        return [*wanted.kind.columns, *await wanted.kind.more_columns(session, wanted.filters)]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of the file, and with the first of them how many there are, where that is counted."""

    rows: list[list[Cell]]
    total: int | None


async def pages_of(database: Database, wanted: Wanted, columns: list[Column]) -> AsyncIterator[Batch]:
    """Yield the cells of all rows."""
    cursor: str | None = None
    while True:
        async with database.read() as session:
            page = await wanted.kind.fetch(session, wanted.principal, wanted.filters, cursor, PAGE)
        yield Batch(cells_of(page.rows, columns, wanted.language), page.total)
        if page.next_cursor is None:
            return
        cursor = page.next_cursor
