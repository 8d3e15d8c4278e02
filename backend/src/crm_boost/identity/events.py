"""Facts other modules react to."""

from dataclasses import dataclass, field

from crm_boost.kit.events import Event


@dataclass(frozen=True, slots=True)
class UserRemoved(Event):
    """A user was removed. Handlers add to `effects` what they released (counts by name)."""

    user_id: str
    effects: dict[str, int] = field(default_factory=dict)
