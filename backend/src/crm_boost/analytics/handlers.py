"""What analytics does when others change something (registered in `wiring.py`)."""

from crm_boost.analytics import following
from crm_boost.assignments.events import DatabaseChangedProduct, HandedOut, HandOutsChanged
from crm_boost.contacts.events import ContactsChanged
from crm_boost.db.session import WriteSession
from crm_boost.deposits.events import CountingDepositsChanged


async def follow_contacts(session: WriteSession, event: ContactsChanged) -> None:
    """Marks count on the day they are set."""
    following.note_marks(session, event.record_seqs)


async def follow_hand_outs(session: WriteSession, event: HandOutsChanged) -> None:
    """What is taken back untouched does not count, what goes to another holder counts there."""
    await following.note_hand_outs(session, event.operation_seq, event.record_seqs)


async def follow_beginnings(session: WriteSession, event: HandedOut) -> None:
    """What is handed out counts, and no longer when that is undone."""
    following.note_handed_out(session, event.counts)


async def follow_ledger(session: WriteSession, event: CountingDepositsChanged) -> None:
    """A yes became a deposit, or is waiting for one again."""
    following.note_deposits(session, event.before)


async def follow_product(session: WriteSession, event: DatabaseChangedProduct) -> None:
    """Deposits are of the product of the database."""
    following.note_product(session, event.database_id, event.former)
