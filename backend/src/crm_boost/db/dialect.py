"""The only place where SQL differs between SQLite and PostgreSQL."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any

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

    def self_group(self, against: Any = None) -> "InArray":
        # Otherwise SQLite, which has no booleans, would get `… IN (…) = 1`, and that uses no index.
        return self

    def _negate(self) -> ColumnElement[bool]:
        return UnaryExpression(self, operator=operators.inv)


@compiles(InArray, "postgresql")
def _in_array_postgresql(element: InArray, compiler: Any, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY({compiler.process(element.values, **kw)})"


@compiles(InArray, "sqlite")
def _in_array_sqlite(element: InArray, compiler: Any, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are compiled expressions


class InRows(ColumnElement[bool]):
    """`(columns) IN (the rows of one parameter)`. SQLite finds them by an index, which it does not do for VALUES."""

    type = Boolean()
    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 - declared as an instance attribute by the base
        ("columns", InternalTraversal.dp_clauseelement_tuple),
        ("rows", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, columns: tuple[ColumnElement[Any], ...], rows: BindParameter[Any]) -> None:
        self.columns = columns
        self.rows = rows

    def self_group(self, against: Any = None) -> "InRows":
        # As above.
        return self

    def _negate(self) -> ColumnElement[bool]:
        return UnaryExpression(self, operator=operators.inv)


@compiles(InRows, "postgresql")
def _in_rows_postgresql(element: InRows, compiler: Any, **kw: Any) -> str:
    types = compiler.dialect.type_compiler_instance
    cells = (f"CAST(value ->> {at} AS {types.process(column.type)})" for at, column in enumerate(element.columns))
    rows = f"jsonb_array_elements(CAST({compiler.process(element.rows, **kw)} AS jsonb))"
    return f"({_listed(element.columns, compiler, kw)}) IN (SELECT {', '.join(cells)} FROM {rows})"  # noqa: S608 - compiled


@compiles(InRows, "sqlite")
def _in_rows_sqlite(element: InRows, compiler: Any, **kw: Any) -> str:
    cells = (f"json_extract(value, '$[{at}]')" for at in range(len(element.columns)))
    rows = f"json_each({compiler.process(element.rows, **kw)})"
    return f"({_listed(element.columns, compiler, kw)}) IN (SELECT {', '.join(cells)} FROM {rows})"  # noqa: S608 - compiled


def _listed(columns: tuple[ColumnElement[Any], ...], compiler: Any, kw: dict[str, Any]) -> str:
    return ", ".join(compiler.process(column, **kw) for column in columns)


class InByteOrder(ColumnElement[str]):
    """A text that sorts by code point on both databases, whatever the collation of a PostgreSQL database is."""

    type = Text()
    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 - as above

    def __init__(self, column: ColumnElement[str]) -> None:
        self.column = column


@compiles(InByteOrder, "postgresql")
def _in_byte_order_postgresql(element: InByteOrder, compiler: Any, **kw: Any) -> str:
    return f'{compiler.process(element.column, **kw)} COLLATE "C"'


@compiles(InByteOrder, "sqlite")
def _in_byte_order_sqlite(element: InByteOrder, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.column, **kw))


class Lowered(ColumnElement[str]):
    """A text in lower case beyond ASCII; for small tables (SQLite calls back into Python for each row)."""

    type = Text()
    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 - as above

    def __init__(self, column: ColumnElement[str]) -> None:
        self.column = column


SQLITE_LOWER = "unicode_lower"
"""The function that every SQLite connection registers (db/engine.py)."""


@compiles(Lowered, "postgresql")
def _lowered_postgresql(element: Lowered, compiler: Any, **kw: Any) -> str:
    return f"lower({compiler.process(element.column, **kw)})"


@compiles(Lowered, "sqlite")
def _lowered_sqlite(element: Lowered, compiler: Any, **kw: Any) -> str:
    return f"{SQLITE_LOWER}({compiler.process(element.column, **kw)})"


class Unindexed(ColumnElement[Any]):
    """A column that SQLite does not look up in an index; PostgreSQL decides by its statistics."""

    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 - as above

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column
        self.type = column.type


@compiles(Unindexed, "postgresql")
def _unindexed_postgresql(element: Unindexed, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.column, **kw))


@compiles(Unindexed, "sqlite")
def _unindexed_sqlite(element: Unindexed, compiler: Any, **kw: Any) -> str:
    return f"+{compiler.process(element.column, **kw)}"


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
    return InRows(found, rows)


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


class TextAt(ColumnElement[str]):
    """The text at a position (from 0) of one array parameter."""

    type = Text()
    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 - as above
        ("values", InternalTraversal.dp_clauseelement),
        ("position", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, values: BindParameter[Any], position: ColumnElement[int]) -> None:
        self.values = values
        self.position = position


@compiles(TextAt, "postgresql")
def _text_at_postgresql(element: TextAt, compiler: Any, **kw: Any) -> str:
    values, position = compiler.process(element.values, **kw), compiler.process(element.position, **kw)
    return f"({values})[1 + CAST({position} AS integer)]"


@compiles(TextAt, "sqlite")
def _text_at_sqlite(element: TextAt, compiler: Any, **kw: Any) -> str:
    values, position = compiler.process(element.values, **kw), compiler.process(element.position, **kw)
    return f"json_extract({values}, '$[' || ({position}) || ']')"


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


def random_bits(bits: int) -> ColumnElement[int]:
    """Return a random whole number of `bits` bits, drawn anew for each row."""
    return RandomBits(bits)


class JsonTextAt(ColumnElement[str]):
    """The text at a position (from 0) of a column that holds a JSON array."""

    type = Text()
    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 - as above
        ("column", InternalTraversal.dp_clauseelement),
        ("position", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[str], position: ColumnElement[int]) -> None:
        self.column = column
        self.position = position


@compiles(JsonTextAt, "postgresql")
def _json_text_at_postgresql(element: JsonTextAt, compiler: Any, **kw: Any) -> str:
    column, position = compiler.process(element.column, **kw), compiler.process(element.position, **kw)
    return f"(CAST({column} AS json) ->> CAST({position} AS integer))"


@compiles(JsonTextAt, "sqlite")
def _json_text_at_sqlite(element: JsonTextAt, compiler: Any, **kw: Any) -> str:
    column, position = compiler.process(element.column, **kw), compiler.process(element.position, **kw)
    return f"json_extract({column}, '$[' || ({position}) || ']')"


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


class ByteLength(ColumnElement[int]):
    """How many bytes a text has in UTF-8."""

    type = BigInteger()
    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 - as above

    def __init__(self, column: ColumnElement[str]) -> None:
        self.column = column


@compiles(ByteLength, "postgresql")
def _byte_length_postgresql(element: ByteLength, compiler: Any, **kw: Any) -> str:
    return f"octet_length({compiler.process(element.column, **kw)})"


@compiles(ByteLength, "sqlite")
def _byte_length_sqlite(element: ByteLength, compiler: Any, **kw: Any) -> str:
    return f"length(CAST({compiler.process(element.column, **kw)} AS BLOB))"


def json_text_at(column: Any, position: Any) -> ColumnElement[str]:
    """Return the text at `position` (from 0) of a JSON array that `column` holds as text."""
    return JsonTextAt(column, position)


def is_ascii(text: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition: `text` has only characters of one byte."""
    return ByteLength(text) == func.length(text)


class FirstOfMonth(ColumnElement[date]):
    """The first day of the month of a day."""

    type = Date()
    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 - as above

    def __init__(self, column: ColumnElement[date]) -> None:
        self.column = column


@compiles(FirstOfMonth, "postgresql")
def _first_of_month_postgresql(element: FirstOfMonth, compiler: Any, **kw: Any) -> str:
    return f"CAST(date_trunc('month', {compiler.process(element.column, **kw)}) AS date)"


@compiles(FirstOfMonth, "sqlite")
def _first_of_month_sqlite(element: FirstOfMonth, compiler: Any, **kw: Any) -> str:
    return f"date({compiler.process(element.column, **kw)}, 'start of month')"


def first_of_month(day: Any) -> ColumnElement[date]:
    """Return the first day of the month of `day`."""
    return FirstOfMonth(coercions.expect(roles.ExpressionElementRole, day))


class DaysBetween(ColumnElement[int]):
    """How many days one day lies before another."""

    type = BigInteger()
    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 - as above
        ("earlier", InternalTraversal.dp_clauseelement),
        ("later", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, earlier: ColumnElement[date], later: ColumnElement[date]) -> None:
        self.earlier = earlier
        self.later = later


@compiles(DaysBetween, "postgresql")
def _days_between_postgresql(element: DaysBetween, compiler: Any, **kw: Any) -> str:
    return f"({compiler.process(element.later, **kw)} - {compiler.process(element.earlier, **kw)})"


@compiles(DaysBetween, "sqlite")
def _days_between_sqlite(element: DaysBetween, compiler: Any, **kw: Any) -> str:
    earlier, later = compiler.process(element.earlier, **kw), compiler.process(element.later, **kw)
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


def days_between(earlier: Any, later: Any) -> ColumnElement[int]:
    """Return how many days `earlier` lies before `later`; nothing where one of them is not there."""
    return DaysBetween(*(coercions.expect(roles.ExpressionElementRole, day) for day in (earlier, later)))
