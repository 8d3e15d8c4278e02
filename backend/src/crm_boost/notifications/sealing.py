"""Seals secrets that have to be read again, such as the token of a channel.

Passwords and sessions are stored as digests; a token that is sent on has to be kept itself. It is sealed (Fernet: AES with
a MAC) with a key that is not in the database: whoever gets a copy or a backup of the database alone cannot use it.
"""

import base64
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from crm_boost.settings import Settings

_FILE = "secret.key"


class Sealer:
    """Seals and opens texts with the key of this installation: `CRM_SECRET_KEY`, else a file in the data folder that is
    made when it is first needed. Several processes on several machines need the setting."""

    def __init__(self, settings: Settings) -> None:
        self._given = settings.secret_key
        self._file = settings.data_dir / _FILE

    def seal(self, text: str) -> str:
        """Return the text sealed."""
        return self._fernet().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Return what was sealed; None when it was sealed with another key, and has to be entered again."""
        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def _fernet(self) -> Fernet:
        key = self._given.get_secret_value() if self._given is not None else _kept(self._file)
        return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))


def _kept(path: Path) -> str:
    """Return the key in the file, which only its owner may read; the first who asks makes it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        own = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
            # What is sealed with it outlives a power failure; so must the key.
            file.flush()
            os.fsync(file.fileno())
        # Of two who make one at the same time the second takes the first one's.
        try:
            os.link(own, path)
        except FileExistsError:
            pass
        finally:
            own.unlink()
    return path.read_text()
