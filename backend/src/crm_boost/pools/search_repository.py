"""How matches of a search are counted, and the first page where PostgreSQL's index answers: it is read once for the page and
the total, or not at all (ADR 69)."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, Text, bindparam, func, or_, select

from crm_boost.databases.models import Record
from crm_boost.databases.state_repository import is_in
from crm_boost.databases.states import RecordState
from crm_boost.db.dialect import in_numbers, like_pattern, numbers_parameter
from crm_boost.db.session import ReadSession
from crm_boost.db.statements import built_once, rows_of
from crm_boost.pools.rows import record_select
from crm_boost.pools.search import INDEX, SearchTerm, contains, matching, search_order

COUNT_CAP = 1_000
"""A search counts its matches up to here; beyond there is no total: it helps nobody and costs by the match."""

_SAMPLE = 4_096
_ENOUGH = 51
_FEWEST_SAMPLED = 64 * _SAMPLE
"""Where so many neighbours of at least so many records in random order hold enough matches, there are more than `COUNT_CAP`:
of 1,000 matches such a sample has 16 at the most, and that it has 51 happens once in 10^10 searches."""
_LONGEST_SAMPLED = 100

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
    is_random: bool,
    is_counted: bool,
    descending: bool,
    limit: int,
) -> tuple[list[Any], int | None]:
    """Return the rows of a page and one more, in the order of their keys, and if it is to be counted how many match.

    `where` chooses from the matches; None: what is not in the trash. Up to four statements: those that look into texts are
    planned for each term (ADR 65), so they are small and say nothing but keys. `is_random`: the keys are in random order.
    """
    texts = term.spellings(session.business.default_country)
    if is_random and is_counted and where is None:
        keys = await _many_at_once(session, texts, seq_range, descending=descending, limit=limit)
        if keys:
            return await _rows(session, keys, descending=descending), None
    if is_counted:
        some = _with_any(len(texts), shown_only=where is None).limit(COUNT_CAP + 1)
        keys = await _keys(session, some, _given(seq_range, map(like_pattern, texts)))
        if len(keys) <= COUNT_CAP:
            if keys and where is not None:
                keys = await _keys(session, select(Record.seq).where(in_numbers(Record.seq, keys), *where))
            keys.sort(reverse=descending)
            return await _rows(session, keys[: limit + 1], descending=descending), len(keys)
    if where is None:
        matches = _with_any(len(texts), shown_only=True)
    else:
        matches = matching(session, select(Record.seq), term, seq_range).where(*where)
    order = search_order(term)
    matches = matches.order_by(order.desc() if descending else order).limit(limit + 1)
    shown = await _keys(session, matches, _given(seq_range, map(like_pattern, texts)) if where is None else None)
    rows = await _rows(session, shown, descending=descending)
    if not is_counted or len(shown) <= limit:
        return rows, len(shown) if is_counted else None
    return rows, await count_some(session, term, seq_range, where) if where is not None else None


async def _many_at_once(
    session: ReadSession, texts: Sequence[str], seq_range: Range, *, descending: bool, limit: int
) -> list[int]:
    """Return the keys of a page and one more where the beginning of a large database says that there are more matches than
    a search counts: of records in random order that is a sample. What is frequent costs the index most."""
    first, last = seq_range
    if last - first < _FEWEST_SAMPLED or limit > _LONGEST_SAMPLED:
        return []
    sample = (last - _SAMPLE + 1, last) if descending else (first, first + _SAMPLE - 1)
    wanted = max(limit + 1, _ENOUGH)
    keys = await _keys(session, _walk(len(texts), descending=descending), _given(sample, texts) | {"most": wanted})
    return keys[: limit + 1] if len(keys) == wanted else []


async def count_some(
    session: ReadSession, term: SearchTerm, seq_range: Range, where: Sequence[ColumnElement[bool]]
) -> int | None:
    """Count the matches for which `where` holds; None where there are more than `COUNT_CAP`."""
    keys = select(Record.seq)
    if is_answered_by_texts(session, term):
        found = contains(INDEX.c.search_text, term.spellings(session.business.default_country))
        # OFFSET keeps them apart: PostgreSQL would join all matches before it looks how many are wanted (ADR 65).
        matches = select(INDEX.c.rowid).where(INDEX.c.rowid.between(*seq_range), found).offset(0).subquery("matches")
        keys = keys.join(matches, Record.seq == matches.c.rowid).where(*where)
    else:
        keys = matching(session, keys, term, seq_range).where(*where)
    counted = keys.limit(COUNT_CAP + 1).subquery()
    count = (await session.scalar(select(func.count()).select_from(counted))) or 0
    return count if count <= COUNT_CAP else None


# --- statements, built once -------------------------------------------------------------------------------------------


def _given(seq_range: Range, texts: Iterable[str]) -> dict[str, Any]:
    first, last = seq_range
    return {"first": first, "last": last} | {f"text_{at}": text for at, text in enumerate(texts)}


def _in_range() -> Select[int]:
    first, last = bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)
    return select(INDEX.c.rowid).where(INDEX.c.rowid.between(first, last))


def _texts(count: int) -> list[Any]:
    return [bindparam(f"text_{at}", type_=Text) for at in range(count)]


@cache
def _with_any(texts: int, *, shown_only: bool) -> Select[int]:
    """Return the keys of a range whose texts contain one of so many patterns; `shown_only`: none that is in the trash."""
    column = INDEX.c.search_text
    keys = _in_range().where(or_(*(column.like(pattern, escape="\\") for pattern in _texts(texts))))
    return keys.where(_is_not_trashed()) if shown_only else keys


@cache
def _walk(texts: int, *, descending: bool) -> Select[int]:
    """Return up to `most` keys of a range whose texts contain one of so many texts, in order, none that is in the trash."""
    # Not LIKE: that would lead to the index.
    found = or_(*(func.strpos(INDEX.c.search_text, text) > 0 for text in _texts(texts)))
    order = INDEX.c.rowid.desc() if descending else INDEX.c.rowid.asc()
    keys = _in_range().where(found, _is_not_trashed()).order_by(order)
    return keys.limit(bindparam("most", type_=Integer))


def _is_not_trashed() -> ColumnElement[bool]:
    """Return the condition on a text: by the index of what is in the trash, mostly nothing, so no record is read. OFFSET
    keeps it a look-up: PostgreSQL would otherwise read all the trash if it believes that there is little."""
    return ~select(Record.seq).where(Record.seq == INDEX.c.rowid, is_in(RecordState.TRASHED)).offset(0).exists()


def _records(session: ReadSession) -> Select[*tuple[Any, ...]]:
    return record_select(session).where(in_numbers(Record.seq, numbers_parameter("keys")))


_upwards = built_once(lambda session: _records(session).order_by(Record.seq.asc()))
_downwards = built_once(lambda session: _records(session).order_by(Record.seq.desc()))


async def _keys(session: ReadSession, statement: Select[int], given: Mapping[str, Any] | None = None) -> list[int]:
    return [row[0] for row in await rows_of(session, statement, given)]


async def _rows(session: ReadSession, keys: Sequence[int], *, descending: bool) -> list[Any]:
    statement = (_downwards if descending else _upwards)(session)
    return list(await rows_of(session, statement, {"keys": list(keys)})) if keys else []
