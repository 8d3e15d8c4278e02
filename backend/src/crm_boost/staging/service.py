"""A second desk with a copy of the data in which nobody can be recognised (ADR 44)."""

import asyncio
import secrets
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy.engine import make_url

# Not for what they do: the words of every module stay in a copy, so every module has to be known.
import crm_boost.api
import crm_boost.wiring  # noqa: F401
from crm_boost.assignments.policies import all_policies
from crm_boost.contacts.verdicts import REASONS
from crm_boost.db.backups import BackupFailed, back_up, restore
from crm_boost.identity.passwords import hash_password
from crm_boost.settings import Settings
from crm_boost.staging import repository
from crm_boost.staging.pseudonyms import Pseudonyms

_PASSWORD_BYTES = 12
DATABASE = "crm-boost.db"


class StagingFailed(Exception):
    """There is no copy; the message says why."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A copy, and how to sign in: everybody has the same new password."""

    accounts: list[tuple[str, str, str]]
    password: str


def words_of_the_program() -> frozenset[str]:
    """Return every word that a column of states or kinds can hold: it says nothing about a person."""
    found, kinds = {*REASONS, *(str(policy.module) for policy in all_policies())}, list(StrEnum.__subclasses__())
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
        if kind.__module__.startswith("crm_boost."):
            found.update(member.value for member in kind)
    return frozenset(found)


def make_copy(settings: Settings, folder: Path, url: str | None = None) -> Staged:
    """Copy the database of `settings` and scrub the copy: into a new file in `folder`, or into the empty PostgreSQL database
    at `url` where the original is one. The original is only read, and goes on working. Raises `StagingFailed`.

    Until it is scrubbed a copy lies in a folder that only its owner can read, and is removed however this ends.
    """
    source = settings.database_url
    on_sqlite = make_url(source).get_backend_name() == "sqlite"
    if on_sqlite != (url is None):
        raise StagingFailed(
            "The data are in PostgreSQL: name an empty database for the copy."
            if url is None
            else "The data are in SQLite: so is the copy. Take the address of the database away."
        )
    target = folder / DATABASE
    if on_sqlite and target.exists():
        raise StagingFailed(f"{target} exists already; a copy never replaces anything.")
    folder.mkdir(parents=True, exist_ok=True)
    workshop = folder / f"unfinished-{secrets.token_hex(4)}"
    workshop.mkdir(mode=0o700)
    pseudonyms = Pseudonyms(secrets.token_bytes(32), words_of_the_program(), settings.business.default_country)
    try:
        back_up(source, workshop / "copy")
        work = url or f"sqlite:///{workshop / DATABASE}"
        restore(work, workshop / "copy")
        staged = _scrubbed(work, pseudonyms, settings, empties=url is not None)
        if on_sqlite:
            repository.write_compact(workshop / DATABASE, workshop / "compact")
            (workshop / "compact").chmod(0o600)
            (workshop / "compact").rename(target)
    except BackupFailed as error:
        raise StagingFailed(str(error)) from error
    finally:
        shutil.rmtree(workshop)
    return staged


def _scrubbed(work: str, pseudonyms: Pseudonyms, settings: Settings, *, empties: bool) -> Staged:
    try:
        repository.scrub(work, pseudonyms)
        password = secrets.token_urlsafe(max(_PASSWORD_BYTES, settings.auth.password_min_length))
        accounts = repository.set_passwords(work, asyncio.run(hash_password(password)))
    except BaseException:
        if empties:
            # It was empty before, and nobody may find people in it now.
            repository.empty(work)
        raise
    return Staged(accounts, password)
