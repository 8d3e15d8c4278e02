"""What people are told about, in the kinds they can mute (spec 6.1). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from crm_boost.identity.permissions import Permission


class Kind(StrEnum):
    RECORDS = "records"
    REQUESTS = "requests"
    RESERVATIONS = "reservations"
    DEPOSITS = "deposits"
    VALIDATION = "validation"
    DIGESTS = "digests"
    HEALTH = "health"
    ACCESS = "access"
    WEBHOOKS = "webhooks"


@dataclass(frozen=True, slots=True)
class KindSpec:
    """`permission`: who is ever told of it. An `essential` kind cannot be muted: an alarm that its reader could switch
    off beforehand is none."""

    types: Sequence[str]
    permission: Permission
    essential: bool = False


KINDS: dict[Kind, KindSpec] = {
    Kind.RECORDS: KindSpec(("records_assigned", "records_recalled", "records_returned"), Permission.RECEIVE_RECORDS),
    Kind.REQUESTS: KindSpec(
        (
            "request_waiting",
            "request_approved",
            "request_rejected",
            "request_cancelled",
            "request_expired",
            "request_lost_records",
        ),
        Permission.REQUESTS_READ,
    ),
    Kind.RESERVATIONS: KindSpec(
        (
            "reservation_waiting",
            "reservation_approved",
            "reservation_rejected",
            "reservation_released",
            "reservation_expired",
            "reservation_expiring",
            "reservation_restored",
            "reservation_auto_restored",
            "reservation_moved_away",
            "reservation_moved_to_you",
            "reservations_added",
            "reservation_conflict",
        ),
        Permission.RESERVATIONS_READ,
    ),
    Kind.DEPOSITS: KindSpec(("deposit_waiting", "deposit_approved", "deposit_declined"), Permission.DEPOSITS_BOOK),
    Kind.VALIDATION: KindSpec(("invalid_records",), Permission.VALIDATION_MANAGE),
    Kind.DIGESTS: KindSpec(
        ("digest_follow_ups", "digest_at_risk", "digest_daily_summary"), Permission.NOTIFICATIONS_OWN
    ),
    Kind.HEALTH: KindSpec(("data_health",), Permission.HEALTH_MANAGE),
    Kind.ACCESS: KindSpec(("access_alert",), Permission.USERS_MANAGE, essential=True),
    Kind.WEBHOOKS: KindSpec(("webhook_switched_off",), Permission.WEBHOOKS_MANAGE),
}

_KIND_OF = {name: kind for kind, spec in KINDS.items() for name in spec.types}


def kind_of(message_type: str) -> Kind | None:
    """Return the kind of a message; None for one that belongs to no kind and is therefore always told."""
    return _KIND_OF.get(message_type)
