"""Passwords at the lowest cost: these tests are about rules, and a real hash takes a tenth of a second."""

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from crm_boost.identity import passwords


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_passwords" in request.fixturenames:
        return
    hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1), passwords.ShortBcrypt()))
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_NOBODYS_HASH", hasher.hash("nobody"))


@pytest.fixture
def real_passwords() -> None:
    """Asks for hashes at their real cost."""
