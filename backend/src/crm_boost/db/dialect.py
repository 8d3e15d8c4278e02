"""The only place where SQL differs between SQLite and PostgreSQL."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    TableValuedAlias,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import coercions, operators, roles
from sqlalchemy.sql.expression import BindParameter, UnaryExpression
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import Boolean

from crm_boost.db.types import ArrayParameter, RowsParameter


class _Spelled(ColumnElement[Any]):
    """What the two databases spell differently: `{0}`, `{1}` stand for the parts, each compiled for the database."""

    inherit_cache = True
    _traverse_internals = [("parts", InternalTraversal.dp_clauseelement_tuple)]  # noqa: RUF012 - declared by the base
    on_postgresql: ClassVar[str]
    on_sqlite: ClassVar[str]

    def __init__(self, *parts: ColumnElement[Any]) -> None:
        self.parts = parts


@compiles(_Spelled, "postgresql")
def _spelled_on_postgresql(element: _Spelled, compiler: Any, **kw: Any) -> str:
    return element.on_postgresql.format(*_compiled(element.parts, compiler, kw))


@compiles(_Spelled, "sqlite")
def _spelled_on_sqlite(element: _Spelled, compiler: Any, **kw: Any) -> str:
    return element.on_sqlite.format(*_compiled(element.parts, compiler, kw))


def _compiled(parts: Iterable[ColumnElement[Any]], compiler: Any, kw: dict[str, Any]) -> list[str]:
    return [compiler.process(part, **kw) for part in parts]


class _Condition(_Spelled):
    """One that is true or false, and leads to an index."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "_Condition":
        # Otherwise SQLite, which has no booleans, would get `… IN (…) = 1`, and that uses no index.
        return self

    def _negate(self) -> ColumnElement[bool]:
        return UnaryExpression(self, operator=operators.inv)


class InArray(_Condition):
    """`column IN (the values of one array parameter)`."""

    inherit_cache = True
    on_postgresql = "{0} = ANY({1})"
    on_sqlite = "{0} IN (SELECT value FROM json_each({1}))"


class InRows(_Condition):
    """`(columns) IN (the rows of one parameter)`: the columns, and behind them the rows. SQLite finds them by an index,
    which it does not do for VALUES."""

    inherit_cache = True


@compiles(InRows, "postgresql")
def _in_rows_postgresql(element: InRows, compiler: Any, **kw: Any) -> str:
    types = compiler.dialect.type_compiler_instance
    *columns, rows = _compiled(element.parts, compiler, kw)
    cells = (f"CAST(value ->> {at} AS {types.process(part.type)})" for at, part in enumerate(element.parts[:-1]))
    found = f"SELECT {', '.join(cells)} FROM jsonb_array_elements(CAST({rows} AS jsonb))"  # noqa: S608 - compiled
    return f"({', '.join(columns)}) IN ({found})"


@compiles(InRows, "sqlite")
def _in_rows_sqlite(element: InRows, compiler: Any, **kw: Any) -> str:
    *columns, rows = _compiled(element.parts, compiler, kw)
    cells = (f"json_extract(value, '$[{at}]')" for at in range(len(columns)))
    return f"({', '.join(columns)}) IN (SELECT {', '.join(cells)} FROM json_each({rows}))"  # noqa: S608 - compiled


class InByteOrder(_Spelled):
    """A text that sorts by code point on both databases, whatever the collation of a PostgreSQL database is."""

    type = Text()
    inherit_cache = True
    on_postgresql = '{0} COLLATE "C"'
    on_sqlite = "{0}"


SQLITE_LOWER = "unicode_lower"
"""The function that every SQLite connection registers (db/engine.py)."""


class Lowered(_Spelled):
    """A text in lower case beyond ASCII; for small tables (SQLite calls back into Python for each row)."""

    type = Text()
    inherit_cache = True
    on_postgresql = "lower({0})"
    on_sqlite = f"{SQLITE_LOWER}({{0}})"


class Unindexed(_Spelled):
    """A column that SQLite does not look up in an index; PostgreSQL decides by its statistics."""

    inherit_cache = True
    on_postgresql = "{0}"
    on_sqlite = "+{0}"

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


class _ValueAt(_Spelled):
    """The value at a position (from 0) of one array parameter."""

    inherit_cache = True
    on_postgresql = "({0})[1 + CAST({1} AS integer)]"
    on_sqlite = "json_extract({0}, '$[' || ({1}) || ']')"


class TextAt(_ValueAt):
    """A text at a position."""

    type = Text()
    inherit_cache = True


class NumberAt(_ValueAt):
    """An integer at a position."""

    type = BigInteger()
    inherit_cache = True


class JsonTextAt(_Spelled):
    """The text at a position (from 0) of a column that holds a JSON array."""

    type = Text()
    inherit_cache = True
    on_postgresql = "(CAST({0} AS json) ->> CAST({1} AS integer))"
    on_sqlite = "json_extract({0}, '$[' || ({1}) || ']')"


class ByteLength(_Spelled):
    """How many bytes a text has in UTF-8."""

    type = BigInteger()
    inherit_cache = True
    on_postgresql = "octet_length({0})"
    on_sqlite = "length(CAST({0} AS BLOB))"


class FirstOfMonth(_Spelled):
    """The first day of the month of a day."""

    type = Date()
    inherit_cache = True
    on_postgresql = "CAST(date_trunc('month', {0}) AS date)"
    on_sqlite = "date({0}, 'start of month')"


class DaysBetween(_Spelled):
    """How many days the first day lies before the second."""

    type = BigInteger()
    inherit_cache = True
    on_postgresql = "({1} - {0})"
    on_sqlite = "CAST(julianday({1}) - julianday({0}) AS INTEGER)"


def unindexed(column: Any) -> Any:
    """Return `column` for a condition that must not lead: SQLite knows no numbers of rows and would guess."""
    return Unindexed(coercions.expect(roles.ExpressionElementRole, column))


def in_byte_order(column: Any) -> ColumnElement[str]:
    """Return `column` for ORDER BY and keyset comparisons that must agree on both databases."""
    return InByteOrder(column)


def lowered(column: Any) -> ColumnElement[str]:
    """Return `column` in lower case, for a search that ignores case in every script."""
    return Lowered(column)


def numbers_parameter(name: str) -> BindParameter[Any]:
    """Return a parameter of that name that takes a whole list of integers."""
    return bindparam(name, type_=ArrayParameter(BigInteger))


def texts_parameter(name: str) -> BindParameter[Any]:
    """Return a parameter of that name that takes a whole list of texts."""
    return bindparam(name, type_=ArrayParameter(Text))


def rows_parameter(name: str) -> BindParameter[Any]:
    """Return a parameter of that name that takes a whole list of rows."""
    return bindparam(name, type_=RowsParameter())


def _numbers(values: Sequence[int] | BindParameter[Any]) -> BindParameter[Any]:
    if isinstance(values, BindParameter):
        return values
    return bindparam(None, list(values), type_=ArrayParameter(BigInteger), unique=True)


def _texts(values: Sequence[str | None] | BindParameter[Any]) -> BindParameter[Any]:
    if isinstance(values, BindParameter):
        return values
    return bindparam(None, list(values), type_=ArrayParameter(Text), unique=True)


def in_numbers(column: Any, values: Sequence[int] | BindParameter[Any]) -> ColumnElement[bool]:
    """Return `column` is one of these integers, with a single parameter however many there are."""
    return InArray(column, _numbers(values))


def in_texts(column: Any, values: Sequence[str] | BindParameter[Any]) -> ColumnElement[bool]:
    """Return `column` is one of these texts, with a single parameter however many there are."""
    return InArray(column, _texts(values))


def in_rows(columns: Iterable[Any], rows: Collection[Sequence[Any]] | BindParameter[Any]) -> ColumnElement[bool]:
    """Return `columns` are together one of these rows of texts, numbers and days: a single parameter, however many there
    are, found by an index on both databases."""
    found = tuple(coercions.expect(roles.ExpressionElementRole, column) for column in columns)
    if not isinstance(rows, BindParameter):
        rows = bindparam(None, list(rows), type_=RowsParameter(), unique=True)
    return InRows(*found, rows)


def like_pattern(term: str) -> str:
    """Return the LIKE pattern for "contains `term`", its wildcards escaped with a backslash."""
    escaped = term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def inserting(session: AsyncSession, table: Any) -> postgresql.Insert:
    """Return an INSERT into `table` that knows ON CONFLICT; the two dialects spell it alike."""
    insert: Callable[[Any], postgresql.Insert] = postgresql.insert
    if not has_parallel_writers(session):
        insert = sqlite.insert  # type: ignore[assignment]
    return insert(table)


def has_parallel_writers(session: AsyncSession) -> bool:
    """Whether units of work run side by side and meet at row locks; on SQLite they queue."""
    return session.get_bind().dialect.name == "postgresql"


async def hold_names(session: AsyncSession, kind: int, names: Iterable[str]) -> None:
    """Let nobody else hold one of these names of this kind until the end of the transaction; in one order for everybody.
    Where writers take turns (SQLite) whoever writes is alone anyway."""
    if not has_parallel_writers(session):
        return
    for name in sorted(names):
        await session.execute(select(func.pg_advisory_xact_lock(kind, func.hashtext(name))))


def own_transaction(session: AsyncSession) -> ColumnElement[int]:
    """Return the number of the running transaction: it grows from one to the next (0 on SQLite)."""
    if session.get_bind().dialect.name != "postgresql":
        return literal(0)
    return cast(cast(func.pg_current_xact_id(), Text), BigInteger)


def settled_transactions(session: AsyncSession) -> ColumnElement[int] | None:
    """Return the number below which no transaction is still running; None where writers take turns (SQLite)."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    return cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), Text), BigInteger)


class NumberRows(FunctionElement[Any]):
    """The integers of one array parameter as rows: `value` and `position` (from 0)."""

    name = "number_rows"
    inherit_cache = True


@compiles(NumberRows, "postgresql")
def _number_rows_postgresql(element: NumberRows, compiler: Any, **kw: Any) -> str:
    values = compiler.process(element.clauses, **kw)
    rows = f"unnest({values}) WITH ORDINALITY AS numbers(value, position)"
    return f"(SELECT value, position - 1 AS position FROM {rows})"  # noqa: S608 - a compiled expression


@compiles(NumberRows, "sqlite")
def _number_rows_sqlite(element: NumberRows, compiler: Any, **kw: Any) -> str:
    values = compiler.process(element.clauses, **kw)
    return f"(SELECT value, key AS position FROM json_each({values}))"  # noqa: S608 - a compiled expression


class RandomBits(ColumnElement[int]):
    """A random whole number of `bits` bits, drawn anew for each row."""

    type = BigInteger()
    inherit_cache = True
    _traverse_internals = [("bits", InternalTraversal.dp_plain_obj)]  # noqa: RUF012 - as above

    def __init__(self, bits: int) -> None:
        self.bits = bits


@compiles(RandomBits, "postgresql")
def _random_bits_postgresql(element: RandomBits, _compiler: Any, **_kw: Any) -> str:
    return f"CAST(floor(random() * {1 << element.bits}) AS bigint)"


@compiles(RandomBits, "sqlite")
def _random_bits_sqlite(element: RandomBits, _compiler: Any, **_kw: Any) -> str:
    return f"(random() & {(1 << element.bits) - 1})"


def number_rows(values: Sequence[int] | BindParameter[Any], name: str) -> TableValuedAlias:
    """Return a table `name(value, position)` of these integers, with a single parameter however many there are."""
    columns = (column("value", BigInteger), column("position", BigInteger))
    return NumberRows(_numbers(values)).table_valued(*columns, name=name)


def text_at(values: Sequence[str | None] | BindParameter[Any], position: ColumnElement[int]) -> ColumnElement[str]:
    """Return the text at `position` (from 0) of `values`, with a single parameter however many there are."""
    return TextAt(_texts(values), position)


def number_at(values: Sequence[int] | BindParameter[Any], position: ColumnElement[int]) -> ColumnElement[int]:
    """Return the integer at `position` (from 0) of `values`, with a single parameter however many there are."""
    return NumberAt(_numbers(values), position)


def random_bits(bits: int) -> ColumnElement[int]:
    """Return a random whole number of `bits` bits, drawn anew for each row."""
    return RandomBits(bits)


class Gathered(FunctionElement[str]):
    """All values of a column as one JSON array."""

    name = "gathered"
    type = Text()
    inherit_cache = True


@compiles(Gathered, "postgresql")
def _gathered_postgresql(element: Gathered, compiler: Any, **kw: Any) -> str:
    return f"CAST(json_agg({compiler.process(element.clauses, **kw)}) AS text)"


@compiles(Gathered, "sqlite")
def _gathered_sqlite(element: Gathered, compiler: Any, **kw: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **kw)})"


def gathered(column: Any) -> ColumnElement[str]:
    """Return all values of `column` as the text of one JSON array (NULL or empty where there are none): however many they
    are, the interpreter is handed one value."""
    return Gathered(column)


def json_text_at(column: Any, position: Any) -> ColumnElement[str]:
    """Return the text at `position` (from 0) of a JSON array that `column` holds as text."""
    return JsonTextAt(column, position)


def is_ascii(text: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition: `text` has only characters of one byte."""
    return ByteLength(text) == func.length(text)


def first_of_month(day: Any) -> ColumnElement[date]:
    """Return the first day of the month of `day`."""
    return FirstOfMonth(coercions.expect(roles.ExpressionElementRole, day))


def days_between(earlier: Any, later: Any) -> ColumnElement[int]:
    """Return how many days `earlier` lies before `later`; nothing where one of them is not there."""
    return DaysBetween(*(coercions.expect(roles.ExpressionElementRole, day) for day in (earlier, later)))
