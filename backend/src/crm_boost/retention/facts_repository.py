"""All SQL that keeps customers and counts in step with the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, select

from crm_boost.db.dialect import has_parallel_writers, in_texts, inserting
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.deposits.classification import Entry
from crm_boost.deposits.models import Deposit
from crm_boost.deposits.repository import COUNTS, write_rows
from crm_boost.retention.facts import COMPANY, Cell, Facts, Unit, Visit, score_of
from crm_boost.retention.models import RetentionCount, RetentionCustomer

_customer = cast(Table, RetentionCustomer.__table__)
_count = cast(Table, RetentionCount.__table__)
_KEY = ("scope", "customer_key", "product_id")
_FACTS = tuple(column.name for column in _customer.columns if column.name not in _KEY)
_NOTHING: dict[str, Any] = {**dict.fromkeys(_FACTS), "deposits": 0, "days": 0, "total": 0, "score": 0}


async def lock_units(session: WriteSession, units: Sequence[Unit]) -> None:
    """Hold these customers alone until the end of the transaction, in one order for everybody. SQLite has one writer."""
    if not has_parallel_writers(session):
        return

    def build() -> Any:
        same = {"deposits": _customer.c.deposits}
        return inserting(session, _customer).on_conflict_do_update(
            index_elements=list(_customer.primary_key), set_=same
        )

    rows = [{"scope": COMPANY, **unit._asdict(), **_NOTHING} for unit in sorted(units)]
    await write_rows(session, "lock retention units", build, rows)


async def visits_of(session: ReadSession, units: Sequence[Unit]) -> dict[Unit, list[Visit]]:
    """Return every counting deposit of these customers, of all staff. One statement."""
    columns = (Deposit.customer_key, Deposit.product_id, Deposit.staff_id)
    statement = select(*columns, Deposit.id, Deposit.record_date, Deposit.tambahan, Deposit.nominal, Deposit.total)
    if len(units) == 1:
        statement = statement.where(Deposit.customer_key == units[0][0], Deposit.product_id == units[0][1])
    else:
        statement = statement.where(in_texts(Deposit.customer_key, sorted({unit.customer_key for unit in units})))
    found: dict[Unit, list[Visit]] = {unit: [] for unit in units}
    rows: list[tuple[Any, ...]] = [tuple(row) for row in await session.execute(statement.where(COUNTS))]
    for customer, product, staff, *entry in rows:
        if (unit := Unit(customer, product)) in found:
            found[unit].append(Visit(staff, Entry(*entry)))
    return found


async def store_facts(session: WriteSession, facts: Mapping[tuple[str, Unit], Facts | None]) -> None:
    """Store what follows for these scopes and customers."""
    rows = [
        {"scope": scope, **unit._asdict(), **(_NOTHING if found is None else _columns(found))}
        for (scope, unit), found in sorted(facts.items(), key=lambda item: item[0])
    ]

    def build() -> Any:
        statement = inserting(session, _customer)
        changed = {name: statement.excluded[name] for name in _FACTS}
        return statement.on_conflict_do_update(index_elements=list(_customer.primary_key), set_=changed)

    if rows:
        await write_rows(session, "store retention facts", build, rows)


def _columns(found: Facts) -> dict[str, Any]:
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


async def add_to_counts(session: WriteSession, changes: Mapping[Cell, int]) -> None:
    """Add differences to the counts, in one order for everybody."""
    rows = [{**cell._asdict(), "customers": change} for cell, change in sorted(changes.items()) if change]

    def build() -> Any:
        statement = inserting(session, _count)
        added = {"customers": _count.c.customers + statement.excluded.customers}
        return statement.on_conflict_do_update(index_elements=list(_count.primary_key), set_=added)

    if rows:
        await write_rows(session, "add to retention counts", build, rows)
