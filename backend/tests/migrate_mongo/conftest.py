"""What these tests share: one small dump, and importing a folder."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from crm_boost.db.engine import Database
from crm_boost.kit.clock import frozen
from crm_boost.migrate_mongo.service import Outcome, import_from
from crm_boost.migrate_mongo.sources import DumpSource
from crm_boost.settings import Settings
from tests.support.mongo_dump import NOON, Facts, Sizes, write_dump

SMALL = Sizes(records=330, deposits=150, staff=4, products=2, reservations=24, notifications=12)
Importing = Callable[..., Awaitable[Outcome]]


@pytest.fixture(scope="session")
def dump(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Facts]:
    """A small dump with all the mess; nobody changes it."""
    folder = tmp_path_factory.mktemp("dump") / "crm"
    return folder, write_dump(folder, SMALL)


@pytest.fixture
def importing(database: Database, settings: Settings) -> Importing:
    """Import a folder at noon of the day of the dump."""

    async def run(folder: Path, *, dry_run: bool = False) -> Outcome:
        with frozen(NOON):
            return await import_from(database, settings, DumpSource(folder), dry_run=dry_run)

    return run
