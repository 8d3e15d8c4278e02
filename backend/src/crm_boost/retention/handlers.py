"""What this module does when others change something (registered in `wiring.py`)."""

from crm_boost.db.session import WriteSession
from crm_boost.deposits.events import CountingDepositsChanged
from crm_boost.retention import following


async def follow_ledger(session: WriteSession, event: CountingDepositsChanged) -> None:
    """What is stored of customers follows the ledger, at the end of the same transaction."""
    following.note(session, event)
