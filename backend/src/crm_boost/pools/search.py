"""Substring search in identity, name and phone (spec 2.7): its cost follows the matches, not the number of records.

Terms of three characters and more are answered by the trigram index; shorter ones (two-character names are common in
Chinese) by reading the texts of one database in list order until the page is full.
"""

from dataclasses import dataclass
from typing import Any

import phonenumbers
from sqlalchemy import Select, column, func, or_, table

from crm_boost.databases.customer_key import search_fold
from crm_boost.databases.models import Record
from crm_boost.db.dialect import like_pattern
from crm_boost.db.session import ReadSession

_INDEX = table("customer_records_search", column("rowid"), column("search_text"))
_TRIGRAM = 3
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
        """Whether the trigram index can answer it."""
        return len(self.common) >= _TRIGRAM

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
    if session.get_bind().dialect.name != "sqlite":
        return statement.where(or_(*(Record.search_text.like(like_pattern(text), escape="\\") for text in texts)))
    exact = or_(*(func.instr(Record.search_text, text) > 0 for text in texts))
    if not term.is_indexed:
        return statement.where(exact)
    # LIKE with ESCAPE is not served by the index: wildcards in the term may match more here, `exact` decides.
    indexed = _INDEX.c.search_text.like(f"%{term.common}%")
    statement = statement.join(_INDEX, _INDEX.c.rowid == Record.seq).where(indexed, exact)
    return statement if seq_range is None else statement.where(_INDEX.c.rowid.between(*seq_range))


def search_order(session: ReadSession, term: SearchTerm) -> Any:
    """Return the column that orders matches by row without sorting them all."""
    use_index = term.is_indexed and session.get_bind().dialect.name == "sqlite"
    return _INDEX.c.rowid if use_index else Record.seq
