"""Rows as one parameter are what they are one by one."""

from datetime import UTC, date, datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select

from crm_boost.analytics.models import WorkDay
from crm_boost.assignments.models import Operation
from crm_boost.db.engine import Database
from crm_boost.db.lots import inserting_rows, is_a_lot
from crm_boost.db.statements import Write, adding, adding_rows, write_each
from tests.support.factories import make_database, make_user
from tests.support.statements import recorded_statements

_operation = cast(Table, Operation.__table__)
_day = cast(Table, WorkDay.__table__)
TEXTS = [
    "",
    "plain",
    "'; DROP TABLE operations; --",
    '"quoted" \\ back\\slash',
    "two\nlines\t{a,b}",
    "李小龙 😀",
    "%s %(x)s",
]


def operation(number: int, text: str) -> dict[str, Any]:
    return {
        "id": f"{number}-{len(text)}",
        "kind": "assign",
        "module": None if number % 2 else "normal",
        "database_id": text,
        "at": datetime(2026, 11, 23, 4, 5, 6, number, tzinfo=UTC),
        "actor_id": None,
        "actor_name": text,
        "reason": text or None,
        "correlation_id": str(number),
        "undoes": 2**60 + number,
        "detail": {"text": text, "list": [1, None, {"deep": True}]},
        "drawn_to": None,
    }


async def test_every_kind_of_value_arrives_as_it_was(database: Database) -> None:
    names = [column.name for column in _operation.columns if column.name != "seq"]
    one_by_one = [operation(number, text) for number, text in enumerate(TEXTS)]
    at_once = [{**row, "id": f"lot {row['id']}", "undoes": row["undoes"] + 100} for row in one_by_one]
    async with database.write() as session:
        for row in one_by_one:
            await session.execute(insert(_operation), row)
        await write_each(session, [Write(insert(_operation), at_once, lot=inserting_rows(_operation, names))])
    async with database.read() as session:
        stored = [dict(row._mapping) for row in await session.execute(select(_operation).order_by(_operation.c.seq))]

    for row in stored:
        row.pop("seq")
    assert stored == one_by_one + at_once


async def test_rows_are_added_to_those_of_their_key(database: Database) -> None:
    stored = await make_database(database, 1)
    staff = [await make_user(database) for _ in range(6)]
    rows = [
        {**dict.fromkeys((c.name for c in _day.columns if c.name != "day"), 0), "day": date(2026, 11, 23)}
        | {"staff_id": one.id, "database_id": stored.id, "assigned": 3}
        for one in staff
    ]
    statement, lot = adding(_day, ("assigned",)), adding_rows(_day, ("assigned",))
    async with database.write() as session:
        for some in (rows[:2], rows, rows[2:]):
            await write_each(session, [Write(statement(session), some, lot=lot(session))])
    async with database.read() as session:
        found = await session.execute(select(_day.c.staff_id, _day.c.assigned))
        assert dict(map(tuple, found)) == {one.id: 6 for one in staff}


async def test_on_postgresql_many_rows_are_one_statement(database: Database) -> None:
    """Where the database is in this process, rows go one by one."""
    stored = await make_database(database, 1)
    staff = [await make_user(database) for _ in range(30)]
    zeros = dict.fromkeys((c.name for c in _day.columns), 0) | {"day": date(2026, 11, 23), "database_id": stored.id}
    for some in (staff[:3], staff[:4], staff):
        rows = [{**zeros, "staff_id": one.id} for one in some]
        with recorded_statements(database) as statements:
            async with database.write() as session:
                expected = not database.is_sqlite and len(rows) > 3
                assert is_a_lot(session, rows) == expected
                lot = adding_rows(_day, ("assigned",))(session)
                await write_each(session, [Write(adding(_day, ("assigned",))(session), rows, lot=lot)])
        sent = [statement for statement in statements if "work_daily" in statement]
        assert len(sent) == 1
        assert ("jsonb_to_recordset" in sent[0]) == expected
