"""The folder of files: names are random, what is not finished is called so. Blocking; no name that a user typed."""

import secrets
from collections.abc import Collection
from pathlib import Path

_PART = ".part"


def new_name() -> str:
    """Return a name that says nothing and cannot be guessed."""
    return secrets.token_hex(16)


class ExportFolder:
    """`exports` in the data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "exports"

    def part(self, name: str) -> Path:
        """Return where a file is written; the folder is made for it."""
        self._path.mkdir(parents=True, exist_ok=True)
        return self._path / f"{name}{_PART}"

    def finished(self, name: str) -> Path:
        """Return where a finished file stands."""
        return self._path / name

    def finish(self, name: str) -> int:
        """Give a written file its name; return its size in bytes."""
        target = self.finished(name)
        self.part(name).replace(target)
        return target.stat().st_size

    def remove(self, name: str) -> None:
        """Remove a file, finished or not."""
        self.part(name).unlink(missing_ok=True)
        self.finished(name).unlink(missing_ok=True)

    def names(self) -> set[str]:
        """Return the names of what is there."""
        return {path.name.removesuffix(_PART) for path in self._path.iterdir()} if self._path.is_dir() else set()

    def remove_all_but(self, found: Collection[str], kept: Collection[str]) -> int:
        """Remove of what was found everything that nobody needs; return how many."""
        over = set(found) - set(kept)
        for name in over:
            self.remove(name)
        return len(over)
