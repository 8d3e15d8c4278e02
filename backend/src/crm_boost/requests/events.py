"""Facts about requests, raised in the transaction that made them."""

from dataclasses import dataclass

from crm_boost.kit.events import Event


@dataclass(frozen=True, slots=True)
class RequestWaits(Event):
    """A request waits for somebody to decide."""

    request_id: str
    staff_name: str
    count: int
    database_name: str


@dataclass(frozen=True, slots=True)
class RequestClosed(Event):
    """A request was decided, or ended by itself. `count` is what was given, or else what had been asked for."""

    request_id: str
    staff_id: str
    status: str
    count: int
    database_name: str
    reason: str | None = None
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class RequestLostRecords(Event):
    """Held records of a waiting request went to whoever reserved their customers."""

    request_id: str
    staff_id: str
    count: int
    database_name: str
