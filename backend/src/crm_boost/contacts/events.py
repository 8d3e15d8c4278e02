"""Facts about contacts, raised in the transaction that made them. Modules above react."""

from dataclasses import dataclass

from crm_boost.kit.events import Event


@dataclass(frozen=True, slots=True)
class ContactsChanged(Event):
    """Marks or verdicts of these records changed."""

    record_seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnswersChanged(Event):
    """Customers began to answer `ya`, or their answer is `ya` no longer: these records, of these holders."""

    record_seqs: tuple[int, ...]
    staff_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordsRejected(Event):
    """Records were judged invalid for one reason: id, module and holder of each."""

    reason: str
    records: tuple[tuple[str, str, str], ...]
