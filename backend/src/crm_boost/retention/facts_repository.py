"""All SQL that keeps customers and counts in step with the ledger."""

from collections.abc import Collection, Mapping, Sequence
from itertools import compress
from operator import itemgetter, ne
from typing import Any, cast

from sqlalchemy import Table, bindparam, select

from crm_boost.db.dialect import has_parallel_writers, in_rows, in_texts, rows_parameter, texts_parameter
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Write, adding, look_up, overwriting, write_each
from crm_boost.deposits.classification import Entry, Key
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import COUNTS
from crm_boost.retention.facts import Cell, Facts, Unit, score_of
from crm_boost.retention.models import RetentionCount, RetentionCustomer, RetentionLock, returns_table
from crm_boost.retention.returns import RETURNS, Returns

_customer = cast(Table, RetentionCustomer.__table__)
_count = cast(Table, RetentionCount.__table__)
_lock = cast(Table, RetentionLock.__table__)
_KEY = ("scope", "customer_key", "product_id")
_FACTS = ("staff_id", "deposit_id", "first_date", "last_date", "ndp_date", "deposits", "days", "total", "score")
_COUNTS = ("kind", "scope", "day", "other", "product_id", "customers")
_RETURNS = ("scope", "product_id", "day", *RETURNS)
_LOCK = overwriting(_lock, ("customer_key",))
_NOTHING = (None, None, None, None, None, 0, 0, 0, 0)
"""The columns of `_FACTS` where there are no deposits."""


async def lock_customers(session: WriteSession, units: Sequence[Unit]) -> None:
    """Hold these customers alone until the end of the transaction, in one order for everybody. SQLite has one writer."""
    if not has_parallel_writers(session):
        return
    rows = [{"customer_key": customer} for customer in sorted({unit.customer_key for unit in units})]
    await write_each(session, [Write(_LOCK(session), rows)])


_d = cast(Table, Deposit.__table__).c
_OF_OTHERS = select(
    *(_d.staff_id, _d.customer_key, _d.product_id),
    *(_d.id, _d.record_date, _d.tambahan, _d.nominal, _d.total),
).where(COUNTS)
_OF_ONE = _OF_OTHERS.where(_d.customer_key == bindparam("of_customer"), _d.staff_id != bindparam("of_staff"))
_OF_SEVERAL = _OF_OTHERS.where(
    in_texts(_d.customer_key, texts_parameter("of_customers")),
    ~in_rows((_d.staff_id, _d.customer_key), rows_parameter("of_pairs")),
)


async def deposits_with_others(session: ReadSession, pairs: Collection[tuple[str, str]]) -> dict[Key, list[Entry]]:
    """Return the counting deposits of the customers of these pairs of staff and customer, but for those of the pairs: with
    other staff, of whichever product. One statement."""
    given: dict[str, Any]
    if len(pairs) == 1:
        ((staff, customer),) = pairs
        statement, given = _OF_ONE, {"of_customer": customer, "of_staff": staff}
    else:
        customers = sorted({customer for _, customer in pairs})
        statement, given = _OF_SEVERAL, {"of_customers": customers, "of_pairs": sorted(pairs)}
    found: dict[Key, list[Entry]] = {}
    for staff, customer, product, *entry in await look_up(session, statement, given):
        found.setdefault(Key(staff, customer, product), []).append(Entry(*entry))
    return found


def facts_to_store(
    session: WriteSession, changes: Mapping[tuple[str, Unit], tuple[Facts | None, Facts | None]]
) -> list[Write]:
    """Return what has to be written where this followed before, and that follows now, for scopes and customers. Only columns
    that change are set: SQLite moves the entry of a row in each index over a column that is set, also to where it is."""
    by_columns: dict[tuple[bool, ...], list[tuple[Any, ...]]] = {}
    for (scope, unit), (before, after) in sorted(changes.items(), key=itemgetter(0)):
        was, now = _values(before), _values(after)
        differs = tuple(map(ne, was, now))
        if any(differs):
            by_columns.setdefault(differs, []).append((scope, *unit, *now))
    writes = []
    for differs, rows in by_columns.items():
        names = tuple(compress(_FACTS, differs))
        writes.append(Write(overwriting(_customer, names)(session), rows, _KEY + _FACTS))
    return writes


def _values(found: Facts | None) -> tuple[Any, ...]:
    """Return the columns of `_FACTS`."""
    if found is None:
        return _NOTHING
    days = len(found.days)
    return (*found[:6], days, found.total, score_of(found.deposits, days))


def returns_to_add(session: WriteSession, changes: Returns) -> Write:
    """Return what has to be added to the days of returns, in one order for everybody."""
    rows = [(*key, *counts) for key, counts in sorted(changes.items())]
    return Write(adding(returns_table, RETURNS)(session), rows, _RETURNS)


def counts_to_add(session: WriteSession, changes: Mapping[Cell, int]) -> Write:
    """Return what has to be added to the counts, in one order for everybody."""
    rows = [(*cell, change) for cell, change in sorted(changes.items())]
    return Write(adding(_count, ("customers",))(session), rows, _COUNTS)
