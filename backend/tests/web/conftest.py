"""Fixtures of the HTTP tests: a built web app, and a server process with its log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_boost.settings import Settings
from tests.support.live import LiveServer, serving


@pytest.fixture
def built_web_app(tmp_path: Path) -> Path:
    """A folder that looks like a built web app, beside a file that nobody may read."""
    folder = tmp_path / "web_app"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>CRM Boost</title>")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "index-4f2a.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "climbs.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
def live(settings: Settings, tmp_path: Path, built_web_app: Path) -> Iterator[LiveServer]:
    """A real server process on the test's database."""
    with serving(settings, tmp_path / "server.log", CRM_WEB_APP_DIR=str(built_web_app)) as server:
        yield server
