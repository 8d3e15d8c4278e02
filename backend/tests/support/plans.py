"""How SQLite would answer what a read sends: its plans, one text per statement."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event

from crm_boost.databases.states import RecordState
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession

Read = Callable[[ReadSession], Awaitable[Any]]

BY_STATE = tuple(f"ix_customer_records_{state}" for state in RecordState)
"""The indexes that lead to all records of a state."""


async def plans_of(database: Database, read: Read) -> list[str]:
    """Run `read` and return the plan of every statement it sent."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append((statement, parameters))

    engine = database._reader.sync_engine
    async with database.read() as session:
        event.listen(engine, "before_cursor_execute", note)
        try:
            await read(session)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        connection = await session.connection()
        plans = []
        for statement, parameters in sent:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append("\n".join(str(tuple(row)[-1]) for row in rows))
    return plans
