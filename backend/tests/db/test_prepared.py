"""INSERTs as the driver takes them: told by name or by place, they store what the layer above the driver would."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy import Column, Dialect, Integer, MetaData, Table, Text, insert, literal, select
from sqlalchemy.dialects.postgresql.psycopg import dialect as postgresql
from sqlalchemy.dialects.sqlite.pysqlite import dialect as sqlite

from crm_boost.db.engine import Database
from crm_boost.db.outbox import OutboxMessage
from crm_boost.db.prepared import prepared
from crm_boost.db.statements import Write, rows_of, write_each

_outbox = cast(Table, OutboxMessage.__table__)
NAMES = ("created_at", "topic", "audience", "payload")
AT = datetime(2025, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)


def row(number: int) -> tuple[Any, ...]:
    return AT, f"topic {number}", "*", {"number": [number, None, "é"]}


async def test_rows_by_name_and_by_place_store_the_same(database: Database) -> None:
    statement = insert(_outbox).values(xact=literal(7))
    by_name = [dict(zip(NAMES, row(number), strict=True)) for number in range(30)]
    writes = [
        Write(statement, by_name),
        Write(statement, [row(number) for number in range(30)], NAMES),
        Write(statement, [row(30)], NAMES),
    ]
    async with database.write() as session:
        await write_each(session, writes)
    columns = (_outbox.c.xact, *(_outbox.c[name] for name in NAMES))
    async with database.read() as session:
        stored = await rows_of(session, select(*columns).order_by(_outbox.c.seq))
    expected = [(7, *row(number)) for number in range(30)]
    assert [tuple(found) for found in stored] == [*expected, *expected, (7, *row(30))]


@pytest.mark.pure
@pytest.mark.parametrize("kind", [sqlite, postgresql])
def test_a_default_in_python_is_not_left_out_in_silence(kind: type[Dialect]) -> None:
    table = Table("t", MetaData(), Column("a", Integer, primary_key=True), Column("b", Text, default="x"))
    with pytest.raises(TypeError):
        prepared(insert(table), kind(), ("a",), by_place=False)
    assert prepared(insert(table), kind(), ("a", "b"), by_place=True).parameters([(1, "y")])
