"""The bench runner fails when a promise is short, when a script breaks, and when nothing was measured."""

from pathlib import Path

import pytest

from scripts.bench import main

pytestmark = pytest.mark.pure

KEPT = "print('import.csv 2.4x >=2x ok')"
SHORT = "print('import.xlsx 3.1x >=4x short')"


def bench(root: Path, **scripts: str) -> Path:
    (root / "bench").mkdir()
    for name, source in scripts.items():
        (root / "bench" / f"{name.removeprefix('n').replace('_', '-')}.py").write_text(source)
    return root


def test_kept_promises_are_a_success(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([], bench(tmp_path, n1_imports=KEPT)) == 0
    assert "import.csv 2.4x >=2x ok\n" in capfd.readouterr().out


@pytest.mark.parametrize(
    "source", [SHORT, f"{KEPT}\n{SHORT}", f"{KEPT}\nraise SystemExit(1)", "print('all is well')", ""]
)
def test_everything_else_is_a_failure(tmp_path: Path, source: str) -> None:
    assert main([], bench(tmp_path, n1_imports=source)) == 1


def test_only_the_number_asked_for_is_run(tmp_path: Path) -> None:
    root = bench(tmp_path, n1_imports=KEPT, n2_deposits=SHORT, n12_other=SHORT)

    assert main(["1"], root) == 0
    assert main(["2"], root) == 1


def test_a_number_without_a_script_is_a_failure(tmp_path: Path) -> None:
    assert main(["7"], bench(tmp_path, n1_imports=KEPT)) == 2
