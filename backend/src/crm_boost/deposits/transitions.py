"""The one table of deposit transitions (spec 1.5, 4.2). Pure data; the use cases in `service.py` apply its rows."""

from dataclasses import dataclass
from enum import StrEnum

from crm_boost.deposits.states import DepositStatus


class DepositCommand(StrEnum):
    """What changes a deposit. The value is the `kind` of the event that its history shows."""

    BOOK = "book"
    EDIT = "edit"
    APPROVE = "approve"
    DECLINE = "decline"
    DELETE = "delete"
    RESTORE = "restore"
    PURGE = "purge"


@dataclass(frozen=True, slots=True)
class DepositTransition:
    """One row of the table. `target` None: the status stays, or follows from who has reserved the customer."""

    command: DepositCommand
    sources: frozenset[DepositStatus]
    target: DepositStatus | None = None
    from_trash: bool = False

    def allows(self, status: DepositStatus, *, in_trash: bool) -> bool:
        """Whether a deposit in `status`, in the trash or not, may take this transition."""
        return status in self.sources and in_trash == self.from_trash


_C, _S = DepositCommand, DepositStatus
_ANY = frozenset(_S)
_PENDING = frozenset({_S.PENDING})

_ROWS = (
    DepositTransition(_C.BOOK, frozenset()),
    DepositTransition(_C.EDIT, frozenset({_S.PENDING, _S.APPROVED})),
    DepositTransition(_C.APPROVE, _PENDING, _S.APPROVED),
    DepositTransition(_C.DECLINE, _PENDING, _S.DECLINED),
    DepositTransition(_C.DELETE, _ANY),
    DepositTransition(_C.RESTORE, _ANY, from_trash=True),
    DepositTransition(_C.PURGE, _ANY, from_trash=True),
)

TABLE: dict[DepositCommand, DepositTransition] = {row.command: row for row in _ROWS}
"""Every allowed change of a deposit."""
