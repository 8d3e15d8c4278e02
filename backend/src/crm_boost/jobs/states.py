"""The states of a run and of its attempts (spec 3.6)."""

from enum import StrEnum


class RunState(StrEnum):
    """A run waits (for its turn, or for its next attempt), runs, and ends one way or the other."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class AttemptState(StrEnum):
    """`lost`: the process died, another one noticed. `handed_back`: the process stopped and said so."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"
    HANDED_BACK = "handed_back"


class RunKind(StrEnum):
    """Why there is a run: its time came, its time had passed while nobody was there, or somebody asked for it."""

    SCHEDULED = "scheduled"
    CAUGHT_UP = "caught_up"
    MANUAL = "manual"
