"""Facts about unusual access."""

from dataclasses import dataclass

from crm_boost.kit.events import Event


@dataclass(frozen=True, slots=True)
class UnusualAccess(Event):
    """Somebody takes far more customers than the rest of the team (`usual` is their median), or reached a limit."""

    user_id: str
    user_name: str
    kind: str
    count: int
    usual: float | None
