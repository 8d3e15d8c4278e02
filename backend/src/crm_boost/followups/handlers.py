"""What follow-ups do when others change something (registered in `wiring.py`): it is noted, and settled at the end of the
transaction, once for everything that it did."""

from crm_boost.assignments.events import HoldersChanged
from crm_boost.contacts.events import AnswersChanged
from crm_boost.db.session import WriteSession
from crm_boost.deposits.events import LastDepositsChanged
from crm_boost.followups.settling import touch


async def follow_answers(session: WriteSession, event: AnswersChanged) -> None:
    """A yes opens a follow-up, any other answer ends it."""
    touch(session, records=event.record_seqs, staff=event.staff_ids)


async def follow_holders(session: WriteSession, event: HoldersChanged) -> None:
    """Whoever holds a record no longer follows it up no longer; whoever gets it back does again."""
    touch(session, moved=event.record_seqs)


async def follow_deposits(session: WriteSession, event: LastDepositsChanged) -> None:
    """A deposit closes follow-ups; when it counts no longer, or on an earlier day, they open again."""
    touch(session, keys=event.keys)
