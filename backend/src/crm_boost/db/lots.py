"""Rows as one parameter: PostgreSQL takes a statement for each row of a list otherwise, and each costs a round of its own.

For rows by the score, written with every hand-out. SQLite, which is in this process, takes row by row as quickly.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import FromClause, Insert, Table, Text, bindparam, cast, column, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from crm_boost.db.session import ReadSession

_ROWS = "p_rows"
_FEWEST = 4
"""Fewer rows are written as quickly one by one."""


def is_a_lot(session: ReadSession, rows: Sequence[Any]) -> bool:
    """Whether these rows are better written as one parameter."""
    return len(rows) >= _FEWEST and session.get_bind().dialect.name == "postgresql"


def given_rows(columns: Mapping[str, TypeEngine[Any]]) -> FromClause:
    """Return the rows given, to select from: a column for each of these names and types."""
    rows = cast(bindparam(_ROWS, type_=Text), JSONB)
    cells = (column(name, kind) for name, kind in columns.items())
    return func.jsonb_to_recordset(rows).table_valued(*cells, name="given").render_derived(with_types=True)


def inserting_rows(table: Table, names: Sequence[str], statement: Insert | None = None) -> Insert:
    """Return the INSERT (or `statement`, which is one of this table) of the rows given, which have these columns."""
    rows = given_rows({name: table.c[name].type for name in names})
    into = insert(table) if statement is None else statement
    return into.from_select(list(names), select(rows), include_defaults=False)


def as_parameters(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return rows as the parameter of such a statement."""
    return {_ROWS: orjson.dumps(rows).decode()}
