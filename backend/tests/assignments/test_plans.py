"""How SQLite finds the records a command is about: by their own keys, never by reading their database through."""

from collections.abc import Awaitable
from typing import Any

import pytest
from sqlalchemy import event

from crm_boost.db.engine import Database
from tests.assignments import support
from tests.replacement import support as replacing
from tests.support.factories import make_database, make_user
from tests.support.plans import BY_STATE


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


async def test_no_command_on_named_records_reads_a_database_through(database: Database) -> None:
    staff, other = await make_user(database, capacity=100), await make_user(database)
    await make_user(database, "admin")
    stored = await make_database(database, 300, module="memberwd")
    ids = stored.record_ids
    await replacing.rule(database, "memberwd", quota=3)
    sent: list[tuple[str, str, Any]] = []
    step = ""

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "INSERT", "DELETE")):
            sent.append((step, statement, parameters))

    engine = database._writer.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    steps: list[tuple[str, Awaitable[Any]]] = [
        ("pick", support.pick(database, stored, staff, ids[:20])),
        ("judge", replacing.judge(database, staff, ids[:5])),
        ("return", replacing.give_back(database, stored, ids[3:5])),
        ("hand over", support.pass_on(database, stored, ids[5:9], other)),
        ("recall", support.take_back(database, stored, ids[5:7])),
        ("trash", support.to_trash(database, stored, ids[7:9], force=True)),
        ("restore", support.from_trash(database, stored, ids[7:9])),
        ("unarchive", support.unarchive(database, stored, ids[:3])),
    ]
    for name, work in steps:
        step = name
        await work
    event.remove(engine, "before_cursor_execute", note)

    assert {name for name, _, _ in sent} == {name for name, _ in steps}
    async with database.write() as session:
        connection = await session.connection()
        for name, statement, parameters in sent:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plan = [str(tuple(row)[-1]) for row in rows]
            # A foreign key is looked up only while one is violated.
            if not statement.startswith("INSERT INTO operations"):
                through = ("SCAN customer_records", "SCAN replacements", *BY_STATE)
                assert not [line for line in plan if any(part in line for part in through)], (name, statement, plan)
