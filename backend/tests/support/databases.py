"""A clean, fully migrated database for every test, quickly, on SQLite and on PostgreSQL.

Tests commit for real, as production does (docs/adr/0018): what happens at and after a commit, between several
connections and between processes is tested too. Alembic migrates once per worker. On SQLite each test gets a copy of
that file; on PostgreSQL each worker has a database that is emptied before each test.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import LiteralString, Protocol

import psycopg
from psycopg import sql

from crm_boost.db.migrate import upgrade
from tests.support import postgres

KIND = "CRM_TEST_DATABASE"
KINDS = ("sqlite", "postgresql")


class Provider(Protocol):
    """Hands out clean databases."""

    kind: str

    def empty(self, folder: Path) -> AbstractContextManager[str]:
        """The URL of a database without a single table, for tests of the migrations themselves."""

    def fresh(self, data_dir: Path) -> str | None:
        """An empty, migrated database for one test: its URL, or None for the SQLite file in `data_dir`."""


def kind_wanted() -> str:
    """Which database this run is for."""
    kind = os.environ.get(KIND, "sqlite")
    if kind not in KINDS:
        raise ValueError(f"{KIND} is {kind!r}; it may be {' or '.join(KINDS)}")
    return kind


@contextmanager
def open_provider(kind: str, folder: Path) -> Iterator[Provider]:
    """The provider of this worker; `folder` is for its files."""
    if kind == "sqlite":
        yield SqliteProvider(folder)
        return
    # A server for each worker: a transaction that another worker holds open would hold back what readers of the outbox
    # may see, because PostgreSQL counts transactions per server and not per database.
    with postgres.running() as server_url, _own_database(server_url) as url:
        provider = PostgresProvider(server_url, url)
        try:
            yield provider
        finally:
            provider.close()


class SqliteProvider:
    """Copies a migrated file: about a millisecond."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        upgrade(f"sqlite+aiosqlite:///{self._template}")

    def fresh(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._template, data_dir / "crm-boost.db")

    def empty(self, folder: Path) -> AbstractContextManager[str]:
        return nullcontext(f"sqlite+aiosqlite:///{folder / 'empty' / 'crm-boost.db'}")


class PostgresProvider:
    """Empties one migrated database before each test.

    TRUNCATE makes new files for every table and index, hundreds of them; most tests leave a few rows in a few tables.
    So rows are deleted, past triggers and foreign keys, and every so often all tables are truncated: what was deleted
    would be read over and would mislead the planner.
    """

    kind = "postgresql"
    _TRUNCATE_EVERY = 50

    def __init__(self, server_url: str, url: str) -> None:
        self._server_url = server_url
        self._url = url
        upgrade(url)
        self._janitor = psycopg.connect(url, autocommit=True)
        self._janitor.execute("SET lock_timeout = '20s'")
        self._janitor.execute("SET session_replication_role = replica")
        self._tables = self._all_tables()
        self._given = 0

    def fresh(self, data_dir: Path) -> str:
        data_dir.mkdir(parents=True, exist_ok=True)
        names = sql.SQL(", ").join(map(sql.Identifier, self._tables))
        if self._given % self._TRUNCATE_EVERY == 0:
            self._janitor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
        else:
            with self._janitor.transaction():
                # Waits, as TRUNCATE does, for whoever the test before has left behind.
                self._janitor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))
                for table in self._filled():
                    self._janitor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                self._janitor.execute(
                    "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"
                    " JOIN pg_class c ON c.oid = seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                    " WHERE n.nspname = 'public'"
                )
        self._given += 1
        return self._url

    def empty(self, folder: Path) -> AbstractContextManager[str]:
        return _own_database(self._server_url)

    def close(self) -> None:
        """Give up the connection that empties."""
        self._janitor.close()

    def _all_tables(self) -> list[str]:
        """Every table but that of the migrations; what the migrations themselves put in must not be lost."""
        found = self._janitor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'"
            " ORDER BY c.relname"
        )
        self._tables = [str(name) for (name,) in found]
        if filled := self._filled():
            raise RuntimeError(f"the migrations fill {filled}; emptying them between tests would lose those rows")
        return self._tables

    def _filled(self) -> list[str]:
        """The tables with rows in them."""
        asked = [
            sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})").format(sql.Literal(table), sql.Identifier(table))
            for table in self._tables
        ]
        return [str(name) for (name,) in self._janitor.execute(sql.SQL(" UNION ALL ").join(asked))]


@contextmanager
def _own_database(server_url: str) -> Iterator[str]:
    """A new database on that server, as a plain `postgresql://` URL; it is dropped at the end."""
    name = f"crm_test_{uuid.uuid4().hex[:12]}"
    head, _, query = server_url.partition("?")
    _administer(server_url, "CREATE DATABASE {}", name)
    try:
        yield f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
    finally:
        _administer(server_url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _administer(server_url: str, statement: LiteralString, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
