"""A clean, fully migrated database for every test, quickly, on SQLite and on PostgreSQL.

Tests commit for real, as production does (docs/adr): so that what happens at and after a commit, between several
connections and between processes is tested too. Alembic migrates once per run. On SQLite each test gets a copy of that
file; on PostgreSQL each worker gets a database made from that template, emptied before each test.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString, Protocol

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from crm_boost.db.migrate import upgrade

KIND = "CRM_TEST_DATABASE"
POSTGRES_URL = "CRM_TEST_POSTGRES_URL"
KINDS = ("sqlite", "postgresql")

_DROP: LiteralString = "DROP DATABASE IF EXISTS {} WITH (FORCE)"


class Provider(Protocol):
    """Hands out clean databases."""

    kind: str

    def fresh(self, data_dir: Path) -> str | None:
        """An empty, migrated database for one test: its URL, or None for the SQLite file in `data_dir`."""

    def close(self) -> None:
        """Remove what only this worker used."""


def kind_wanted() -> str:
    """Which database this run is for."""
    kind = os.environ.get(KIND, "sqlite")
    if kind not in KINDS:
        raise ValueError(f"{KIND} is {kind!r}; it may be {' or '.join(KINDS)}")
    return kind


def open_provider(kind: str, run_folder: Path, worker: str) -> Provider:
    """The provider of this worker. `run_folder` is shared by all workers of the run."""
    if kind == "sqlite":
        return SqliteProvider(run_folder)
    return PostgresProvider(os.environ[POSTGRES_URL], run_folder, worker)


@contextmanager
def _first_come(run_folder: Path, what: str) -> Iterator[bool]:
    """True for the one worker that has to make `what`; the others wait until it is made."""
    done = run_folder / f"{what}.done"
    with (run_folder / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        first = not done.exists()
        yield first
        done.touch()


class SqliteProvider:
    """Copies a migrated file: about a millisecond."""

    kind = "sqlite"

    def __init__(self, run_folder: Path) -> None:
        self._template = run_folder / "template.db"
        with _first_come(run_folder, "sqlite") as first:
            if first:
                upgrade(f"sqlite+aiosqlite:///{self._template}")

    def fresh(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._template, data_dir / "crm-boost.db")

    def close(self) -> None:
        """The files lie in pytest's temporary folders."""


class PostgresProvider:
    """Makes one database per worker from a migrated template and empties it before each test."""

    kind = "postgresql"

    def __init__(self, server_url: str, run_folder: Path, worker: str) -> None:
        self._server_url = server_url
        self._name = _name(run_folder, worker)
        template = _name(run_folder, "template")
        with _first_come(run_folder, "postgresql") as first:
            if first:
                _administer(server_url, "CREATE DATABASE {}", template)
                upgrade(_sqlalchemy_url(server_url, template))
        _administer(server_url, "CREATE DATABASE {} TEMPLATE {}", self._name, template)
        self._url = _sqlalchemy_url(server_url, self._name)
        self._janitor = psycopg.connect(make_conninfo(server_url, dbname=self._name), autocommit=True)
        self._janitor.execute("SET lock_timeout = '20s'")
        self._empty = self._emptying_statement()

    def fresh(self, data_dir: Path) -> str:
        data_dir.mkdir(parents=True, exist_ok=True)
        self._janitor.execute(self._empty)
        return self._url

    def close(self) -> None:
        self._janitor.close()
        _administer(self._server_url, _DROP, self._name)

    def _emptying_statement(self) -> sql.Composed:
        """One statement for all tables; what the migrations themselves put in must not be lost."""
        tables = [
            str(name)
            for (name,) in self._janitor.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'"
                " ORDER BY c.relname"
            )
        ]
        for table in tables:
            found = self._janitor.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone()
            if found:
                raise RuntimeError(f"the migrations fill {table!r}; emptying it between tests would lose those rows")
        names = sql.SQL(", ").join(map(sql.Identifier, tables))
        return sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names)


def drop_template(server_url: str, run_folder: Path) -> None:
    """Leave a server that was lent to the tests as it was found."""
    _administer(server_url, _DROP, _name(run_folder, "template"))


def _name(run_folder: Path, suffix: str) -> str:
    run = "".join(letter for letter in run_folder.name.lower() if letter.isalnum())
    return f"crm_test_{run}_{suffix}"


def _administer(server_url: str, statement: LiteralString, *names: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _sqlalchemy_url(server_url: str, database: str) -> str:
    head, _, query = server_url.partition("?")
    base = head.rsplit("/", 1)[0].replace("postgresql://", "postgresql+psycopg://", 1)
    return f"{base}/{database}" + (f"?{query}" if query else "")
