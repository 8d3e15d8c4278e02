"""What is kept outside the database has reached the disk before anybody relies on it."""

import io
import os
from pathlib import Path

import pytest

from crm_boost.notifications.sealing import Sealer
from crm_boost.settings import Settings
from crm_boost.uploads.files import ImportFolder

pytestmark = pytest.mark.pure


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The size of each file when it was sent to the disk."""
    sizes: list[int] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        sizes.append(os.fstat(descriptor).st_size)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return sizes


def test_an_upload_is_whole_on_the_disk(tmp_path: Path, synced: list[int]) -> None:
    content = b"username\n" * 300_000
    assert ImportFolder(tmp_path / "import").receive(io.BytesIO(content))[1] == len(content)
    assert synced == [len(content)]


def test_the_key_of_secrets_is_on_the_disk_before_it_is_used(tmp_path: Path, synced: list[int]) -> None:
    sealer = Sealer(Settings(data_dir=tmp_path))
    sealed = sealer.seal("a token")
    assert sealer.open(sealed) == "a token"
    assert synced == [(tmp_path / "secret.key").stat().st_size]
