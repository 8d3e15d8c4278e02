"""`crm-boost import-mongo`, as a person calls it."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from crm_boost.cli import cli
from crm_boost.settings import Settings
from tests.support.mongo_dump import Facts


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("CRM_DATABASE__URL", settings.database_url)


@pytest.mark.usefixtures("environment")
def test_a_dry_run_says_what_would_come_of_it(dump: tuple[Path, Facts], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = CliRunner().invoke(cli, ["import-mongo", str(dump[0]), "--dry-run", "--report", str(report)])
    assert done.exit_code == 0, done.output
    assert "Dry run: nothing was written to the desk." in done.output
    assert "there is an earlier deposit of this customer, product and staff" in done.output
    found = orjson.loads(report.read_bytes())
    assert found["collections"]["omset_records"]["read"] == dump[1].documents["omset_records"]
    assert "member000" not in done.output


@pytest.mark.usefixtures("environment")
def test_what_is_no_dump_is_told_in_one_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["import-mongo", str(tmp_path / "missing")])
    assert done.exit_code == 1
    assert "There is no folder" in done.output


_ASK = """
import asyncio, sys
from crm_boost.migrate_mongo.sources import ServerSource, SourceFailed

async def ask() -> None:
    async with ServerSource(sys.argv[1]) as source:
        try:
            await source.collections()
        except SourceFailed as error:
            print(error)

asyncio.run(ask())
"""


def test_a_server_that_does_not_answer_is_told_without_the_password() -> None:
    # In a process of its own: the driver leaves attempts to connect behind. Nothing listens on port 1.
    address = "mongodb://reader:secret@127.0.0.1:1/crm?serverSelectionTimeoutMS=50"
    done = subprocess.run([sys.executable, "-c", _ASK, address], capture_output=True, text=True, check=True)
    assert "MongoDB does not answer" in done.stdout
    assert "secret" not in done.stdout + done.stderr
