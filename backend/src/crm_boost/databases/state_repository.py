"""How records in some state are found: by the index of that state, which holds nothing but their keys (ADR 61)."""

from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, literal_column, or_, select

from crm_boost.databases.models import CustomerDatabase, Record
from crm_boost.databases.states import RecordState

_r = cast(Table, Record.__table__).c
_own = cast(Table, CustomerDatabase.__table__).alias("own_database")

Keys = tuple[Any, Any]
"""The first and the last key of a database, or of a part of it."""


def is_in(state: RecordState) -> ColumnElement[bool]:
    """Return the condition: the record is in this state, in the very words of the index of that state. A parameter would
    not do: SQLite would not know for which index it is."""
    return _r.state == literal_column(f"'{state}'")


def keys_of(database_id: str) -> Keys:
    """Return the first and the last key of a database, as it looks them up."""
    first, last = (select(key).where(_own.c.id == database_id) for key in (_own.c.first_seq, _own.c.last_seq))
    return first.scalar_subquery(), last.scalar_subquery()


def between(keys: Keys) -> ColumnElement[bool]:
    """Return the condition: the record is one of those of these keys, which belong to one database."""
    return cast(ColumnElement[bool], _r.seq.between(*keys))


def in_states(keys: Keys, *states: RecordState) -> ColumnElement[bool]:
    """Return the condition: the record is in one of these states and among these keys; each state by its index."""
    return or_(*(and_(between(keys), is_in(state)) for state in states))
