"""Substring search in identity, name and phone (spec 2.7): its cost follows the matches, not the number of records.

Terms of three characters and more are answered by the trigram index; shorter ones (two-character names are common in
Chinese) by reading the texts of one database in list order until the page is full.
"""

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, column, func, table

from crm_boost.databases.models import Record
from crm_boost.db.dialect import like_pattern
from crm_boost.db.session import ReadSession

_INDEX = table("customer_records_search", column("rowid"), column("search_text"))
_TRIGRAM = 3
_PHONE_NOISE = str.maketrans("", "", " -.()")


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """A normalised term."""

    text: str

    @property
    def is_indexed(self) -> bool:
        """Whether the trigram index can answer it."""
        return len(self.text) >= _TRIGRAM


def search_term(q: str | None) -> SearchTerm | None:
    """Normalise what a person typed as the stored texts are: NFKC, case folded; phone separators dropped."""
    if q is None:
        return None
    text = unicodedata.normalize("NFKC", q).casefold().strip()
    bare = text.translate(_PHONE_NOISE)
    if bare.removeprefix("+").isdigit():
        text = bare
    return SearchTerm(text) if text else None


def matching(
    session: ReadSession,
    statement: Select[*tuple[Any, ...]],
    term: SearchTerm,
    seq_range: tuple[int, int] | None = None,
) -> Select[*tuple[Any, ...]]:
    """Narrow a select from `customer_records` to records that contain `term`.

    `seq_range` bounds the search to one database's keys, so that matches elsewhere cost nothing.
    """
    if session.get_bind().dialect.name == "sqlite":
        exact = func.instr(Record.search_text, term.text) > 0
        if not term.is_indexed:
            return statement.where(exact)
        # LIKE with ESCAPE is not served by the index: wildcards in the term may match more here, `exact` decides.
        statement = statement.join(_INDEX, _INDEX.c.rowid == Record.seq).where(
            _INDEX.c.search_text.like(f"%{term.text}%"), exact
        )
        if seq_range is not None:
            statement = statement.where(_INDEX.c.rowid.between(*seq_range))
        return statement
    return statement.where(Record.search_text.like(like_pattern(term.text), escape="\\"))


def search_order(session: ReadSession, term: SearchTerm) -> Any:
    """Return the column that orders matches by row without sorting them all."""
    use_index = term.is_indexed and session.get_bind().dialect.name == "sqlite"
    return _INDEX.c.rowid if use_index else Record.seq
