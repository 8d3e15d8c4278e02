"""Going back to an older schema and up again costs nobody a row: what both schemas have is what it was."""

from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from crm_boost.app import create_app
from crm_boost.db.migrate import alembic_config, downgrade, is_current, sync_url, upgrade
from crm_boost.settings import DatabaseSettings, JobSettings, Settings
from tests.hardening.world import open_world
from tests.support.databases import Provider

pytestmark = pytest.mark.timeout(240)

ADDED_UP = {
    "omset_daily",
    "omset_monthly",
    "omset_staff_daily",
    "record_counts",
    "response_counts",
    "retention_counts",
    "retention_returns",
    "work_daily",
}
"""Sums of other rows, which an older schema may keep in another way."""

Rows = dict[str, list[dict[str, Any]]]


def _rows(engine: Engine) -> Rows:
    """Everything that is in the tables of this schema."""
    with engine.connect() as connection:
        tables = [
            name
            for name in inspect(connection).get_table_names()
            if name != "alembic_version" and not name.startswith("customer_records_search")
        ]
        found = {table: connection.execute(text(f"SELECT * FROM {table}")).mappings().all() for table in tables}
    return {table: [dict(row) for row in rows] for table, rows in found.items()}


def _lost(before: Rows, now: Rows) -> dict[str, Counter[str]]:
    """What is not there any more of tables and columns that both have."""
    found = {}
    for table in (before.keys() & now.keys()) - ADDED_UP:
        if not (before[table] or now[table]):
            continue
        both = sorted(before[table][0].keys() & now[table][0].keys()) if before[table] and now[table] else []
        gone = Counter(repr([row[name] for name in both]) for row in before[table])
        gone.subtract(repr([row[name] for name in both]) for row in now[table])
        if any(gone.values()):
            found[table] = gone
    return found


async def _work(url: str, data_dir: Path) -> None:
    """A desk on this database where somebody has something of every kind."""
    settings = Settings(data_dir=data_dir, database=DatabaseSettings(url=url), jobs=JobSettings(enabled=False))
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://crm.test") as client,
    ):
        await open_world(app, client, app.state.database)


async def test_rows_survive_the_way_back_and_up_again(databases: Provider, tmp_path: Path) -> None:
    with databases.empty(tmp_path) as url:
        upgrade(url)
        await _work(url, tmp_path / "data")
        scripts = ScriptDirectory.from_config(alembic_config(url))
        # Some steps at a time: that each leads back to the schema it came from is tested beside.
        older = [script.revision for script in scripts.walk_revisions()][1::6]
        engine = create_engine(sync_url(url))
        try:
            newest = now = _rows(engine)
            filled = {table for table, rows in newest.items() if rows}
            for revision in older:
                before = now
                downgrade(url, revision)
                now = _rows(engine)
                assert _lost(before, now) == {}, f"on the way back to {revision}"
            kept = {table for table in filled & now.keys() if now[table]}
            upgrade(url)
            assert is_current(url)
            assert _lost(now, _rows(engine)) == {}
        finally:
            engine.dispose()
    assert {"users", "customer_records", "record_history", "operations", "audit_log"} <= kept
    assert {"contacts", "omset_records", "reserved_members", "exports", "api_tokens", "follow_ups"} <= filled
