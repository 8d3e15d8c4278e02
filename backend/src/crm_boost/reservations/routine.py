"""The one routine behind every start and end of a reservation (spec 3.2).

Whoever changes who owns customers does it inside `claiming(...)`. The routine compares the conflicts before with those
after, lets the engine put the records in order in every module, tells the holders, and writes the conflict log.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.reservations import repository
from crm_boost.reservations.events import ConflictsBegan, CustomersClaimed


@dataclass(slots=True)
class Effects:
    """What a change did to records: the counts that answers carry (spec 3.4)."""

    invalidated_records: int = 0
    restored_records: int = 0
    records_marked_reserved: int = 0
    records_unreserved: int = 0
    dropped_from_requests: int = 0
    notified: set[str] = field(default_factory=set)

    def as_answer(self) -> dict[str, int]:
        """Shape the counts."""
        return {
            "invalidated_records": self.invalidated_records,
            "restored_records": self.restored_records,
            "notified_staff_count": len(self.notified),
            "records_marked_reserved": self.records_marked_reserved,
            "records_unreserved": self.records_unreserved,
            "dropped_from_requests": self.dropped_from_requests,
        }


@asynccontextmanager
async def claiming(session: WriteSession, customer_keys: Sequence[str]) -> AsyncIterator[Effects]:
    """Change who owns these customers inside the block; the returned effects are complete after it."""
    keys, effects = sorted(set(customer_keys)), Effects()
    before = await repository.conflicts_of(session, keys)
    yield effects
    event = CustomersClaimed(tuple(keys))
    await session.emit(event)
    for name, count in event.effects.items():
        setattr(effects, name, getattr(effects, name) + count)
    after = await repository.conflicts_of(session, keys)
    began = [row for held, row in after.items() if held not in before or before[held].owner_id != row.owner_id]
    ended = [seq for (seq, holder) in before if (seq, holder) not in after]
    await repository.log_conflicts(session, began, ended, utc_now())
    effects.invalidated_records += len(began)
    effects.restored_records += len(ended)
    for (holder, key), count in sorted(Counter((row.assigned_to, row.customer_key) for row in began).items()):
        effects.notified.add(holder)
        await session.emit(ConflictsBegan(holder, count, key))
    await announce(session, "reservations", {})
    if began or ended or any(event.effects.values()):
        await announce(session, "records", {})
