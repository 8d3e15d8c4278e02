"""What may become of an export. Pure."""

from enum import StrEnum

from crm_boost.exports.states import OPEN, ExportState


class ExportMove(StrEnum):
    START = "start"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    INTERRUPT = "interrupt"
    RESTART = "restart"
    EXPIRE = "expire"


TABLE: dict[ExportMove, tuple[tuple[ExportState, ...], ExportState]] = {
    ExportMove.START: ((ExportState.QUEUED,), ExportState.RUNNING),
    ExportMove.FINISH: ((ExportState.RUNNING,), ExportState.DONE),
    ExportMove.FAIL: ((ExportState.RUNNING,), ExportState.FAILED),
    ExportMove.CANCEL: (OPEN, ExportState.CANCELLED),
    ExportMove.INTERRUPT: ((ExportState.RUNNING,), ExportState.INTERRUPTED),
    ExportMove.RESTART: (
        (ExportState.FAILED, ExportState.CANCELLED, ExportState.INTERRUPTED, ExportState.EXPIRED),
        ExportState.QUEUED,
    ),
    ExportMove.EXPIRE: ((ExportState.DONE,), ExportState.EXPIRED),
}
"""From which states a move leads to which."""
