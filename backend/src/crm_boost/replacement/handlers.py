"""What alerts do when records are taken away, archived or given back (registered in `wiring.py`)."""

from crm_boost.assignments.events import RecordsArchived, RecordsRecalled, VerdictsRestored
from crm_boost.db.session import WriteSession
from crm_boost.replacement.alerts import reconcile_alerts


async def after_recall(session: WriteSession, event: RecordsRecalled) -> None:
    """Recalled, handed over, trashed, or their holder removed: what was rejected of them is gone."""
    await reconcile_alerts(session, event.module, {part.staff_id for part in event.taken})


async def after_archiving(session: WriteSession, event: RecordsArchived) -> None:
    """What is archived waits for nobody any more."""
    await reconcile_alerts(session, event.module, set(event.staff_ids))


async def after_restoring(session: WriteSession, event: VerdictsRestored) -> None:
    """An undo gave records back to those who had rejected them."""
    await reconcile_alerts(session, event.module, set(event.staff_ids), grew=set(event.staff_ids))
