"""Customers follow the ledger (spec 5.2): what is stored of them is settled once, at the end of each transaction that
changed what counts. The cost follows the deposits of the customers that changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from crm_boost.db.session import WriteSession
from crm_boost.db.statements import write_each
from crm_boost.deposits.classification import Entry, Key
from crm_boost.deposits.events import CountingDepositsChanged
from crm_boost.retention import facts_repository as repository
from crm_boost.retention.facts import Change, Facts, Unit, facts_of, moved
from crm_boost.retention.returns import returns_moved

_NAME = "retention"


@dataclass(slots=True)
class _Noted:
    """What a transaction changed: of several changes of a key the first tells what counted before, the last one what
    counts. `now` has every key of their staff and customers."""

    before: dict[Key, tuple[Entry, ...]] = field(default_factory=dict)
    now: dict[Key, tuple[Entry, ...]] = field(default_factory=dict)


def note(session: WriteSession, event: CountingDepositsChanged) -> None:
    """Note a change of what counts."""
    if event.before:
        noted: _Noted = session.info.setdefault(_NAME, _Noted())
        for key, entries in event.before.items():
            noted.before.setdefault(key, entries)
        noted.now.update(event.now)
        session.before_commit(_NAME, _settle)


async def _settle(session: WriteSession) -> None:
    noted: _Noted = session.info.pop(_NAME)
    units = sorted({Unit(key.customer_key, key.product_id) for key in noted.before})
    # Two staff may book the same customer: what one reads must not miss what the other has not committed yet.
    await repository.lock_customers(session, units)
    others = await repository.deposits_with_others(session, {key[:2] for key in noted.now})
    now, before = _by_unit(others, noted.now), _by_unit(noted.before)
    customers: dict[str, list[Change]] = {}
    for unit in sorted(now.keys() | before.keys()):
        found = facts_of(now.get(unit, {}))
        was = facts_of({**now.get(unit, {}), **before[unit]}) if unit in before else found
        customers.setdefault(unit.customer_key, []).append(Change(unit.product_id, was, found))
    facts = repository.facts_to_store(session, _changed(customers))
    returns = repository.returns_to_add(session, returns_moved(customers.values()))
    counts = repository.counts_to_add(session, moved(change for changes in customers.values() for change in changes))
    await write_each(session, (*facts, returns, counts))


def _by_unit(*several: Mapping[Key, Collection[Entry]]) -> dict[Unit, dict[str, Collection[Entry]]]:
    """Return deposits by unit and staff."""
    found: dict[Unit, dict[str, Collection[Entry]]] = {}
    for deposits in several:
        for (staff, customer, product), entries in deposits.items():
            found.setdefault(Unit(customer, product), {})[staff] = entries
    return found


def _changed(customers: Mapping[str, list[Change]]) -> dict[tuple[str, Unit], tuple[Facts | None, Facts | None]]:
    """Return what followed and what follows, where it is not the same, by scope and unit."""
    return {
        (scope, Unit(customer, product_id)): (was.get(scope), now.get(scope))
        for customer, changes in customers.items()
        for product_id, was, now in changes
        for scope in was.keys() | now.keys()
        if was.get(scope) != now.get(scope)
    }
