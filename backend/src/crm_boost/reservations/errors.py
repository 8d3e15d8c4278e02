"""Named refusals of this module (spec 1.5, 3.1)."""

from crm_boost.kit.errors import Conflict, FieldError, NotFound, Problem
from crm_boost.reservations.states import ReservationStatus

_MOVED_ON = "The reservation has moved on"


class UnknownReservation(NotFound):
    code = "unknown_reservation"
    title = "There is no such reservation"


class CustomerTaken(Conflict):
    """Somebody has an active reservation of this customer for this product."""

    code = "customer_taken"
    title = "This customer is taken"


class AlreadyReviewed(Problem):
    """A kept review address: the reservation is no longer pending (spec 7)."""

    code = "stale_transition"
    title = _MOVED_ON


class ReservationMovedOn(Conflict):
    code = "stale_transition"
    title = _MOVED_ON


def unknown(reservation_id: str) -> UnknownReservation:
    """Build the refusal for a reservation that does not exist, or is none of the caller's business."""
    return UnknownReservation("There is no such reservation.", id=reservation_id)


def moved_on(reservation_id: str, status: str, *, reviewed: bool = False) -> Problem:
    """Build the refusal for a reservation that is not what the command starts from."""
    kind = AlreadyReviewed if reviewed else ReservationMovedOn
    return kind(f"This reservation is {ReservationStatus(status).value}.", id=reservation_id, state=status)


def taken(owner_id: str | None, owner_name: str | None) -> CustomerTaken:
    """Build the refusal for a customer that has an owner; without a name for those who may not know it (spec 3.1)."""
    if owner_name is None:
        message = "This customer is taken."
        return CustomerTaken(message, errors=[FieldError("customer_id", message)])
    message = f"This customer is reserved by {owner_name}."
    errors = [FieldError("customer_id", message)]
    return CustomerTaken(message, errors=errors, reserved_by=owner_name, reserved_by_staff_id=owner_id)
