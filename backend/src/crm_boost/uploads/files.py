"""The folder of an import: the uploaded file, the staging file, and the rows that were not stored."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crm_boost.uploads.models import ImportState
from crm_boost.uploads.staged_rows import keep_rejected


@dataclass(frozen=True, slots=True)
class ImportFolder:
    """Paths of one import. `import_id` is ours, so nothing a user typed reaches a path."""

    path: Path

    @classmethod
    def of(cls, data_dir: Path, import_id: str) -> "ImportFolder":
        """Return the folder of an import."""
        return cls(data_dir / "uploads" / import_id)

    @property
    def upload(self) -> Path:
        return self.path / "upload"

    @property
    def staging(self) -> Path:
        return self.path / "staging.db"

    def receive(self, source: BinaryIO) -> tuple[str, int]:
        """Copy an uploaded file here; return its SHA-256 and its size in bytes. Blocking."""
        self.path.mkdir(parents=True)
        digest, size = hashlib.sha256(), 0
        with self.upload.open("wb") as target:
            while block := source.read(1 << 20):
                digest.update(block)
                size += len(block)
                target.write(block)
            # Before anybody is told that it is here: a file cut short by a power failure would be imported in part.
            target.flush()
            os.fsync(target.fileno())
        return digest.hexdigest(), size

    def remove(self) -> None:
        """Delete everything. Blocking."""
        shutil.rmtree(self.path, ignore_errors=True)

    def keep_rejected(self) -> None:
        """Once the rows are stored: keep only those that were not. Blocking."""
        keep_rejected(self.staging)
        self.upload.unlink(missing_ok=True)


def folders(data_dir: Path) -> dict[str, ImportFolder]:
    """Return the folders that are there, by import id. Blocking."""
    root = data_dir / "uploads"
    return {path.name: ImportFolder(path) for path in root.iterdir()} if root.is_dir() else {}


def tidy(folder: ImportFolder, import_: tuple[str, datetime] | None, long_ago: datetime) -> None:
    """Remove of a folder what its import (state, time of its end) does not need any more. Blocking.

    An analysed, failed or undone import keeps its files for a while: it can be tried again, its rejected rows can be
    fetched. A finished one keeps its rejected rows, a cancelled one nothing. Without an import the folder belongs to
    an upload that is being received, or was when a process died.
    """
    if import_ is None:
        touched = datetime.fromtimestamp(folder.path.stat().st_mtime, UTC)
        if touched < long_ago:
            folder.remove()
        return
    state, ended_at = import_
    if state == ImportState.CANCELLED or (state in (ImportState.FAILED, ImportState.UNDONE) and ended_at < long_ago):
        folder.remove()
    elif state == ImportState.DONE and folder.upload.exists():
        folder.keep_rejected()
