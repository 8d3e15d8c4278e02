"""Whether everything that is installed may be used here: licences that ask for no more than to be named (offline).

python -m scripts.licences
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")

PERMISSIVE = {
    "0bsd", "apache-2.0", "blueoak-1.0.0", "bsd", "bsd-2-clause", "bsd-3-clause", "cc-by-4.0", "cc0-1.0", "isc", "mit", "mit-0",
    "ofl-1.1", "psf-2.0", "python-2.0", "unlicense", "zlib", "zpl-2.1",
}  # fmt: skip
FOR_THEIR_OWN_FILES = {"mpl-2.0", "lgpl-3.0-only", "lgpl-3.0-or-later"}
"""Ask for changes to their own files to be given back. Fine for libraries that are used as they come."""
DECIDED = {
    "odfpy": "Apache-2.0, GPL or LGPL, at the choice of who uses it; writes the sheets of tests only",
}
"""What does not say it in a way a program understands, and what a person found."""

_SAME = {
    "apache 2.0": "apache-2.0",
    "apache license 2.0": "apache-2.0",
    "apache license, version 2.0": "apache-2.0",
    "apache software license": "apache-2.0",
    "apache software license 2.0": "apache-2.0",
    "bsd license": "bsd",
    "bsd 3-clause": "bsd-3-clause",
    "bsd-3-clause license": "bsd-3-clause",
    "3-clause bsd license": "bsd-3-clause",
    "gnu library or lesser general public license (lgpl)": "lgpl-3.0-only",
    "gnu lesser general public license v3 (lgplv3)": "lgpl-3.0-only",
    "gnu lesser general public license v3 or later (lgplv3+)": "lgpl-3.0-or-later",
    "isc license": "isc",
    "isc license (iscl)": "isc",
    "mit license": "mit",
    "mozilla public license 2.0 (mpl 2.0)": "mpl-2.0",
    "psfl": "psf-2.0",
    "python software foundation license": "psf-2.0",
    "the unlicense (unlicense)": "unlicense",
    "zope public license": "zpl-2.1",
}
_NAME = re.compile(r"^([A-Za-z0-9][\w.-]*)==", re.MULTILINE)


def is_fine(expression: str) -> bool:
    """Whether a licence expression (SPDX, or what people wrote before it) leaves a way that is allowed."""
    text = " ".join(expression.lower().split())
    plain = _SAME.get(text, text)
    if plain in PERMISSIVE | FOR_THEIR_OWN_FILES:
        return True
    for word, enough in (("or", any), ("and", all)):
        parts = _parts(plain, word)
        if len(parts) > 1:
            return enough(map(is_fine, parts))
    return plain.startswith("(") and plain.endswith(")") and is_fine(plain[1:-1])


def _parts(expression: str, word: str) -> list[str]:
    """What stands between the `word`s of an expression, brackets left whole."""
    parts, depth = [""], 0
    for token in re.split(r"(\s+|[()])", expression):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == word and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts]


def of_python(name: str) -> list[str]:
    """The licences that an installed package names."""
    found: Any = metadata(name)
    if found.get("License-Expression"):
        return [found["License-Expression"]]
    classified = [
        line.rsplit("::", 1)[1].strip()
        for line in found.get_all("Classifier", [])
        if line.startswith("License ::") and line.count("::") > 1
    ]
    if classified:
        return classified
    return [(found.get("License") or "").strip().splitlines()[0]] if (found.get("License") or "").strip() else []


def python_faults() -> Iterator[str]:
    """Each installed package of the lock files that may not be used, or does not say."""
    names = {name for lock in LOCKS for name in _NAME.findall((ROOT / "backend" / lock).read_text(encoding="utf-8"))}
    for name in sorted(names - set(DECIDED)):
        try:
            licences = of_python(name)
        except PackageNotFoundError:
            continue  # for another platform
        if not licences or not any(map(is_fine, licences)):
            yield f"{name}: {' / '.join(licences) or 'says nothing'}"


def web_faults() -> Iterator[str]:
    """Each package of the web app's lock file that may not be used, or does not say."""
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    for path, package in lock["packages"].items():
        name = path.rsplit("node_modules/", 1)[-1]
        if path and name not in DECIDED and not is_fine(str(package.get("license", ""))):
            yield f"{name}: {package.get('license', 'says nothing')}"


def main() -> int:
    """Say what is wrong."""
    faults = [*python_faults(), *web_faults()]
    for fault in faults:
        print(fault)
    print(f"licences: {'ok' if not faults else f'{len(faults)} to be looked at'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
