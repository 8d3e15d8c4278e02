"""Every revision leads up and back again, one step at a time, and what it leaves behind going back is what was there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from crm_boost.db.migrate import alembic_config, downgrade, sync_url, upgrade
from tests.support.databases import Provider

pytestmark = pytest.mark.timeout(240)

_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    " UNION SELECT proname, 'function' FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prolang <> 13",
}


@pytest.fixture
def empty_url(databases: Provider, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a single table."""
    with databases.empty(tmp_path) as url:
        yield url


def _schema(connection: Connection) -> set[tuple[str, ...]]:
    """Tables, columns, indexes, constraints, triggers: what there is, by name."""
    found = inspect(connection)
    schema: set[tuple[str, ...]] = set()
    for (_, table), columns in found.get_multi_columns().items():
        schema |= {(table, one["name"], str(one["type"]), str(one["nullable"])) for one in columns}
    for kind in (found.get_multi_indexes, found.get_multi_unique_constraints, found.get_multi_check_constraints):
        schema |= {(str(table), str(one["name"])) for (_, table), many in kind().items() for one in many}
    for (_, table), keys in found.get_multi_foreign_keys().items():
        schema |= {(str(table), str(key["name"]), key["referred_table"]) for key in keys}
    schema |= {tuple(map(str, row)) for row in connection.execute(text(_TRIGGERS[connection.dialect.name]))}
    return schema


def test_every_step_goes_up_and_back(empty_url: str) -> None:
    scripts = ScriptDirectory.from_config(alembic_config(empty_url))
    revisions = [script.revision for script in reversed(list(scripts.walk_revisions()))]
    engine = create_engine(sync_url(empty_url))
    try:
        seen = {}
        for revision in revisions:
            upgrade(empty_url, revision)
            with engine.connect() as connection:
                seen[revision] = _schema(connection)
        assert len(revisions) > 20
        for before, revision in zip(reversed(revisions[:-1]), reversed(revisions), strict=False):
            downgrade(empty_url, before)
            with engine.connect() as connection:
                assert _schema(connection) == seen[before], f"{revision} does not lead back to {before}"
    finally:
        engine.dispose()
