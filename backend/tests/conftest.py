"""Fixtures every test may use: settings, the running app, its database and an HTTP client.

`CRM_TEST_DATABASE=sqlite|postgresql` (or `--database`) says which database the run is for; the default is SQLite.
"""

import gc
import os
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import configure_mappers

from crm_boost.db.engine import Database
from crm_boost.kit.context import ActionContext, enter_context
from crm_boost.kit.garbage import spare_what_stays
from crm_boost.settings import DatabaseSettings, JobSettings, Settings
from tests.support.databases import KIND, KINDS, Provider, SqliteProvider, kind_wanted, open_provider


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=KINDS, default=None, help=f"which database (default: {KIND} or sqlite)")


def pytest_configure(config: pytest.Config) -> None:
    for name in list(os.environ):
        # The tests say themselves what the settings are; what the shell or `make` exports must not change them.
        if name in {"PORT", "DATA_DIR"} or (name.startswith("CRM_") and not name.startswith("CRM_TEST_")):
            del os.environ[name]
    if config.getoption("--database"):
        os.environ[KIND] = config.getoption("--database")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "sqlite_database" in getattr(item, "fixturenames", ()):
            item.add_marker("sqlite")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded now stays, so nobody looks for garbage among it, as in `crm-boost serve`: else that is a fifth of the
    time of all tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        spare_what_stays()
        gc.enable()


def pytest_report_header() -> str:
    return f"database: {kind_wanted()}"


@pytest.fixture(autouse=True)
def _nobody_acts() -> None:
    """Who acted in the test before does not act in this one."""
    enter_context(ActionContext())


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """Hands out clean databases to this worker."""
    with open_provider(kind_wanted(), tmp_path_factory.mktemp("template")) as provider:
        yield provider


@pytest.fixture(scope="session")
def _sqlite_files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Provider:
    if kind_wanted() == "sqlite":
        provider: Provider = request.getfixturevalue("databases")
        return provider
    return SqliteProvider(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
async def sqlite_database(_sqlite_files: Provider, tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite database, whichever database the run is for, without the app: for query plans. PostgreSQL chooses by its
    statistics, which bench scripts measure. Tests that use it run once (marker `sqlite`)."""
    from crm_boost.wiring import build_bus

    _sqlite_files.fresh(tmp_path / "data")
    opened = Database(Settings(data_dir=tmp_path / "data"), build_bus())
    yield opened
    await opened.dispose()


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a test: a data folder of its own and a clean, migrated database. Real commits; nothing is shared.

    Nothing runs by the clock while a test looks: tests of jobs start them themselves.
    """
    if request.node.get_closest_marker("pure"):
        pytest.fail("a test marked `pure` uses no database")
    databases: Provider = request.getfixturevalue("databases")
    data_dir = tmp_path / "data"
    url = databases.fresh(data_dir)
    return Settings(data_dir=data_dir, database=DatabaseSettings(url=url), jobs=JobSettings(enabled=False))


@pytest.fixture(scope="session")
def _create_app() -> Callable[[Settings], FastAPI]:
    # Imported here: tests of pure logic start sooner without the whole app.
    from crm_boost.app import create_app

    # What all tests share is made now, so that it is spared with the rest.
    create_app(Settings(data_dir=Path("never-opened")))
    configure_mappers()
    spare_what_stays()
    return create_app


@pytest.fixture
async def app(_create_app: Callable[[Settings], FastAPI], settings: Settings) -> AsyncIterator[FastAPI]:
    """The app as it is served, started and stopped around the test."""
    app = _create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def _database_alone(settings: Settings) -> AsyncIterator[Database]:
    from crm_boost.wiring import build_bus

    database = Database(settings, build_bus())
    yield database
    await database.dispose()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Database:
    """`async with database.read()` and `database.write()`: the running app's database, or, in a test without the app,
    one of its own that nothing else uses, with the same event handlers."""
    if "app" in request.fixturenames:
        running: Database = request.getfixturevalue("app").state.database
        return running
    alone: Database = request.getfixturevalue("_database_alone")
    return alone


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a session, straight into the app."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://crm.test") as client:
        yield client
