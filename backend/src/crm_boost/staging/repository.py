"""All SQL on a copy that is being scrubbed: every table read once, in one transaction (ADR 44).

Rows are read through one connection and changed through another, so that keys may change while their table is read.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Table,
    bindparam,
    create_engine,
    delete,
    event,
    insert,
    select,
    text,
    update,
)

from crm_boost.db.metadata import load_metadata
from crm_boost.db.migrate import sync_url
from crm_boost.db.search_index import POSTGRESQL_REBUILD
from crm_boost.staging.pseudonyms import Pseudonyms
from crm_boost.staging.rules import EMPTIED, OF_A_RECORD, RECORDS, changes_of, check_all

_ROWS = 2000
_PASSED_ON_OUTSIDE = "telegram"
"""The setting that says where digests are sent."""
_MARK = "staging copy"

Row = dict[str, Any]


def scrub(url: str, pseudonyms: Pseudonyms) -> None:
    """Replace everything that says who somebody is. Raises `NoRule` before anything is changed."""
    metadata = load_metadata()
    check_all(metadata)
    engine = create_engine(sync_url(url), hide_parameters=True)
    try:
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        with engine.connect() as reading, engine.begin() as writing, _without_triggers(writing, metadata):
            for table in reversed(metadata.sorted_tables):
                if table.name in EMPTIED:
                    writing.execute(delete(table))
            for table in metadata.sorted_tables:
                if table.name not in EMPTIED:
                    _change(reading, writing, table, pseudonyms)
            settings, counters = metadata.tables["settings"], metadata.tables["counters"]
            writing.execute(delete(settings).where(settings.c.name == _PASSED_ON_OUTSIDE))
            writing.execute(insert(counters).values(name=_MARK, value=1))
        if engine.dialect.name == "postgresql":
            # Rows as they were are still in the files until then.
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM FULL"))
    finally:
        engine.dispose()


def _change(reading: Connection, writing: Connection, table: Table, pseudonyms: Pseudonyms) -> None:
    changes = changes_of(table)
    wanted = [*changes, *(OF_A_RECORD if table.name == RECORDS else ())]
    if not wanted:
        return
    keys = [column.name for column in table.primary_key]
    statement = (
        update(table)
        .where(*(table.c[key] == bindparam(f"old_{key}") for key in keys))
        .values({name: bindparam(f"new_{name}") for name in wanted})
    )
    read = select(*(table.c[name] for name in dict.fromkeys([*keys, *wanted])))
    rows = reading.execution_options(stream_results=True, yield_per=_ROWS).execute(read).mappings()
    for part in rows.partitions(_ROWS):
        writing.execute(
            statement, [_changed(dict(row), keys, changes, table.name == RECORDS, pseudonyms) for row in part]
        )


def _changed(
    row: Row,
    keys: list[str],
    changes: dict[str, Callable[[Pseudonyms, Any], Any]],
    is_record: bool,
    pseudonyms: Pseudonyms,
) -> Row:
    new = {name: None if row[name] is None else change(pseudonyms, row[name]) for name, change in changes.items()}
    if is_record:
        new |= pseudonyms.record(row)
    return {**{f"old_{key}": row[key] for key in keys}, **{f"new_{name}": value for name, value in new.items()}}


@contextmanager
def _without_triggers(writing: Connection, metadata: MetaData) -> Iterator[None]:
    """Triggers refuse changes of what only grows, and keep the search index row by row: here everything changes."""
    if writing.dialect.name == "postgresql":
        names = [writing.dialect.identifier_preparer.format_table(table) for table in metadata.sorted_tables]
        for name in names:
            writing.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
        yield
        for statement in POSTGRESQL_REBUILD:
            writing.exec_driver_sql(statement)
        for name in names:
            writing.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))
        return
    found = writing.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in found:
        writing.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    indexes = writing.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%USING fts5%'"))
    for (name,) in indexes.all():
        writing.exec_driver_sql(f"INSERT INTO {name}({name}) VALUES ('rebuild')")  # noqa: S608 - the schema's own names
    for _, definition in found:
        writing.exec_driver_sql(definition)


def _prepare_sqlite(engine: Engine) -> None:
    with engine.connect() as connection:
        # Readers go on reading what was there.
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "connect")
    def _no_wait_for_itself(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")


def write_compact(source: Path, target: Path) -> None:
    """Write a SQLite database anew, without anything that was ever deleted in it."""
    engine = create_engine(f"sqlite:///{source}")
    try:
        with engine.connect() as connection:
            connection.execute(text("VACUUM INTO :target"), {"target": str(target)})
    finally:
        engine.dispose()


def empty(url: str) -> None:
    """Take everything out of a PostgreSQL database that was empty before."""
    engine = create_engine(sync_url(url))
    try:
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    finally:
        engine.dispose()


def is_copy(url: str) -> bool:
    """Whether the database was made for staging."""
    metadata = load_metadata()
    counters = metadata.tables["counters"]
    engine = create_engine(sync_url(url))
    try:
        with engine.connect() as connection:
            return connection.scalar(select(counters.c.value).where(counters.c.name == _MARK)) is not None
    finally:
        engine.dispose()


def set_passwords(url: str, password_hash: str) -> list[tuple[str, str, str]]:
    """Give everybody who can sign in the same password; return one active person of each role: role, email, name."""
    users = load_metadata().tables["users"]
    engine = create_engine(sync_url(url))
    try:
        with engine.begin() as connection:
            connection.execute(update(users).values(password_hash=password_hash))
            rows = connection.execute(
                select(users.c.role, users.c.email, users.c.name)
                .where(users.c.is_active, users.c.deleted_at.is_(None))
                .order_by(users.c.role, users.c.created_at)
            ).all()
    finally:
        engine.dispose()
    first = {role: (role, email, name) for role, email, name in reversed(rows)}
    return [first[role] for role in sorted(first)]
