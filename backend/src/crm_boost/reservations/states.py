"""States of a reservation (spec 3.1)."""

from enum import StrEnum


class ReservationStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    RELEASED = "released"

    @property
    def is_active(self) -> bool:
        """Whether it claims its customer: nobody else may ask for them."""
        return self in ACTIVE


ACTIVE = frozenset({ReservationStatus.PENDING, ReservationStatus.APPROVED})
ARCHIVED = frozenset({ReservationStatus.EXPIRED, ReservationStatus.RELEASED})
