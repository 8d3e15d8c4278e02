"""The stamp script behind the Makefile runs a command again exactly when something it depends on has changed."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ONCE = Path(__file__).resolve().parents[3] / "scripts" / "once.py"


class Once:
    """A source folder, an output and the number of times the command has run."""

    def __init__(self, folder: Path) -> None:
        self.sources = folder / "sources"
        self.sources.mkdir()
        (self.sources / "a.txt").write_text("one")
        self.output = folder / "built"
        self.runs = folder / "runs"
        self.stamp = folder / "stamps" / "it"

    def __call__(self, command: str = "") -> int:
        script = command or f"echo x >> {self.runs}; touch {self.output}"
        arguments = [f"--stamp={self.stamp}", f"--input={self.sources}", "--exclude=*.log", f"--output={self.output}"]
        return subprocess.run([sys.executable, ONCE, *arguments, "--", "sh", "-c", script]).returncode

    @property
    def times(self) -> int:
        return len(self.runs.read_text().split()) if self.runs.exists() else 0


@pytest.fixture
def once(tmp_path: Path) -> Once:
    return Once(tmp_path)


def test_runs_the_first_time_and_not_the_second(once: Once) -> None:
    assert (once(), once()) == (0, 0)
    assert once.times == 1


def test_runs_again_when_a_source_changes(once: Once) -> None:
    once()
    (once.sources / "a.txt").write_text("two")
    once()
    assert once.times == 2


def test_runs_again_when_a_source_is_added(once: Once) -> None:
    once()
    (once.sources / "b.txt").write_text("")
    once()
    assert once.times == 2


def test_runs_again_when_the_output_is_gone(once: Once) -> None:
    once()
    once.output.unlink()
    once()
    assert once.times == 2


def test_leaves_excluded_names_and_mere_time_stamps_alone(once: Once) -> None:
    once()
    (once.sources / "noise.log").write_text("x")
    (once.sources / "a.txt").touch()
    once()
    assert once.times == 1


def test_a_failure_is_passed_on_and_tried_again(once: Once) -> None:
    assert once("exit 3") == 3
    assert not once.stamp.exists()
    assert once() == 0
    assert once.times == 1
