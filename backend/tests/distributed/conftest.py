"""Several processes on one PostgreSQL, and what its catalogue says. SQLite has one server process: nothing here is for it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from crm_boost.settings import AuthSettings, DatabaseSettings, JobSettings, Settings
from tests.support.databases import Provider, kind_wanted
from tests.support.live import LiveServer, serving

if kind_wanted() != "postgresql":
    collect_ignore_glob = ["test_*.py"]

TOKEN_REQUESTS = 12


@pytest.fixture(scope="module")
def settings(databases: Provider, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One database for all tests of a file: each makes people and things of its own."""
    data_dir = tmp_path_factory.mktemp("desk")
    return Settings(
        data_dir=data_dir,
        database=DatabaseSettings(url=databases.fresh(data_dir)),
        jobs=JobSettings(enabled=True),
        auth=AuthSettings(token_requests_per_minute=TOKEN_REQUESTS),
    )


@pytest.fixture(scope="module")
def servers(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, LiveServer]]:
    """Two processes of one desk."""
    logs = tmp_path_factory.mktemp("logs")
    own = {"CRM_AUTH__TOKEN_REQUESTS_PER_MINUTE": str(TOKEN_REQUESTS), "CRM_JOBS__LOOK_SECONDS": "0.2"}
    with ExitStack() as running, ThreadPoolExecutor() as starting:
        begun = [
            starting.submit(running.enter_context, serving(settings, logs / name, **own))
            for name in ("one.log", "two.log")
        ]
        one, two = (each.result() for each in begun)
        yield one, two
