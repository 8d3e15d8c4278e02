"""Which facts people are told (registered in `wiring.py`); in the transaction that made the fact."""

from collections.abc import Sequence
from typing import Any

from crm_boost.assignments.events import Given, RecordsAssigned, RecordsRecalled
from crm_boost.db.session import WriteSession
from crm_boost.kit.context import current_context
from crm_boost.notifications.service import Message, tell_all


async def tell_receivers(session: WriteSession, event: RecordsAssigned) -> None:
    """Whoever got records is told how many, in which module and batch."""
    await tell_all(session, _messages("records_assigned", event.module, event.operation_id, event.given))


async def tell_former_holders(session: WriteSession, event: RecordsRecalled) -> None:
    """Whoever lost records is told how many, in which module and batch."""
    await tell_all(session, _messages("records_recalled", event.module, event.operation_id, event.taken))


def _messages(kind: str, module: str, operation_id: str, parts: Sequence[Given]) -> list[Message]:
    """One message per person and batch, however many records."""
    messages: list[Message] = []
    for part in parts:
        data: dict[str, Any] = {
            "count": part.count,
            "module": module,
            "operation_id": operation_id,
            "by": current_context().actor_name,
        }
        if part.batch_id is not None:
            data["batch_id"] = part.batch_id
        messages.append((part.staff_id, kind, data))
    return messages
