"""The one table of request transitions (spec 1.5, 2.3): from, to, who may. Pure data; `repository.move` applies it."""

from dataclasses import dataclass
from enum import StrEnum

from crm_boost.identity.permissions import Permission
from crm_boost.requests.states import RequestStatus


class RequestCommand(StrEnum):
    """What closes a request."""

    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class RequestTransition:
    """One row of the table. `permission` is what a person needs for it; None: time does it, and nobody."""

    command: RequestCommand
    sources: frozenset[RequestStatus]
    target: RequestStatus
    permission: Permission | None

    def allows(self, status: RequestStatus) -> bool:
        """Whether a request in `status` may take this transition."""
        return status in self.sources


_PENDING = frozenset({RequestStatus.PENDING})

_ROWS = (
    RequestTransition(RequestCommand.APPROVE, _PENDING, RequestStatus.APPROVED, Permission.REQUESTS_REVIEW),
    RequestTransition(RequestCommand.REJECT, _PENDING, RequestStatus.REJECTED, Permission.REQUESTS_REVIEW),
    RequestTransition(RequestCommand.CANCEL, _PENDING, RequestStatus.CANCELLED, Permission.REQUESTS_MAKE),
    RequestTransition(RequestCommand.EXPIRE, _PENDING, RequestStatus.EXPIRED, None),
)

TABLE: dict[RequestCommand, RequestTransition] = {row.command: row for row in _ROWS}
"""Every allowed change of a request's status."""
