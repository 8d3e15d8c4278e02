"""The only way to change what counts (spec 4.1): classes, first dates and roll-ups follow in the same transaction.

Whoever changes a deposit does it inside `touching(keys)` and says with `counts` or `does_not_count` what became of it. At
the end of the block the touched keys are classified anew. The cost follows the deposits of these customers; nothing else
in the ledger is read.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from crm_boost.db.session import WriteSession
from crm_boost.deposits import repository
from crm_boost.deposits.classification import Entry, Figures, Key, Standing, difference, standing_of
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import DayKey, key_of


class Touched:
    """The counting deposits of the locked keys; the block changes them."""

    def __init__(self, entries: dict[Key, dict[str, Entry]]) -> None:
        self._entries = entries
        self._subjects: dict[str, Deposit] = {}
        self.before = {key: standing_of(found.values()) for key, found in entries.items()}

    def holds(self, deposit: Deposit) -> bool:
        """Whether the key of this deposit is among the locked ones."""
        return key_of(deposit) in self._entries

    def counts(self, deposit: Deposit) -> None:
        """From now on this deposit counts, as it is now."""
        self.does_not_count(deposit)
        entry = Entry(deposit.id, deposit.record_date, deposit.tambahan, deposit.nominal, deposit.total)
        self._entries[key_of(deposit)][deposit.id] = entry
        self._subjects[deposit.id] = deposit

    def does_not_count(self, deposit: Deposit) -> None:
        """From now on this deposit counts nowhere."""
        for entries in self._entries.values():
            entries.pop(deposit.id, None)
        self._subjects.pop(deposit.id, None)
        deposit.customer_type = None

    async def settle(self, session: WriteSession) -> None:
        """Store the classes, the keys and the roll-ups as they follow now."""
        after = {key: standing_of(found.values()) for key, found in self._entries.items()}
        others = {}
        for key, standing in after.items():
            for deposit_id, kind in standing.types.items():
                subject = self._subjects.get(deposit_id)
                if subject is not None:
                    subject.customer_type = kind
                elif self._entries[key][deposit_id].stored is not kind:
                    others[deposit_id] = kind
        await session.flush()
        await repository.store_types(session, others)
        await repository.store_keys(session, {key: found for key, found in after.items() if self._moved(key, found)})
        days: dict[DayKey, Figures] = {}
        for key, standing in after.items():
            for day, figures in difference(self.before[key].days, standing.days).items():
                days.setdefault((day, key.staff_id, key.product_id), Figures()).add(figures)
        await repository.add_to_days(session, {day: figures for day, figures in days.items() if figures})

    def _moved(self, key: Key, after: Standing) -> bool:
        before = self.before[key]
        return (before.first_date, before.last_date, before.forms) != (after.first_date, after.last_date, after.forms)


@asynccontextmanager
async def touching(session: WriteSession, keys: Iterable[Key]) -> AsyncIterator[Touched]:
    """Change deposits of these keys inside the block; nobody else changes one of them meanwhile."""
    wanted = sorted(set(keys))
    await repository.lock_keys(session, wanted)
    touched = Touched(await repository.entries_of(session, wanted))
    yield touched
    await touched.settle(session)
