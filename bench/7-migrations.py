"""Promise: a desk of any released schema with 1,000,000 records and 1,000,000 deposits is at the newest schema within 60 s,
and the way back works.

On SQLite and on PostgreSQL. Every fifth record has been handed out, with its history; each has its key. The deposits are put
in where the schema has a ledger and the steps that read it are still to come: what is timed is the sum of all steps, so no
schema in between can take longer.
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
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, Table, create_engine, func, insert, select

from bench.support import KINDS, Report, sized
from crm_boost.db.migrate import alembic_config, downgrade, is_current, sync_url, upgrade
from tests.support import postgres

FIRST = "0001"
LEDGER = "0009"
"""The last schema before something is made of all deposits."""
RECORDS = sized(1_000_000)
DEPOSITS = sized(1_000_000)
CUSTOMERS = DEPOSITS // 10
STAFF = 20
DAYS = 400
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


_NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})",
    "postgresql": "WITH numbers(n) AS (SELECT generate_series(0, {last}))",
}
_DAY = {"sqlite": "date('2025-01-01', '+' || ({day}) || ' days')", "postgresql": "DATE '2025-01-01' + ({day})"}
_ADDED_UP = ", ".join(
    f"sum(CASE WHEN customer_type = '{kind}' THEN {what} ELSE 0 END)"
    for what in ("1", "nominal", "total")
    for kind in ("NDP", "RDP")
)
_LEDGER = (
    """INSERT INTO users (id, email, email_key, name, role, password_hash, is_active, blocked_pages, language, theme, created_at)
       {numbers} SELECT 's' || n, 's' || n, 's' || n, 'S', 'staff', '-', true, '[]', 'en', 'system', '2025-01-01 00:00:00'
       FROM numbers WHERE n < {staff}""",
    """INSERT INTO omset_records (id, staff_id, product_id, record_date, customer_id, customer_key, customer_name, nominal,
           multiplier, total, note, tambahan, status, customer_type, possible_duplicate, created_at, created_by_name, version)
       {numbers} SELECT 'd' || n, 's' || (n % {customers} % {staff}), 'product', {day}, 'c' || (n % {customers}),
           'c' || (n % {customers}), 'C', 1000, 100, 1000, '', n % 50 = 49, 'approved',
           CASE WHEN n < {customers} THEN 'NDP' ELSE 'RDP' END, false, '2025-01-01 00:00:00', 'S', 1 FROM numbers""",
    """INSERT INTO omset_events (deposit_id, at, actor_name, kind, to_status, detail, correlation_id)
       {numbers} SELECT 'd' || n, '2025-01-01 00:00:00', 'S', 'book', 'approved', '{{}}', 'c' FROM numbers""",
    """INSERT INTO omset_keys (staff_id, customer_key, product_id, first_date, last_date, forms)
       SELECT staff_id, customer_key, product_id, min(record_date), max(record_date), count(*) FROM omset_records
       GROUP BY staff_id, customer_key, product_id""",
    f"""INSERT INTO omset_daily (record_date, staff_id, product_id, ndp_forms, rdp_forms, ndp_nominal, rdp_nominal, ndp_total,
           rdp_total, ndp, rdp)
       SELECT record_date, staff_id, product_id, {_ADDED_UP}, 0, 0 FROM omset_records
       GROUP BY record_date, staff_id, product_id""",
)


def fill_ledger(engine: Engine) -> None:
    """Deposits of customers who come ten times each, over the days; their history, keys and days."""
    kind = engine.dialect.name
    day = _DAY[kind].format(day=f"(n % {CUSTOMERS} * 7 + n / {CUSTOMERS} * 37) % {DAYS}")
    numbers = _NUMBERS[kind].format(last=DEPOSITS - 1)
    with engine.begin() as connection:
        for statement in _LEDGER:
            worded = statement.format(numbers=numbers, day=day, customers=CUSTOMERS, staff=STAFF)
            if kind == "postgresql":
                # Its instants and its JSON are no texts.
                worded = worded.replace("'2025-01-01 00:00:00'", "TIMESTAMPTZ '2025-01-01 00:00:00+00'")
                worded = worded.replace("'[]'", "'[]'::jsonb").replace("'{}'", "'{}'::jsonb")
            connection.exec_driver_sql(worded.replace("%", "%%") if kind == "postgresql" else worded)


def count(engine: Engine, table: str) -> float:
    """Return how many rows a table has."""
    schema = MetaData()
    schema.reflect(engine, only=[table])
    with engine.connect() as connection:
        return float(connection.scalar(select(func.count()).select_from(schema.tables[table])) or 0)


def timed(work: Any, *arguments: Any) -> float:
    """Seconds that a piece of work takes."""
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def steps(url: str, revisions: list[str]) -> tuple[dict[str, float], float]:
    """Go up one revision after the other; return the seconds of each, and those of the processor in this process."""
    busy = time.process_time()
    return {revision: timed(upgrade, url, revision) for revision in revisions}, time.process_time() - busy


def main() -> int:
    """Fill the first schema and the ledger, go up, go back, and count."""
    report = Report()
    for kind in KINDS:
        with empty(kind) as url:
            scripts = ScriptDirectory.from_config(alembic_config(url))
            known = [script.revision for script in reversed(list(scripts.walk_revisions()))]
            ledger = known.index(LEDGER) + 1
            upgrade(url, FIRST)
            engine = create_engine(sync_url(url))
            filled = timed(fill, engine)
            took, busy = steps(url, known[1:ledger])
            filled += timed(fill_ledger, engine)
            later, more = steps(url, known[ledger:])
            took |= later
            report.at_most(f"migrations-{kind}-up", sum(took.values()), BOUND_SECONDS, "s")
            report.at_least(f"migrations-{kind}-at-head", float(is_current(url)), 1)
            down = timed(downgrade, url, LEDGER)
            report.at_least(
                f"migrations-{kind}-deposits-after-the-way-back", count(engine, "omset_records"), DEPOSITS, ""
            )
            down += timed(downgrade, url, FIRST)
            report.at_least(
                f"migrations-{kind}-records-after-the-way-back", count(engine, "customer_records"), RECORDS, ""
            )
            slowest = sorted(took.items(), key=lambda step: -step[1])[:4]
            slow = ", ".join(f"{revision} {seconds:.1f} s" for revision, seconds in slowest)
            report.note(f"{kind}: filled in {filled:.0f} s, slowest steps {slow}, back in {down:.1f} s")
            if kind == "sqlite":
                report.note(f"{kind}: {busy + more:.1f} s of the processor on the way up")
            engine.dispose()
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
