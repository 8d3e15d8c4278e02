"""Customers follow the ledger (spec 5.2): what is stored of them is settled once, at the end of each transaction that
changed what counts. The cost follows the deposits of the customers that changed."""

from collections.abc import Mapping
from typing import cast

from crm_boost.db.session import WriteSession
from crm_boost.db.statements import write_each
from crm_boost.deposits.classification import Entry, Key
from crm_boost.retention import facts_repository as repository
from crm_boost.retention.facts import Facts, Unit, Visit, facts_of, moved
from crm_boost.retention.returns import Change, returns_moved

_NOTED = "retention_before"


def note(session: WriteSession, before: Mapping[Key, tuple[Entry, ...]]) -> None:
    """Note what counted before a change; of several changes of a key in one transaction the first tells."""
    if before:
        noted = cast(dict[Key, tuple[Entry, ...]], session.info.setdefault(_NOTED, {}))
        for key, entries in before.items():
            noted.setdefault(key, entries)
        session.before_commit("retention", _settle)


async def _settle(session: WriteSession) -> None:
    noted: dict[Key, tuple[Entry, ...]] = session.info.pop(_NOTED)
    units = sorted({Unit(key.customer_key, key.product_id) for key in noted})
    # Two staff may book the same customer: what one reads must not miss what the other has not committed yet.
    await repository.lock_customers(session, units)
    after = await repository.visits_of(session, units)
    old: list[tuple[str, Mapping[str, Facts]]] = []
    new: list[tuple[str, Mapping[str, Facts]]] = []
    changed: dict[tuple[str, Unit], tuple[Facts | None, Facts | None]] = {}
    customers: dict[str, list[Change]] = {}
    by_unit: dict[Unit, list[Visit]] = {unit: [] for unit in units}
    for key, entries in noted.items():
        by_unit[Unit(key.customer_key, key.product_id)] += [Visit(key.staff_id, entry) for entry in entries]
    for unit in units:
        untouched = [visit for visit in after[unit] if Key(visit.staff_id, *unit) not in noted]
        was, now = facts_of([*untouched, *by_unit[unit]]), facts_of(after[unit])
        old.append((unit.product_id, was))
        new.append((unit.product_id, now))
        customers.setdefault(unit.customer_key, []).append(Change(unit.product_id, was, now))
        for scope in was.keys() | now.keys():
            if was.get(scope) != now.get(scope):
                changed[scope, unit] = (was.get(scope), now.get(scope))
    for unit in after.keys() - by_unit.keys():
        same = facts_of(after[unit])
        customers[unit.customer_key].append(Change(unit.product_id, same, same))
    returns = repository.returns_to_add(session, returns_moved(customers.values()))
    await write_each(session, (*repository.facts_to_store(session, changed), returns))
    await repository.add_to_counts(session, moved(old, new))
