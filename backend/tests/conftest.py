"""Fixtures every test may use: settings, the running app, its database and an HTTP client.

`CRM_TEST_DATABASE=sqlite|postgresql` (or `--database`) says which database the run is for; the default is SQLite.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from crm_boost.app import create_app
from crm_boost.db.engine import Database
from crm_boost.settings import DatabaseSettings, Settings
from tests.support import postgres
from tests.support.databases import KIND, KINDS, POSTGRES_URL, Provider, drop_template, kind_wanted, open_provider

RUN_FOLDER = "CRM_TEST_RUN_FOLDER"

_server = pytest.StashKey[postgres.Server]()
_made_here = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=KINDS, default=None, help=f"which database (default: {KIND} or sqlite)")


def pytest_configure(config: pytest.Config) -> None:
    """The main process makes what all workers share: the run's folder and, if wanted, the PostgreSQL server."""
    for name in list(os.environ):
        # The tests say themselves what the settings are; what the shell or `make` exports must not change them.
        if name in {"PORT", "DATA_DIR"} or (name.startswith("CRM_") and not name.startswith("CRM_TEST_")):
            del os.environ[name]
    if hasattr(config, "workerinput"):
        return
    if config.getoption("--database"):
        os.environ[KIND] = config.getoption("--database")
    folder = Path(tempfile.mkdtemp(prefix="crm-test-"))
    config.stash[_made_here] = folder
    os.environ[RUN_FOLDER] = str(folder)
    collects_only = config.getoption("collectonly", False)
    if kind_wanted() == "postgresql" and POSTGRES_URL not in os.environ and not collects_only:
        server = postgres.start()
        config.stash[_server] = server
        os.environ[POSTGRES_URL] = server.url


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(_server, None):
        server.stop()
        os.environ.pop(POSTGRES_URL, None)
    if folder := config.stash.get(_made_here, None):
        if POSTGRES_URL in os.environ and kind_wanted() == "postgresql":
            drop_template(os.environ[POSTGRES_URL], folder)
        shutil.rmtree(folder, ignore_errors=True)


def pytest_report_header() -> str:
    return f"database: {kind_wanted()}"


@pytest.fixture(scope="session")
def databases(worker_id: str) -> Iterator[Provider]:
    """Hands out clean databases to this worker."""
    provider = open_provider(kind_wanted(), Path(os.environ[RUN_FOLDER]), worker_id)
    yield provider
    provider.close()


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a test: a data folder of its own and a clean, migrated database. Real commits; nothing is shared."""
    if request.node.get_closest_marker("pure"):
        pytest.fail("a test marked `pure` uses no database")
    databases: Provider = request.getfixturevalue("databases")
    data_dir = tmp_path / "data"
    return Settings(data_dir=data_dir, database=DatabaseSettings(url=databases.fresh(data_dir)))


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The app as it is served, started and stopped around the test."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def database(app: FastAPI) -> Database:
    """The running app's database: `async with database.read()` and `database.write()`."""
    found: Database = app.state.database
    return found


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a session, straight into the app."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://crm.test") as client:
        yield client
