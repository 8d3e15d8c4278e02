"""Copies of a running database, and new databases from such copies (issue "Moving in and staying").

A copy is one consistent moment, taken beside the writers without stopping them: SQLite's online backup, or `pg_dump` in its
custom format. A restore only ever fills an empty place, so it cannot destroy anything: whoever wants to go back moves the
present database away first, or names another one.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from crm_boost.db.migrate import is_known, sync_url, upgrade


class BackupFailed(Exception):
    """A copy was not made or not restored; the message says why and what to do."""


def back_up(url: str, target: Path) -> None:
    """Write a copy of the database at `url` to the new file `target`, readable by its owner only.

    The file appears under its name when it is complete and has been checked. Raises `BackupFailed`.
    """
    if target.exists():
        raise BackupFailed(f"{target} exists already; a backup never replaces a file.")
    if not target.parent.is_dir():
        raise BackupFailed(f"There is no folder {target.parent}.")
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            _copy_sqlite(_sqlite_file(parsed), unfinished)
            _check_sqlite(unfinished)
        else:
            _run("pg_dump", parsed, "--format=custom", "--no-owner", "--no-privileges", "--file", str(unfinished))
            _run("pg_restore", parsed, "--list", str(unfinished))
        _make_durable(unfinished)
        unfinished.rename(target)
        _make_durable(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(url: str, source: Path) -> None:
    """Fill the empty database at `url` from a copy made by `back_up`, and bring it to the newest schema.

    Raises `BackupFailed`, and then has left nothing behind.
    """
    if not source.is_file():
        raise BackupFailed(f"There is no file {source}.")
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _restore_sqlite(_sqlite_file(parsed), source)
    else:
        _restore_postgresql(parsed, source)
    upgrade(url)


def _restore_sqlite(target: Path, source: Path) -> None:
    # A log left behind by another database would be taken for that of the new one.
    for present in (target, Path(f"{target}-wal"), Path(f"{target}-shm"), Path(f"{target}-journal")):
        if present.exists():
            raise BackupFailed(f"{present} exists. Stop the server and move it away, or choose another DATA_DIR.")
    _check_sqlite(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy_sqlite(source, unfinished)
        _make_durable(unfinished)
        unfinished.rename(target)
        _make_durable(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _restore_postgresql(parsed: URL, source: Path) -> None:
    engine = create_engine(sync_url(parsed.render_as_string(hide_password=False)))
    try:
        if inspect(engine).get_table_names():
            raise BackupFailed("The database is not empty. Create a new one and name it in CRM_DATABASE__URL.")
        _check_revision(_revision_of_dump(parsed, source))
        _run(
            "pg_restore",
            parsed,
            *("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"),
            *("--dbname", parsed.database or "", str(source)),
        )
    except OperationalError as error:
        raise BackupFailed("The database does not answer.") from error
    finally:
        engine.dispose()


def _revision_of_dump(parsed: URL, source: Path) -> str | None:
    """Read the schema's revision from a dump: the one row of the table that Alembic keeps."""
    script = _run("pg_restore", parsed, "--data-only", "--table=alembic_version", "--file=-", str(source))
    found = re.search(r"^COPY [^\n]*alembic_version[^\n]*\n(\S+)$", script, re.MULTILINE)
    return found[1] if found else None


def _sqlite_file(parsed: URL) -> Path:
    return Path(parsed.database or "")


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy in one step: it reads one snapshot, for which writers need not wait, and is not begun anew when they write."""
    if not source.is_file():
        raise BackupFailed(f"There is no database {source}.")
    try:
        with closing(_opened(source)) as reading, closing(sqlite3.connect(target)) as writing:
            reading.backup(writing, pages=-1)
    except sqlite3.Error as error:
        raise BackupFailed(f"{source} could not be copied: {error}.") from error


def _check_sqlite(file: Path) -> None:
    """Raise unless the file is a whole database of CRM Boost that this version understands."""
    try:
        with closing(_opened(file)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise BackupFailed(f"{file} is not a database of CRM Boost, or it is damaged: {error}.") from error
    if found != "ok":
        raise BackupFailed(f"{file} is damaged: {found}.")
    _check_revision(row[0] if row else None)


def _check_revision(revision: str | None) -> None:
    if revision is None or not is_known(revision):
        raise BackupFailed("This was not made by CRM Boost, or by a newer version; install that one first.")


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=20)


def _run(program: str, parsed: URL, *arguments: str) -> str:
    """Run a program of PostgreSQL and return what it printed. Where to connect goes through the environment: arguments are seen by every user."""
    found = shutil.which(program)
    if found is None:
        raise BackupFailed(f"{program} was not found. Install the client programs of PostgreSQL on this machine.")
    done = subprocess.run(  # noqa: S603 - found on the PATH, with arguments of our own
        [found, *arguments], env={**os.environ, **_connection(parsed)}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupFailed(f"{program} failed: {done.stderr.strip()}")
    return done.stdout


def _connection(parsed: URL) -> Mapping[str, str]:
    given = {
        "PGHOST": parsed.host,
        "PGPORT": str(parsed.port) if parsed.port else None,
        "PGUSER": parsed.username,
        "PGPASSWORD": str(parsed.password) if parsed.password else None,
        "PGDATABASE": parsed.database,
        "PGSSLMODE": parsed.query.get("sslmode"),
    }
    return {name: str(value) for name, value in given.items() if value}


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
