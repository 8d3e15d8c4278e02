"""What must hold of a ledger after anything: an independent definition over all deposits, against what is stored."""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import select

from crm_boost.db.engine import Database
from crm_boost.deposits import rebuild_repository as rebuilding
from crm_boost.deposits.classification import FIGURES
from crm_boost.deposits.models import Deposit, DepositDay, DepositKey, DepositMonth, DepositStaffDay

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


def coarser(deposits: list[Any]) -> tuple[dict[Any, list[int]], dict[Any, list[int]]]:
    """The coarser roll-ups by the specification, from the stored classes: by staff and day forms, turnover and different
    customers, by month forms, turnover and how often customers came."""
    counting = [d for d in deposits if d.customer_type is not None]
    staff_days: dict[Any, list[int]] = defaultdict(lambda: [0] * 6)
    months: dict[Any, list[int]] = defaultdict(lambda: [0] * 5)
    visits: dict[Any, int] = defaultdict(int)
    days: dict[Any, set[date]] = defaultdict(set)
    for d in counting:
        month = d.record_date.replace(day=1)
        for row in (staff_days[d.record_date, d.staff_id], months[month, d.staff_id, d.product_id]):
            row[0] += 1
            row[1] += d.total
        visits[month, d.staff_id, d.product_id, d.customer_key] += 1
        days[d.staff_id, d.customer_key, d.customer_type].add(d.record_date)
    for key, times in visits.items():
        if times > 1:
            months[key[:3]][min(times, 4)] += 1
    for (staff, _, kind), found in days.items():
        place = 2 if kind == "NDP" else 3
        for day in found:
            staff_days[day, staff][place] += not any(day.replace(day=1) <= other < day for other in found)
        staff_days[max(found), staff][place + 2] += 1
    return dict(staff_days), dict(months)


def unique(deposits: list[Any], start: date | None, end: date | None) -> dict[str, dict[str, int]]:
    """How many different customers each staff has in a range, as NDP and as RDP."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: {"NDP": set(), "RDP": set()})
    for d in deposits:
        if d.customer_type and (start is None or start <= d.record_date) and (end is None or d.record_date < end):
            found[d.staff_id][d.customer_type].add(d.customer_key)
    return {staff: {kind: len(keys) for kind, keys in kinds.items()} for staff, kinds in found.items()}


def _sums(row: Any) -> tuple[int, int]:
    return row.ndp_forms + row.rdp_forms, row.ndp_total + row.rdp_total


async def all_deposits(database: Database) -> list[Any]:
    """The ledger as it is stored."""
    async with database.read() as session:
        return list(await session.scalars(select(Deposit)))


async def assert_sound(database: Database) -> int:
    """Classes, keys and roll-ups are what the deposits make them, to the last cell. Returns how many deposits count."""
    async with database.read() as session:
        deposits = list(await session.scalars(select(Deposit)))
        days = list(await session.scalars(select(DepositDay)))
        staff_days = list(await session.scalars(select(DepositStaffDay)))
        months = list(await session.scalars(select(DepositMonth)))
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
    assert coarser(deposits) == (
        {
            (d.record_date, d.staff_id): [*_sums(d), d.ndp_fresh, d.rdp_fresh, d.ndp_last, d.rdp_last]
            for d in staff_days
        },
        {(m.month, m.staff_id, m.product_id): [*_sums(m), m.customers_2, m.customers_3, m.customers_4] for m in months},
    )
    for name in FIGURES:
        assert len({sum(getattr(row, name) for row in table) for table in (days, staff_days, months)}) == 1
    firsts: dict[tuple[str, str, str], set[date]] = defaultdict(set)
    for d in deposits:
        if d.customer_type == "NDP":
            assert not d.tambahan
            firsts[d.staff_id, d.customer_key, d.product_id].add(d.record_date)
    stored = {(k.staff_id, k.customer_key, k.product_id): k for k in keys}
    assert {key: {row.first_date} for key, row in stored.items() if row.first_date is not None} == firsts
    assert [drift.count for drift in drifts] == [0, 0]
    return len(classes)
