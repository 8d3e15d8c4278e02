"""What must hold of a ledger after anything: an independent definition over all deposits, against what is stored."""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import select

from crm_boost.db.engine import Database
from crm_boost.deposits import rebuild_repository as rebuilding
from crm_boost.deposits.models import Deposit, DepositDay, DepositKey

Figures = tuple[int, int, int, int, int]
"""NDP, RDP, forms, NDP turnover, RDP turnover."""


def reference(deposits: list[Any]) -> tuple[dict[str, str], dict[tuple[date, str, str], Figures]]:
    """The specification (4.1) in its own words, over a whole ledger: classes by id, and figures by day, staff, product."""
    counting = [d for d in deposits if d.status == "approved" and d.deleted_at is None]
    earliest: dict[tuple[str, str, str], date] = {}
    for d in counting:
        if not d.tambahan:
            key = (d.staff_id, d.customer_key, d.product_id)
            earliest[key] = min(earliest.get(key, d.record_date), d.record_date)
    classes: dict[str, str] = {}
    customers: dict[Any, set[str]] = defaultdict(set)
    amounts: dict[tuple[date, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for d in counting:
        first = earliest.get((d.staff_id, d.customer_key, d.product_id))
        kind = "NDP" if not d.tambahan and d.record_date == first else "RDP"
        cell = (d.record_date, d.staff_id, d.product_id)
        classes[d.id] = kind
        customers[cell, kind].add(d.customer_key)
        amounts[cell][0] += 1
        amounts[cell][1 if kind == "NDP" else 2] += d.total
    figures = {
        cell: (len(customers[cell, "NDP"]), len(customers[cell, "RDP"]), forms, ndp, rdp)
        for cell, (forms, ndp, rdp) in amounts.items()
    }
    return classes, figures


async def assert_sound(database: Database) -> int:
    """Classes, keys and roll-ups are what the deposits make them, to the last cell. Returns how many deposits count."""
    async with database.read() as session:
        deposits = list(await session.scalars(select(Deposit)))
        days = list(await session.scalars(select(DepositDay)))
        keys = list(await session.scalars(select(DepositKey)))
        drifts = [
            await rebuilding.drift_of(session, question())
            for question in (rebuilding.wrong_classes, rebuilding.wrong_days)
        ]
    classes, figures = reference(deposits)
    assert {d.id: d.customer_type for d in deposits if d.customer_type is not None} == classes
    assert {
        (d.record_date, d.staff_id, d.product_id): (d.ndp, d.rdp, d.ndp_forms + d.rdp_forms, d.ndp_total, d.rdp_total)
        for d in days
    } == figures
    assert all(d.ndp <= d.ndp_forms and d.rdp <= d.rdp_forms for d in days)
    firsts: dict[tuple[str, str, str], set[date]] = defaultdict(set)
    for d in deposits:
        if d.customer_type == "NDP":
            assert not d.tambahan
            firsts[d.staff_id, d.customer_key, d.product_id].add(d.record_date)
    stored = {(k.staff_id, k.customer_key, k.product_id): k for k in keys}
    assert {key: {row.first_date} for key, row in stored.items() if row.first_date is not None} == firsts
    assert [drift.count for drift in drifts] == [0, 0]
    return len(classes)
