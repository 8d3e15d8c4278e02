"""Argon2 password hashes, computed in a small thread pool: one hash costs ~100 ms of a core."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_hasher = PasswordHash((Argon2Hasher(),))
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_NOBODYS_HASH = _hasher.hash(secrets.token_urlsafe(16))


async def hash_password(password: str) -> str:
    """Return the Argon2 hash to store."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _hasher.hash, password)


async def verify_password(password: str, stored: str | None) -> bool:
    """Check a password; without a stored hash the same work is done, so timing does not tell which emails exist."""
    matches = await asyncio.get_running_loop().run_in_executor(_pool, _hasher.verify, password, stored or _NOBODYS_HASH)
    return matches and stored is not None
