"""All SQL that keeps customers and counts in step with the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, select

from crm_boost.db.dialect import has_parallel_writers, in_texts, texts_parameter
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.db.statements import Write, adding, look_up, overwriting, write_each
from crm_boost.deposits.classification import Entry
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import COUNTS
from crm_boost.retention.facts import Cell, Facts, Unit, Visit, score_of
from crm_boost.retention.models import RetentionCount, RetentionCustomer, RetentionLock, returns_table
from crm_boost.retention.returns import RETURNS, Returns

_customer = cast(Table, RetentionCustomer.__table__)
_count = cast(Table, RetentionCount.__table__)
_lock = cast(Table, RetentionLock.__table__)
_KEY = ("scope", "customer_key", "product_id")
_FACTS = tuple(column.name for column in _customer.columns if column.name not in _KEY)
_LOCK = overwriting(_lock, ("customer_key",))
_NOTHING: dict[str, Any] = {**dict.fromkeys(_FACTS), "deposits": 0, "days": 0, "total": 0, "score": 0}


async def lock_customers(session: WriteSession, units: Sequence[Unit]) -> None:
    """Hold these customers alone until the end of the transaction, in one order for everybody. SQLite has one writer."""
    if not has_parallel_writers(session):
        return
    rows = [{"customer_key": customer} for customer in sorted({unit.customer_key for unit in units})]
    await write_each(session, [Write(_LOCK(session), rows)])


_d = cast(Table, Deposit.__table__).c
_VISITS = select(
    *(_d.customer_key, _d.product_id, _d.staff_id),
    *(_d.id, _d.record_date, _d.tambahan, _d.nominal, _d.total),
).where(COUNTS)
_OF_ONE = _VISITS.where(_d.customer_key == bindparam("of_customer"))
_OF_SEVERAL = _VISITS.where(in_texts(_d.customer_key, texts_parameter("of_customers")))


async def visits_of(session: ReadSession, units: Sequence[Unit]) -> dict[Unit, list[Visit]]:
    """Return every counting deposit of these customers, of all staff and also of their other products. One statement."""
    given: dict[str, Any]
    customers = sorted({unit.customer_key for unit in units})
    if len(customers) == 1:
        statement, given = _OF_ONE, {"of_customer": customers[0]}
    else:
        statement, given = _OF_SEVERAL, {"of_customers": customers}
    found: dict[Unit, list[Visit]] = {unit: [] for unit in units}
    for customer, product, staff, *entry in await look_up(session, statement, given):
        found.setdefault(Unit(customer, product), []).append(Visit(staff, Entry(*entry)))
    return found


def facts_to_store(
    session: WriteSession, changes: Mapping[tuple[str, Unit], tuple[Facts | None, Facts | None]]
) -> list[Write]:
    """Return what has to be written where this followed before, and that follows now, for scopes and customers. Only columns
    that change are set: SQLite moves the entry of a row in each index over a column that is set, also to where it is."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for (scope, unit), (before, after) in sorted(changes.items(), key=lambda item: item[0]):
        was, now = _columns(before), _columns(after)
        names = tuple(name for name in _FACTS if was[name] != now[name])
        if names:
            by_columns.setdefault(names, []).append({"scope": scope, **unit._asdict(), **now})
    return [Write(overwriting(_customer, names)(session), rows) for names, rows in by_columns.items()]


def _columns(found: Facts | None) -> dict[str, Any]:
    if found is None:
        return _NOTHING
    return {
        "staff_id": found.staff_id,
        "deposit_id": found.deposit_id,
        "first_date": found.first_date,
        "last_date": found.last_date,
        "ndp_date": found.ndp_date,
        "deposits": found.deposits,
        "days": len(found.days),
        "total": found.total,
        "score": score_of(found.deposits, len(found.days)),
    }


def returns_to_add(session: WriteSession, changes: Returns) -> Write:
    """Return what has to be added to the days of returns, in one order for everybody."""
    rows = [{**key._asdict(), **dict(zip(RETURNS, counts, strict=True))} for key, counts in sorted(changes.items())]
    return Write(adding(returns_table, RETURNS)(session), rows)


async def add_to_counts(session: WriteSession, changes: Mapping[Cell, int]) -> None:
    """Add differences to the counts, in one order for everybody."""
    rows = [{**cell._asdict(), "customers": change} for cell, change in sorted(changes.items()) if change]
    await write_each(session, [Write(adding(_count, ("customers",))(session), rows)])
