"""What has become of somebody who answered yes, and the one table of what a person may do about it (spec 1.5, 5.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class FollowUpState(StrEnum):
    """`ended`: the record is held no longer, or the answer is not yes any more. Codes are stored."""

    OPEN = "open"
    DEPOSITED = "deposited"
    DONE = "done"
    LOST = "lost"
    ENDED = "ended"


COUNTED = tuple(state for state in FollowUpState if state is not FollowUpState.ENDED)
"""Everybody who answered yes and is still assigned is in one of these."""

Outcome = Literal["done", "lost"]
Shown = Literal["open", "snoozed", "deposited", "done", "lost"]
"""What a list shows: `open` are those that wait now, `snoozed` those that wait until a day."""


class FollowUpCommand(StrEnum):
    """What a person does. The value is what the history shows as `to`."""

    SNOOZE = "snoozed"
    DONE = "done"
    LOST = "lost"
    REOPEN = "reopened"


@dataclass(frozen=True, slots=True)
class FollowUpTransition:
    """From which states a command may start, and the outcome it leaves. What state follows is for the definition."""

    sources: frozenset[FollowUpState]
    outcome: Outcome | None


_UNPAID = frozenset({FollowUpState.OPEN, FollowUpState.DONE, FollowUpState.LOST})

TABLE: Mapping[FollowUpCommand, FollowUpTransition] = {
    FollowUpCommand.SNOOZE: FollowUpTransition(frozenset({FollowUpState.OPEN}), None),
    FollowUpCommand.DONE: FollowUpTransition(_UNPAID, "done"),
    FollowUpCommand.LOST: FollowUpTransition(_UNPAID, "lost"),
    FollowUpCommand.REOPEN: FollowUpTransition(_UNPAID, None),
}


def state_of(*, is_deposited: bool, outcome: str | None) -> FollowUpState:
    """Return the state of a yes that still stands: money says more than what somebody noted."""
    if is_deposited:
        return FollowUpState.DEPOSITED
    return FollowUpState(outcome) if outcome is not None else FollowUpState.OPEN
