"""Argon2 password hashes, computed in a small thread pool: one hash costs ~100 ms of a core.

Accounts that came from another system bring bcrypt hashes. They are checked as they are, and replaced when their owner
next signs in: only then is the password known.
"""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

NO_PASSWORD = "!"  # noqa: S105 - what nothing hashes to
"""Stored for somebody who cannot sign in until they are given a password."""

_BCRYPT_BYTES = 72


class ShortBcrypt(BcryptHasher):
    """bcrypt as it always was: what is beyond 72 bytes does not count. Newer libraries refuse it instead."""

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 - named so by the base
        given = password.encode() if isinstance(password, str) else password
        try:
            return super().verify(given[:_BCRYPT_BYTES], hash)
        except ValueError:
            return False


_hasher = PasswordHash((Argon2Hasher(), ShortBcrypt()))
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_NOBODYS_HASH = _hasher.hash(secrets.token_urlsafe(16))


def is_known(stored: str) -> bool:
    """Whether somebody can sign in with the password behind this hash."""
    return Argon2Hasher.identify(stored) or BcryptHasher.identify(stored)


def is_outdated(stored: str) -> bool:
    """Whether a hash has to be replaced by one of `hash_password` as soon as the password is known."""
    return not Argon2Hasher.identify(stored)


async def hash_password(password: str) -> str:
    """Return the Argon2 hash to store."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _hasher.hash, password)


async def verify_password(password: str, stored: str | None) -> bool:
    """Check a password; without a usable hash the same work is done, so timing does not tell which emails exist."""
    usable = stored if stored is not None and is_known(stored) else None
    matches = await asyncio.get_running_loop().run_in_executor(_pool, _hasher.verify, password, usable or _NOBODYS_HASH)
    return matches and usable is not None
