"""What a check and a repair are, and the list of all of them (spec 3.5).

A check is one statement that returns the rows at fault; counting them and taking a sample of them is done around it.
Layers above add theirs with `register` (in `wiring.py`).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.types import Question

Find = Callable[[ReadSession, str | None], Awaitable[Question]]
"""The rows at fault, of one module where given. Columns: `key` (what the repair takes), `id`, `kind`, and where they
exist `database_id`, `database_name`, `module`: ids and words that are nobody's personal data."""


def asks(statement: Callable[[ReadSession, str | None], Question]) -> Find:
    """Return the question of a check that needs no settings: its statement."""

    async def find(session: ReadSession, module: str | None) -> Question:
        return statement(session, module)

    return find


class Severity(StrEnum):
    """How bad a finding is. What is low is shown as a warning."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


POINTS = {Severity.HIGH: 20, Severity.MEDIUM: 10, Severity.LOW: 5}
"""What each type of finding takes from a score of 100."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a repair changed. `key` is text, `before` and `after` are small JSON objects."""

    kind: str
    key: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(slots=True)
class Journal:
    """What a repair has changed so far. `changed` counts what was at fault and no longer is."""

    entries: list[Entry] = field(default_factory=list)
    changed: int = 0

    def note(self, kind: str, key: Any, before: dict[str, Any], after: dict[str, Any], *, changed: int = 1) -> None:
        """Note one change."""
        self.entries.append(Entry(kind, str(key), before, after))
        self.changed += changed


@dataclass(frozen=True, slots=True)
class Undone:
    """How much of a repair was put back; the rest has moved on since."""

    undone: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Repair:
    """How to put right what a check finds. `lock` waits for whoever works on these keys; what is still at fault after it
    is given to `apply`, which notes every change; `undo` takes what was noted."""

    lock: Callable[[WriteSession, Sequence[Any]], Awaitable[None]]
    apply: Callable[[WriteSession, Sequence[Any], Journal], Awaitable[None]]
    undo: Callable[[WriteSession, Sequence[Entry]], Awaitable[Undone]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must never be found. `name` is stable: clients, words and repairs go by it."""

    name: str
    severity: Severity
    feature: str
    """What part of the desk is out of step where it finds something."""
    message: str
    """What it means, as a sentence; `{count}` is how many there are."""
    find: Find
    repair: Repair | None = None
    of_records: bool = False
    """It can be asked of one module alone."""
    deep: bool = False
    """It compares every record with something, so on a large desk it is asked by the clock and not by a page."""


_registered: dict[str, Check] = {}


def register(check: Check) -> None:
    """Add a check. Two of one name are an error."""
    if _registered.setdefault(check.name, check) is not check:
        raise ValueError(f"there are two checks named {check.name!r}")


def registered_checks() -> tuple[Check, ...]:
    """Return every check, in the order of registration."""
    return tuple(_registered.values())
