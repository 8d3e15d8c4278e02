"""Facts about records, raised in the transaction that made them. Modules above (notifications …) react."""

from dataclasses import dataclass
from datetime import datetime

from crm_boost.kit.events import Event


@dataclass(frozen=True, slots=True)
class Given:
    """What one staff got, or lost: how many records, and the batch where there is one."""

    staff_id: str
    count: int
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class HeldRecordsDropped(Event):
    """Records held for requests were let go because their customers are somebody else's now: how many of each request."""

    by_request: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RecordsAssigned(Event):
    """Records were handed out; with `request_id`, because their receiver had asked for them."""

    module: str
    operation_id: str
    given: tuple[Given, ...]
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class RecordsRecalled(Event):
    """Records were taken back from their holders."""

    module: str
    operation_id: str
    taken: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class HoldersChanged(Event):
    """These records left their holder, went to another one or came back to a former one. What a hand-out gives to
    somebody for the first time is not among them: nobody has worked on it yet."""

    record_seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HandOutsChanged(Event):
    """An operation took these records back, or gave them to another holder or to a former one; its history is written."""

    operation_seq: int
    record_seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HandedOut(Event):
    """How many hand-outs that nobody has worked on there are more than before (fewer, where negative): by the instant at
    which they were handed out, staff and database."""

    counts: tuple[tuple[datetime, str, str, int], ...]


@dataclass(frozen=True, slots=True)
class DatabaseChangedProduct(Event):
    """A database and its records belong to another product than before, which was `former`."""

    database_id: str
    former: str


@dataclass(frozen=True, slots=True)
class DatabaseTrashed(Event):
    """A database goes to the trash. Raised under its lock, before its records move: what refers to it is closed now."""

    database_id: str


@dataclass(frozen=True, slots=True)
class VerdictsRestored(Event):
    """Records went back to former holders, with the verdicts that these had given."""

    module: str
    staff_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordsArchived(Event):
    """Invalid records of these holders were archived."""

    module: str
    operation_id: str
    staff_ids: tuple[str, ...]
