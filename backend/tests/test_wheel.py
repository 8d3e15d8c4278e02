"""The wheel alone is the whole product: installed somewhere else, it serves the web app and the API."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.wheel, pytest.mark.timeout(180)]

BACKEND = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the wheel installed; the packages it depends on are lent by this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(build, cwd=BACKEND, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")

    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    install = [sys.executable, "-m", "pip", f"--python={python}", "install", "--no-deps", "--no-index", str(wheel)]
    installed = subprocess.run(install, capture_output=True, text=True)
    assert installed.returncode == 0, installed.stderr
    own = next((folder / "venv" / "lib").glob("python*/site-packages"))
    lent = Path(pytest.__file__).resolve().parents[1]
    # A plain path line: unlike PYTHONPATH it does not run .pth files, so the editable install stays out of the way.
    (own / "lent.pth").write_text(f"{lent}\n")
    return python


@pytest.fixture(scope="module")
def address(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the installed `crm-boost serve` answers, started in an empty folder."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PORT": str(port)}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [python.parent / "crm-boost", "serve"], cwd=folder, env=environment, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            assert server.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            try:
                urllib.request.urlopen(f"{address}/api/ready", timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def _get(url: str) -> tuple[int, str, str]:
    request = urllib.request.Request(url, headers={"Accept": "text/html,*/*"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.status, response.headers["Content-Type"], response.read().decode()


def test_the_code_comes_from_the_wheel(python: Path) -> None:
    asked = subprocess.run(
        [python, "-c", "import crm_boost; print(crm_boost.__file__)"], capture_output=True, text=True, check=True
    )
    assert Path(asked.stdout.strip()).is_relative_to(python.parents[1])


def test_the_api_answers(address: str) -> None:
    status, kind, body = _get(f"{address}/api/health")

    assert (status, kind) == (200, "application/json")
    assert json.loads(body)["database"] == "connected"


def test_the_web_app_is_served_with_its_scripts(address: str) -> None:
    status, kind, page = _get(f"{address}/")
    scripts = re.findall(r'<script[^>]+src="([^"]+)"', page)

    assert (status, kind.partition(";")[0]) == (200, "text/html")
    assert scripts
    for script in scripts:
        assert _get(f"{address}{script}")[0] == 200


def test_a_page_address_leads_to_the_web_app(address: str) -> None:
    assert _get(f"{address}/databases")[2] == _get(f"{address}/")[2]
