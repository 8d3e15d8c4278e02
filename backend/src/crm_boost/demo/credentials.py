"""The one password of the demo accounts: drawn anew for every installation, kept in a file only its owner can read."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from crm_boost.demo.people import DemoAccount

FILE = "demo-credentials.txt"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUP = 4
_GROUPS = 4


def new_password(min_length: int) -> str:
    """Return a random password that can be read out, of at least `min_length` characters."""
    groups = max(_GROUPS, -(-(min_length + 1) // (_GROUP + 1)))
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(groups))


def sign_in_lines(accounts: Sequence[DemoAccount], password: str) -> list[str]:
    """Return what a person needs to sign in, line by line."""
    lines = [f"{account.role.value:<13} {account.email:<20} {account.name}" for account in accounts]
    return [*lines, "", f"Password of all of them: {password}"]


def write_credentials(data_dir: Path, accounts: Sequence[DemoAccount], password: str, *, keep: bool) -> Path:
    """Write the sign-in details, readable by the owner of the process only; `keep` adds them to an older file.

    Returns the path. Blocking.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / FILE
    if not keep:
        path.unlink(missing_ok=True)
    text = "\n".join(["Demo accounts of this installation.", "", *sign_in_lines(accounts, password), "", ""])
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)
    return path
