"""Facts about rejected records. Modules above (notifications) react."""

from dataclasses import dataclass

from crm_boost.kit.events import Event


@dataclass(frozen=True, slots=True)
class InvalidAlertOpened(Event):
    """Somebody has rejected records of a module: an alert was opened, where none was open."""

    module: str
    staff_id: str
    staff_name: str
    count: int


@dataclass(frozen=True, slots=True)
class RecordsReturned(Event):
    """An admin took verdicts back: these records are to be worked on again by their holder."""

    module: str
    staff_id: str
    count: int
    note: str | None
    batch_id: str | None = None
