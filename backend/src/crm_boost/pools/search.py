"""Substring search in identity, name and phone (spec 2.7): its cost follows the matches, not the number of records.

Terms of three characters and more are answered by the trigram index; shorter ones (two-character names are common in
Chinese) by reading the texts of one database in list order until the page is full.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers
from sqlalchemy import BigInteger, ColumnElement, Select, Text, column, func, literal_column, or_, table

from crm_boost.databases.customer_key import search_fold
from crm_boost.databases.models import Record
from crm_boost.db.dialect import like_pattern, unindexed
from crm_boost.db.session import ReadSession

INDEX = table("customer_records_search", column("rowid", BigInteger), column("search_text", Text))
"""The texts by key, with the index of their trigrams."""
_TRIGRAM = 3
_MOST_TRIGRAMS = 24
_PHONE_NOISE = str.maketrans("", "", " -.()/")


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """A normalised term."""

    text: str

    def spellings(self, default_country: str) -> list[str]:
        """Return the texts of which a record must contain one. A number typed as it is dialled in the country
        (`0812…`) or from abroad (`0062812…`) may be stored in its international form only."""
        if self._is_dialled:
            code = "" if self.text.startswith("00") else str(phonenumbers.country_code_for_region(default_country))
            return [self.text, f"+{code}{self.common}"]
        return [self.text]

    @property
    def common(self) -> str:
        """What all spellings have in common."""
        if self._is_dialled:
            return self.text[2:] if self.text.startswith("00") else self.text[1:]
        return self.text

    @property
    def is_indexed(self) -> bool:
        """Whether the trigram index can answer it: every spelling must have a trigram."""
        return len(self.common) + self._is_dialled >= _TRIGRAM

    @property
    def _is_dialled(self) -> bool:
        return len(self.text) >= _TRIGRAM and self.text.startswith("0") and _is_number(self.text)


def search_term(q: str | None) -> SearchTerm | None:
    """Normalise what a person typed as the stored texts are: NFKC, case folded, tidied; phone separators dropped."""
    if q is None:
        return None
    text = search_fold(q)
    bare = text.translate(_PHONE_NOISE)
    return SearchTerm(bare if _is_number(bare) else text) if text else None


def _is_number(text: str) -> bool:
    digits = text.removeprefix("+")
    return digits.isascii() and digits.isdigit()


def matching(
    session: ReadSession,
    statement: Select[*tuple[Any, ...]],
    term: SearchTerm,
    seq_range: tuple[int, int] | None = None,
) -> Select[*tuple[Any, ...]]:
    """Narrow a select from `customer_records` to records that contain `term`.

    `seq_range` bounds the search to one database's keys, so that matches elsewhere cost nothing.
    """
    texts = term.spellings(session.business.default_country)
    if seq_range is not None:
        statement = statement.where(search_order(term).between(*seq_range))
    if session.get_bind().dialect.name != "sqlite":
        if not term.is_indexed:
            return statement.where(contains(Record.search_text, texts))
        return statement.join(INDEX, Record.seq == INDEX.c.rowid).where(contains(INDEX.c.search_text, texts))
    exact = or_(*(func.instr(Record.search_text, text) > 0 for text in texts))
    if not term.is_indexed:
        return statement.where(exact)
    # All trigrams of a spelling, in any place and order: a few records too many, `exact` decides. A LIKE on the index
    # would read every match a second time to check the same.
    indexed = literal_column(INDEX.name).op("MATCH")(_trigrams(texts))
    return statement.join(INDEX, Record.seq == unindexed(INDEX.c.rowid)).where(indexed, exact)


def contains(column: Any, texts: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition, for PostgreSQL: the text of this column contains one of these."""
    return or_(*(column.like(like_pattern(text), escape="\\") for text in texts))


def _trigrams(texts: Sequence[str]) -> str:
    """Return what SQLite's index is asked: for each spelling its trigrams, up to a number that leaves few too many."""
    asked = []
    for text in texts:
        parts = dict.fromkeys(text[at : at + _TRIGRAM] for at in range(len(text) - _TRIGRAM + 1))
        quoted = ('"' + part.replace('"', '""') + '"' for part in list(parts)[:_MOST_TRIGRAMS])
        asked.append(f"({' AND '.join(quoted)})")
    return " OR ".join(asked)


def search_order(term: SearchTerm | None) -> Any:
    """Return the column that orders records by row without sorting them all.

    A search that the index of trigrams answers is led by it: from its matches to the records, in their order. No other
    condition may then tempt SQLite to go the other way round, and to look every record of a database up in the index: put
    columns of the records through `unindexed` and bound the search by `seq_range`.
    """
    return INDEX.c.rowid if term is not None and term.is_indexed else Record.seq
