"""What this module does when others change something (registered in `wiring.py`)."""

from crm_boost.db.session import WriteSession
from crm_boost.deposits import repository
from crm_boost.reservations.events import CustomersClaimed


async def follow_claims(session: WriteSession, event: CustomersClaimed) -> None:
    """A reservation that begins, or has another owner, knows the last deposit of its owner (spec 3.3)."""
    await repository.set_last_deposits(session, event.customer_keys)
