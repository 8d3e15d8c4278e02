"""Facts about records, raised in the transaction that made them. Modules above (notifications …) react."""

from dataclasses import dataclass

from crm_boost.kit.events import Event


@dataclass(frozen=True, slots=True)
class Given:
    """What one staff got, or lost: how many records, and the batch where there is one."""

    staff_id: str
    count: int
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class RecordsAssigned(Event):
    """Records were handed out."""

    module: str
    operation_id: str
    given: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class RecordsRecalled(Event):
    """Records were taken back from their holders."""

    module: str
    operation_id: str
    taken: tuple[Given, ...]
