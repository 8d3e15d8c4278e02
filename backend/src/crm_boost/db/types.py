"""Column types whose Python side is the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import ARRAY, JSON, BigInteger, DateTime, Dialect, Integer, Select, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

Json = JSON().with_variant(JSONB(), "postgresql")
"""Small structured values. Rows of a database are text instead: they are verbatim and never queried into."""

BigKey = BigInteger().with_variant(Integer(), "sqlite")
"""A database-generated 64-bit key (on SQLite: the rowid)."""

Question = Select[*tuple[Any, ...]]
"""A statement that finds rows at fault. Columns: `key`, `id`, `kind`; ids and days, nobody's personal data."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python, `timestamptz` on PostgreSQL, naive UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a timezone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ArrayParameter(TypeDecorator[list[Any]]):
    """A whole list as ONE bound parameter: a JSON text on SQLite, an array on PostgreSQL.

    The number of parameters, and with it the statement text, never depends on how many values there are.
    """

    impl = Text
    cache_ok = True

    def __init__(self, item: type[BigInteger] | type[Text]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(self.item()))
        return dialect.type_descriptor(Text())

    def bind_processor(self, dialect: Dialect) -> Callable[[list[Any] | None], Any]:
        if dialect.name != "postgresql":
            return lambda value: None if value is None else orjson.dumps(value).decode()
        if self.item is BigInteger:
            # The driver would look at every number, whether it has to be quoted.
            return lambda value: None if value is None else "{" + ",".join(map(str, value)) + "}"
        return _array_of_texts


_BETWEEN = "\0"


def _array_of_texts(values: list[str | None] | None) -> str | list[str | None] | None:
    """Spell texts as PostgreSQL does an array of them: the driver would quote them one by one, in Python (5,000 customers:
    11 ms). None is left to it, and so is the character that no text may have."""
    if not values or None in values:
        return values
    joined = _BETWEEN.join(values)  # type: ignore[arg-type]
    if joined.count(_BETWEEN) >= len(values):
        return values
    quoted = joined.replace("\\", "\\\\").replace('"', '\\"').replace(_BETWEEN, '","')
    return '{"' + quoted + '"}'


class RowsParameter(TypeDecorator[list[Any]]):
    """Rows of texts, numbers and days as ONE bound parameter: a JSON text on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps([list(row) for row in value]).decode()
