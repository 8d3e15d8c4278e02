"""Facts about reservations, raised in the transaction that made them. The engine and the inbox react."""

from dataclasses import dataclass, field
from typing import Any

from crm_boost.kit.events import Event


@dataclass(slots=True)
class CustomersClaimed(Event):
    """Who may have these customers has changed: reservations began, ended, or have another owner.

    The engine puts the records of these customers in order, in every module, and fills `effects` with what it did:
    `records_marked_reserved`, `records_unreserved`, `dropped_from_requests`.
    """

    customer_keys: tuple[str, ...]
    effects: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReservationAsked(Event):
    """A staff asks for a customer; somebody has to decide."""

    reservation_id: str
    staff_name: str
    customer_id: str
    product_name: str


@dataclass(frozen=True, slots=True)
class OwnerTold(Event):
    """What the owner of a reservation should know. `kind` is the type of the message."""

    kind: str
    staff_id: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ConflictsBegan(Event):
    """Records somebody holds belong to customers that are somebody else's now."""

    staff_id: str
    count: int
    customer_id: str


@dataclass(frozen=True, slots=True)
class ReservationsBegan(Event):
    """These reservations protect their customers from now on: id, owner and product of each."""

    reservations: tuple[tuple[str, str, str], ...]
