"""The only way to change what counts (spec 4.1): classes, first dates and roll-ups follow in the same transaction.

Whoever changes a deposit does it inside `touching(keys)` and says with `counts` or `does_not_count` what became of it. At
the end of the block the touched keys are classified anew. The cost follows the deposits of these customers; nothing else
in the ledger is read.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date
from typing import Protocol

from crm_boost.db.session import WriteSession
from crm_boost.db.statements import write_each
from crm_boost.deposits import repository
from crm_boost.deposits import rollup_write_repository as writing
from crm_boost.deposits.classification import Entry, Key, Standing, standing_of
from crm_boost.deposits.events import CountingDepositsChanged, LastDepositsChanged
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.rollups import RollupChanges, changes_between


class Subject(Protocol):
    """What has to be known of a deposit for it to count; its class is written into it."""

    id: str
    staff_id: str
    customer_key: str
    product_id: str
    record_date: date
    tambahan: bool
    nominal: int
    total: int
    customer_type: str | None


class Touched:
    """The counting deposits of the locked customers; the block changes them."""

    def __init__(self, entries: dict[Key, dict[str, Entry]]) -> None:
        self._entries = entries
        self._subjects: dict[str, Subject] = {}
        self._new: list[Deposit] = []
        self._counted = {key: tuple(found.values()) for key, found in entries.items()}
        self.before = {key: standing_of(found.values()) for key, found in entries.items()}

    def counts(self, deposit: Deposit) -> None:
        """From now on this deposit counts, as it is now."""
        self.does_not_count(deposit)
        self.begins(deposit)

    def enters(self, deposit: Deposit) -> None:
        """A new deposit is stored with the rest; `counts` says apart whether it counts."""
        self._new.append(deposit)

    def begins(self, deposit: Subject) -> None:
        """A deposit that counted nowhere before counts from now on."""
        entry = Entry(deposit.id, deposit.record_date, deposit.tambahan, deposit.nominal, deposit.total)
        key = Key(deposit.staff_id, deposit.customer_key, deposit.product_id)
        self._entries.setdefault(key, {})[deposit.id] = entry
        self._subjects[deposit.id] = deposit

    def does_not_count(self, deposit: Deposit) -> None:
        """From now on this deposit counts nowhere."""
        for entries in self._entries.values():
            entries.pop(deposit.id, None)
        self._subjects.pop(deposit.id, None)
        deposit.customer_type = None

    def ends(self, key: Key, deposit_id: str) -> None:
        """A deposit that counted counts no longer."""
        self._entries[key].pop(deposit_id)

    async def settle(self, session: WriteSession) -> None:
        """Store the classes, the keys and the roll-ups as they follow now."""
        await store_changes(session, await self.classify(session))

    async def classify(self, session: WriteSession) -> RollupChanges:
        """Store the classes and the keys as they follow now; returns what the roll-ups have to be moved by."""
        changed = self._what_counted()
        after = {
            key: standing_of(found.values()) if key in changed else self._before_of(key)
            for key, found in self._entries.items()
        }
        others = {}
        for key, standing in after.items():
            for deposit_id, kind in standing.types.items():
                subject = self._subjects.get(deposit_id)
                if subject is not None:
                    subject.customer_type = kind
                elif self._entries[key][deposit_id].stored is not kind:
                    others[deposit_id] = kind
        if session.new or session.dirty:
            await session.flush()
        await repository.store_types(session, others)
        moved = {key: found for key, found in after.items() if self._moved(key, found)}
        new = repository.deposits_to_enter(self._new)
        await write_each(session, (new, repository.keys_to_store(session, moved)))
        await session.emit(CountingDepositsChanged(changed, self._of_customers(changed)))
        if later := [key for key, found in after.items() if self._before_of(key).last_date != found.last_date]:
            await session.emit(LastDepositsChanged(tuple(later)))
        return changes_between(self.before, after)

    def _what_counted(self) -> dict[Key, tuple[Entry, ...]]:
        """What counted before, of the keys where something else counts now."""
        now = {key: tuple(found.values()) for key, found in self._entries.items()}
        return {key: self._counted.get(key, ()) for key, found in now.items() if self._counted.get(key, ()) != found}

    def _of_customers(self, keys: Iterable[Key]) -> dict[Key, tuple[Entry, ...]]:
        """What counts now, of every key of the staff and customers of these."""
        customers = {key[:2] for key in keys}
        return {key: tuple(found.values()) for key, found in self._entries.items() if key[:2] in customers}

    def _before_of(self, key: Key) -> Standing:
        return self.before.get(key, Standing())

    def _moved(self, key: Key, after: Standing) -> bool:
        before = self._before_of(key)
        return (before.first_date, before.last_date, before.forms) != (after.first_date, after.last_date, after.forms)


async def store_changes(session: WriteSession, changes: RollupChanges) -> None:
    """Move the roll-ups, in the order in which everybody locks them."""
    tables = ((writing.DAYS, changes.days), (writing.STAFF_DAYS, changes.staff_days), (writing.MONTHS, changes.months))
    await writing.add_to_each(session, tables)


@asynccontextmanager
async def touching(session: WriteSession, keys: Iterable[Key]) -> AsyncIterator[Touched]:
    """Change deposits of these keys inside the block; nobody else changes one of their customers meanwhile."""
    wanted = sorted(set(keys))
    await repository.lock_customers(session, wanted)
    touched = Touched(await repository.entries_of(session, wanted))
    yield touched
    await touched.settle(session)
