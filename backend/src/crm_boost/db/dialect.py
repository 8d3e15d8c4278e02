"""The only place where SQL differs between SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import BindParameter
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import Boolean

from crm_boost.db.types import ArrayParameter


class InArray(ColumnElement[bool]):
    """`column IN (the values of one array parameter)`."""

    type = Boolean()
    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 - declared as an instance attribute by the base
        ("column", InternalTraversal.dp_clauseelement),
        ("values", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], values: BindParameter[Any]) -> None:
        self.column = column
        self.values = values


@compiles(InArray, "postgresql")
def _in_array_postgresql(element: InArray, compiler: Any, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY({compiler.process(element.values, **kw)})"


@compiles(InArray, "sqlite")
def _in_array_sqlite(element: InArray, compiler: Any, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are compiled expressions


def in_numbers(column: Any, values: Sequence[int]) -> ColumnElement[bool]:
    """Return `column` is one of these integers, with a single parameter however many there are."""
    return InArray(column, bindparam(None, list(values), type_=ArrayParameter(BigInteger), unique=True))


def in_texts(column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    """Return `column` is one of these texts, with a single parameter however many there are."""
    return InArray(column, bindparam(None, list(values), type_=ArrayParameter(Text), unique=True))


def like_pattern(term: str) -> str:
    """Return the LIKE pattern for "contains `term`", its wildcards escaped with a backslash."""
    escaped = term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
