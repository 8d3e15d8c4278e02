"""Facts about deposits, raised in the transaction that made them. The inbox reacts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crm_boost.deposits.classification import Entry, Key
from crm_boost.kit.events import Event


@dataclass(frozen=True, slots=True)
class CountingDepositsChanged(Event):
    """Deposits of these keys count, or count otherwise, or no longer: what counted before, by key. `now`: what counts, of
    every key of their staff and customers."""

    before: Mapping[Key, tuple[Entry, ...]]
    now: Mapping[Key, tuple[Entry, ...]]


@dataclass(frozen=True, slots=True)
class LastDepositsChanged(Event):
    """The day of the last counting deposit of these keys is another one, or there is one no longer."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class DepositWaits(Event):
    """A deposit of a customer somebody else has reserved; somebody has to decide."""

    deposit_id: str
    staff_name: str
    customer_id: str
    product_name: str


@dataclass(frozen=True, slots=True)
class DepositReviewed(Event):
    """A waiting deposit was approved or declined; its owner is told."""

    deposit_id: str
    staff_id: str
    customer_id: str
    status: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DepositBegan(Event):
    """A deposit that was entered or approved counts from now on."""

    deposit_id: str
    staff_id: str
    product_id: str
    record_date: date
    customer_type: str | None


@dataclass(frozen=True, slots=True)
class DepositsImported(Event):
    """The deposits of a file were booked; so many of them count, so many wait."""

    import_id: str
    approved: int
    pending: int
