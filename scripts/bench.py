"""Runs the bench scripts: one per promise, named `bench/<n>-<name>`, where n is the number of the work that promised it.

python scripts/bench.py [n]

Each script prints lines `<id> <figure> <bound> ok|short`. This runner adds nothing to them but a closing line, and
fails when a line says short, when a script fails, or when one prints no such line at all.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINE = re.compile(r"^(?P<id>\S+) (?P<figure>\S+) (?P<bound>\S+) (?P<verdict>ok|short)$")


def scripts(root: Path, number: str | None) -> list[Path]:
    """The bench scripts of one number, or of all, in the order of number and name."""
    found = [path for path in (root / "bench").glob("[0-9]*-*") if path.suffix in {".py", ".sh"}]
    wanted = [path for path in found if number is None or path.name.split("-", 1)[0] == number]
    return sorted(wanted, key=lambda path: (int(path.name.split("-", 1)[0]), path.name))


def run(root: Path, script: Path) -> tuple[int, int, bool]:
    """Run one script and pass its output on; answers how many lines were ok, how many short, and whether it failed."""
    command = [sys.executable, str(script)] if script.suffix == ".py" else ["bash", str(script)]
    path = os.pathsep.join(filter(None, [str(root / "backend"), str(root), os.environ.get("PYTHONPATH", "")]))
    verdicts = {"ok": 0, "short": 0}
    with subprocess.Popen(
        command, cwd=root, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if match := LINE.match(line.strip()):
                verdicts[match["verdict"]] += 1
    return verdicts["ok"], verdicts["short"], process.returncode != 0


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Run the scripts asked for; 0 when every promise is kept."""
    chosen = scripts(root, arguments[0] if arguments else None)
    if not chosen:
        print("there is no such bench script")
        return 2
    kept = short = 0
    broken: list[str] = []
    for script in chosen:
        print(f"# {script.relative_to(root)}", flush=True)
        ok, less, failed = run(root, script)
        kept, short = kept + ok, short + less
        if not ok + less:
            broken.append(f"{script.name} measured nothing")
        elif failed and not less:
            broken.append(f"{script.name} failed")
    for complaint in broken:
        print(f"# {complaint}")
    print(f"# {kept} kept, {short} short")
    return 1 if short or broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
