#!/usr/bin/env python3
"""Run a command only when what it depends on has changed: by content, not by time stamps, so a fresh clone is right too.

    once.py --stamp FILE --input PATH... [--exclude NAME...] [--output PATH...] -- COMMAND...

The command runs when an output is missing or when the inputs, the command or the stamp differ from the last success.
Needs nothing but the standard library: it runs before the virtual environment exists.
"""

import argparse
import fnmatch
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ALWAYS_EXCLUDED = {"__pycache__", "node_modules", ".git", ".DS_Store"}


def files_below(path: Path, excluded: set[str]) -> list[Path]:
    """Every file at or below `path`, in a stable order; names that match an excluded pattern are left out."""

    def kept(names: list[str]) -> list[str]:
        return sorted(name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in excluded))

    if path.is_file():
        return [path]
    found: list[Path] = []
    for folder, folders, names in os.walk(path):
        folders[:] = kept(folders)
        found.extend(Path(folder, name) for name in kept(names))
    return found


def fingerprint(inputs: list[str], excluded: set[str], command: list[str]) -> str:
    """A digest of the names and contents of all input files, the command and the Python that runs it."""
    digest = hashlib.sha256(repr((command, sys.version_info[:3])).encode())
    for given in inputs:
        path = Path(given)
        if not path.exists():
            digest.update(f"missing {given}\n".encode())
            continue
        for file in files_below(path, excluded):
            digest.update(f"{file.as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Split our own options from the command after `--`."""
    if "--" not in arguments:
        raise SystemExit("once.py: the command is missing (give it after --)")
    cut = arguments.index("--")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stamp", required=True, type=Path)
    parser.add_argument("--input", required=True, nargs="+")
    parser.add_argument("--exclude", nargs="*", default=[])
    parser.add_argument("--output", nargs="*", default=[], type=Path)
    return parser.parse_args(arguments[:cut]), arguments[cut + 1 :]


def main(arguments: list[str]) -> int:
    """Run the command or leave it; answers the command's exit code, 0 when it was left."""
    options, command = parse(arguments)
    excluded = ALWAYS_EXCLUDED | set(options.exclude)
    wanted = fingerprint(options.input, excluded, command)
    stamp: Path = options.stamp
    if stamp.is_file() and stamp.read_text() == wanted and all(path.exists() for path in options.output):
        return 0
    stamp.unlink(missing_ok=True)
    code = subprocess.run(command, check=False).returncode
    if code == 0:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        # Taken anew: a build may bring generated sources up to date.
        stamp.write_text(fingerprint(options.input, excluded, command))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
