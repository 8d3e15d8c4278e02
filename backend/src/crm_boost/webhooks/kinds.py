"""What a webhook can be told of. Pure."""

from enum import StrEnum


class HookEvent(StrEnum):
    RECORDS_ASSIGNED = "records.assigned"
    RECORDS_INVALID = "records.invalid"
    RESERVATION_STARTED = "reservation.started"
    DEPOSIT_COUNTED = "deposit.counted"
    DEPOSITS_IMPORTED = "deposits.imported"


PING = "ping"
"""Sent when somebody tries a webhook; nothing has happened."""
