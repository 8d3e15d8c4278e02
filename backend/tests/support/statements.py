"""Counts the SQL statements of a block: a list endpoint has a budget that does not grow with its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import event

from crm_boost.db.engine import Database

# What runs beside the test (the outbox relay, the activity recorder) has a context of its own and is not counted.
_recording: ContextVar[list[str] | None] = ContextVar("recording", default=None)


@contextmanager
def recorded_statements(database: Database) -> Iterator[list[str]]:
    """The statements that the block sends, and the tasks it starts (transaction control is left out)."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if _recording.get() is statements and not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    engines = [engine.sync_engine for engine in database.engines]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    token = _recording.set(statements)
    try:
        yield statements
    finally:
        _recording.reset(token)
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
