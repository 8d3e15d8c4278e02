"""The one table of reservation transitions (spec 1.5, 3.1). Pure data; `repository.change` applies a row of it."""

from dataclasses import dataclass
from enum import StrEnum

from crm_boost.reservations.states import ACTIVE, ARCHIVED, ReservationStatus


class ReservationCommand(StrEnum):
    """What changes a reservation. The value is the `kind` of the event that its history shows."""

    ASK = "ask"
    CREATE = "create"
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    MOVE = "move"
    EXTEND = "extend"
    PERMANENT = "permanent"
    RELEASE = "release"
    EXPIRE = "expire"
    RESTORE = "restore"
    PURGE = "purge"


@dataclass(frozen=True, slots=True)
class ReservationTransition:
    """One row of the table. `target` None: the status stays."""

    command: ReservationCommand
    sources: frozenset[ReservationStatus]
    target: ReservationStatus | None = None

    def allows(self, status: ReservationStatus) -> bool:
        """Whether a reservation in `status` may take this transition."""
        return status in self.sources


_C, _S = ReservationCommand, ReservationStatus
_NEW: frozenset[ReservationStatus] = frozenset()
_PENDING, _APPROVED = frozenset({_S.PENDING}), frozenset({_S.APPROVED})

_ROWS = (
    ReservationTransition(_C.ASK, _NEW, _S.PENDING),
    ReservationTransition(_C.CREATE, _NEW, _S.APPROVED),
    ReservationTransition(_C.APPROVE, _PENDING, _S.APPROVED),
    ReservationTransition(_C.REJECT, _PENDING, _S.REJECTED),
    ReservationTransition(_C.CANCEL, _PENDING, _S.CANCELLED),
    ReservationTransition(_C.MOVE, ACTIVE),
    ReservationTransition(_C.EXTEND, _APPROVED),
    ReservationTransition(_C.PERMANENT, ACTIVE),
    ReservationTransition(_C.RELEASE, ACTIVE, _S.RELEASED),
    ReservationTransition(_C.EXPIRE, _APPROVED, _S.EXPIRED),
    ReservationTransition(_C.RESTORE, ARCHIVED, _S.APPROVED),
    ReservationTransition(_C.PURGE, ARCHIVED),
)

TABLE: dict[ReservationCommand, ReservationTransition] = {row.command: row for row in _ROWS}
"""Every allowed change of a reservation."""
