"""The folder of an import: the uploaded file, the staging file, and the rows that were not stored."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


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
        return digest.hexdigest(), size

    def remove(self) -> None:
        """Delete everything. Blocking."""
        shutil.rmtree(self.path, ignore_errors=True)

    def remove_upload(self) -> None:
        """Delete the uploaded file, which nobody needs once its rows are stored."""
        self.upload.unlink(missing_ok=True)
