"""Promise: a desk of the first released schema with 1,000,000 records is at the newest schema within 60 s, and the way
back works.

On SQLite and on PostgreSQL. Every fifth record has been handed out, with its history; each has its key.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, MetaData, Table, create_engine, func, insert, select

from bench.support import KINDS, Report, sized
from crm_boost.db.migrate import downgrade, is_current, sync_url, upgrade
from tests.support import postgres

FIRST = "0001"
RECORDS = sized(1_000_000)
CHUNK = 20_000
HANDED_OUT = 5
BOUND_SECONDS = 60.0
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def empty(kind: str) -> Iterator[str]:
    """The URL of an empty database."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite+aiosqlite:///{Path(folder) / 'crm-boost.db'}"
    else:
        with postgres.running() as url:
            yield url


def put(engine: Engine, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows; what the table of that revision does not have is left out."""
    known = set(table.columns.keys())
    with engine.begin() as connection:
        for start in range(0, len(rows), CHUNK):
            chunk = [{k: v for k, v in row.items() if k in known} for row in rows[start : start + CHUNK]]
            connection.execute(insert(table), chunk)


def fill(engine: Engine) -> None:
    """A product, a staff, a database, its records and what happened to them."""
    schema = MetaData()
    schema.reflect(engine)
    tables = schema.tables
    # Reflected types of one dialect take texts where the models take values.
    is_sqlite = engine.dialect.name == "sqlite"

    def at(hours: int) -> Any:
        instant = _BEGAN + timedelta(hours=hours)
        return instant.replace(tzinfo=None) if is_sqlite else instant

    def stored(value: Any) -> Any:
        return value if "JSON" in str(tables["databases"].c.columns.type) else orjson.dumps(value).decode()

    who = {"id": "staff", "email": "a@example.test", "email_key": "a@example.test", "name": "A", "role": "staff"}
    put(engine, tables["users"], [{**who, "password_hash": "-", "blocked_pages": stored([]), "created_at": at(0),
                                   "is_active": True, "language": "en", "theme": "system"}])  # fmt: skip
    put(engine, tables["products"], [{"id": "product", "name": "P", "name_key": "p", "description": "",
                                      "is_active": True, "created_at": at(0)}])  # fmt: skip
    put(engine, tables["databases"], [{
        "id": "database", "module": "memberwd", "product_id": "product", "name": "D", "description": "",
        "filename": "d.csv", "file_hash": "d", "state": "ready", "columns": stored(["username", "name", "phone"]),
        "mapping": stored({"username": 0, "name": 1, "phone": 2}), "first_seq": 1, "last_seq": RECORDS,
        "uploaded_at": at(0), "uploaded_by_name": "A",
    }])  # fmt: skip
    put(engine, tables["operations"], [{"seq": n + 1, "id": f"operation{n}", "kind": "assign", "module": "memberwd",
        "database_id": "database", "at": at(n), "actor_name": "A", "correlation_id": "c", "detail": stored({})}
        for n in range(200)])  # fmt: skip
    for first in range(0, RECORDS, CHUNK):
        numbers = range(first + 1, min(first + CHUNK, RECORDS) + 1)
        put(engine, tables["customer_records"], [_record(n, at) for n in numbers])
        put(engine, tables["record_keys"], [{"customer_key": f"customer{n}", "record_seq": n, "product_id": "product"}
                                            for n in numbers])  # fmt: skip
        put(engine, tables["record_history"], [
            {"operation_seq": n % 200 + 1, "record_seq": n, "from_state": "available", "to_state": "assigned",
             "to_holder": "staff"} for n in numbers if n % HANDED_OUT == 0])  # fmt: skip


def _record(number: int, at: Any) -> dict[str, Any]:
    held = number % HANDED_OUT == 0
    return {
        "seq": number, "id": f"r{number}", "database_id": "database", "product_id": "product", "row_number": number,
        "row_data": f'["customer{number}","Person {number}","0812{number:07d}"]', "customer_key": f"customer{number}",
        "display_name": f"Person {number}", "phone": f"0812{number:07d}", "phone_e164": f"+62812{number:07d}",
        "search_text": f"customer{number}\nperson {number}\n0812{number:07d}",
        "state": "assigned" if held else "available", "assigned_to": "staff" if held else None,
        "assigned_at": at(number % 200) if held else None, "deal_rank": number,
    }  # fmt: skip


def timed(work: Any, *arguments: Any) -> float:
    """Seconds that a piece of work takes."""
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def main() -> int:
    """Fill the first schema, go up, go back to it, and count."""
    report = Report()
    for kind in KINDS:
        with empty(kind) as url:
            upgrade(url, FIRST)
            engine = create_engine(sync_url(url))
            filled = timed(fill, engine)
            up = timed(upgrade, url)
            report.at_most(f"migrations-{kind}-up", up, BOUND_SECONDS, "s")
            report.at_least(f"migrations-{kind}-at-head", float(is_current(url)), 1)
            down = timed(downgrade, url, FIRST)
            schema = MetaData()
            schema.reflect(engine, only=["customer_records"])
            with engine.connect() as connection:
                left = connection.scalar(select(func.count()).select_from(schema.tables["customer_records"])) or 0
            report.at_least(f"migrations-{kind}-records-after-the-way-back", float(left), float(RECORDS), "")
            report.note(f"{kind}: filled in {filled:.0f} s, back in {down:.1f} s")
            engine.dispose()
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
