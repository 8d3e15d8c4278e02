"""How matches of a search are counted, and the first page where PostgreSQL's index answers: one reading of it gives the page
and the total (ADR 69)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from crm_boost.databases.models import Record
from crm_boost.databases.state_repository import is_in
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import in_numbers
from crm_boost.db.session import ReadSession
from crm_boost.db.statements import rows_of
from crm_boost.pools.rows import record_select
from crm_boost.pools.search import INDEX, SearchTerm, contains, matching, search_order

COUNT_CAP = 200
"""A search counts its matches up to here; beyond there is no total: it helps nobody and costs by the match."""

Range = tuple[int, int]
"""The first and the last key of what is searched."""


def is_answered_by_texts(session: ReadSession, term: SearchTerm) -> bool:
    """Whether the texts beside the records say exactly what contains this term (ADR 60). SQLite looks at the records too."""
    return term.is_indexed and session.get_bind().dialect.name != "sqlite"


async def page_of_matches(
    session: ReadSession,
    term: SearchTerm,
    seq_range: Range,
    where: Sequence[ColumnElement[bool]] | None,
    *,
    is_counted: bool,
    descending: bool,
    limit: int,
) -> tuple[list[Any], int | None]:
    """Return the rows of a page and one more, in the order of their keys, and if it is to be counted how many match.

    `where` chooses from the matches; None: what is not in the trash. Up to four statements: those that look into texts are
    planned for each term (ADR 65), so they are small and say nothing but keys.
    """
    matches = _matches(session, term, seq_range)
    if where is None:
        matches = matches.where(_is_not_trashed())
    if is_counted:
        keys = await _keys(session, matches.limit(COUNT_CAP + 1))
        if len(keys) <= COUNT_CAP:
            if keys and where is not None:
                keys = await _keys(session, select(Record.seq).where(in_numbers(Record.seq, keys), *where))
            keys.sort(reverse=descending)
            return await _rows(session, keys[: limit + 1], descending=descending), len(keys)
    if where is not None:
        matches = matching(session, select(Record.seq), term, seq_range).where(*where)
    order = search_order(term)
    shown = await _keys(session, matches.order_by(order.desc() if descending else order).limit(limit + 1))
    rows = await _rows(session, shown, descending=descending)
    if not is_counted or len(shown) <= limit:
        return rows, len(shown) if is_counted else None
    return rows, await count_some(session, term, seq_range, where) if where is not None else None


def _is_not_trashed() -> ColumnElement[bool]:
    """Return the condition on a text: by the index of what is in the trash, mostly nothing, so no record is read. OFFSET
    keeps it a look-up: PostgreSQL would otherwise read all the trash if it believes that there is little."""
    return ~select(Record.seq).where(Record.seq == INDEX.c.rowid, is_in(RecordState.TRASHED)).offset(0).exists()


async def _keys(session: ReadSession, statement: Select[int]) -> list[int]:
    return [row[0] for row in await rows_of(session, statement)]


async def _rows(session: ReadSession, keys: Sequence[int], *, descending: bool) -> list[Any]:
    if not keys:
        return []
    order = Record.seq.desc() if descending else Record.seq.asc()
    return list(
        (await session.execute(record_select(session).where(in_numbers(Record.seq, keys)).order_by(order))).all()
    )


async def count_some(
    session: ReadSession, term: SearchTerm, seq_range: Range, where: Sequence[ColumnElement[bool]]
) -> int | None:
    """Count the matches for which `where` holds; None where there are more than `COUNT_CAP`."""
    keys = select(Record.seq)
    if is_answered_by_texts(session, term):
        # OFFSET keeps them apart: PostgreSQL would join all matches before it looks how many are wanted (ADR 65).
        matches = _matches(session, term, seq_range).offset(0).subquery("matches")
        keys = keys.join(matches, Record.seq == matches.c.rowid).where(*where)
    else:
        keys = matching(session, keys, term, seq_range).where(*where)
    counted = keys.limit(COUNT_CAP + 1).subquery()
    found = (await session.scalar(select(func.count()).select_from(counted))) or 0
    return found if found <= COUNT_CAP else None


def _matches(session: ReadSession, term: SearchTerm, seq_range: Range) -> Select[int]:
    found = contains(INDEX.c.search_text, term.spellings(session.business.default_country))
    return select(INDEX.c.rowid).where(INDEX.c.rowid.between(*seq_range), found)
