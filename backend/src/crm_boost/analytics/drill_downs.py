"""What is behind a mark (spec 5.3). A drill-down asks with the chart's own scope; its totals are the chart's figures, and
its rows over all pages add up to them."""

from datetime import date
from typing import Any

from crm_boost.analytics import drill_repository as repository
from crm_boost.analytics import work_repository as work
from crm_boost.analytics.counting import Work
from crm_boost.analytics.deposit_charts import deposit_cells
from crm_boost.analytics.drill_repository import Measure, Outcome
from crm_boost.analytics.handed_out_repository import Stage, handed_out
from crm_boost.analytics.numbers import one_decimal
from crm_boost.analytics.paging import Slice
from crm_boost.analytics.scope import Scope
from crm_boost.contacts.verdicts import YES
from crm_boost.db.session import ReadSession
from crm_boost.deposits import rollup_repository as rollups
from crm_boost.deposits.classification import Figures, Key
from crm_boost.deposits.listing_repository import staff_names
from crm_boost.deposits.money import from_minor, minor_units
from crm_boost.deposits.states import CustomerType

_HOUR = 3600


async def _work_of(session: ReadSession, scope: Scope) -> Work:
    return (await work.work_by(session, scope))[()]


def _hours(seconds: int | None) -> float | None:
    return one_decimal(seconds, _HOUR) if seconds is not None else None


async def response_time(
    session: ReadSession, scope: Scope, staff_id: str, stage: Stage, sort: str, wanted: Slice
) -> dict[str, Any]:
    """Return what one staff was handed out in the period, with its marks and how long they took."""
    own = scope.of_staff(staff_id)
    items = await handed_out(session, own, staff_id, stage, sort, wanted)
    shown = await repository.shown(session, items)
    total = await _work_of(session, own)
    counts = {
        Stage.ASSIGNED: total.assigned,
        Stage.WA_CHECKED: total.checked,
        Stage.RESPONDED: total.checked_yes,
        Stage.DEPOSITED: total.checked_deposited,
    }
    rows = [
        {
            **shown[(item["record_seq"], item["deal_rank"])],
            "assigned_at": item["handed_at"],
            "wa_status": item["wa_status"],
            "wa_hours": _hours(item["wa_seconds"]),
            "respond_status": item["respond_status"],
            "respond_hours": _hours(item["respond_seconds"]),
            "deposited_on": item["deposited_on"],
        }
        for item in items
    ]
    return {"records": rows, "total": counts[stage]}


async def followup_detail(
    session: ReadSession, scope: Scope, staff_id: str, outcome: Outcome, sort: str, wanted: Slice
) -> dict[str, Any]:
    """Return who said yes to one staff, of what was handed out in the period, and what they deposited since."""
    own = scope.of_staff(staff_id)
    total = await _work_of(session, own)
    items = await repository.answered(session, own, staff_id, outcome, sort, wanted, by_answer=False)
    return await _answers(session, items, total.yes, total.deposited, outcome)


async def lifecycle(
    session: ReadSession, scope: Scope, staff_id: str, outcome: Outcome, sort: str, wanted: Slice
) -> dict[str, Any]:
    """Return who said yes to one staff in the period, and how many days later they deposited."""
    own = scope.of_staff(staff_id)
    counts = await work.answers(session, own, [staff_id])
    converted = sum(count for _, _, deposited, count in counts if deposited is not None)
    items = await repository.answered(session, own, staff_id, outcome, sort, wanted, by_answer=True)
    return await _answers(session, items, sum(count for *_, count in counts), converted, outcome)


async def _answers(
    session: ReadSession, items: list[dict[str, Any]], answered: int, converted: int, outcome: Outcome
) -> dict[str, Any]:
    shown, scale = await repository.shown(session, items), minor_units(session.business.currency)
    keys = {}
    for item in items:
        place = (item["record_seq"], item["deal_rank"])
        keys[place] = Key(item["staff_id"], item["customer_key"], shown[place]["product_id"])
    deposits = await repository.deposits_of(session, set(keys.values()))
    rows = []
    for item in items:
        place = (item["record_seq"], item["deal_rank"])
        since = [found for found in deposits.get(keys[place], ()) if found[0] >= item["respond_on"]]
        rows.append(
            {
                **shown[place],
                "assigned_at": item["handed_at"],
                "wa_status": item["wa_status"],
                "deposited": item["deposited_on"] is not None,
                "first_deposit": item["deposited_on"],
                "days": _days(item["respond_on"], item["deposited_on"]),
                "deposit_total": from_minor(sum(amount for _, amount in since), scale),
                "deposit_count": len(since),
                "last_deposit": max((day for day, _ in since), default=None),
            }
        )
    pending = answered - converted
    totals = {Outcome.ALL: answered, Outcome.CONVERTED: converted, Outcome.PENDING: pending}
    return {"records": rows, "total": totals[outcome], "converted": converted, "pending": pending}


def _days(since: date, until: date | None) -> int | None:
    return (until - since).days if until is not None else None


async def work_done(session: ReadSession, scope: Scope, measure: Measure, wanted: Slice) -> dict[str, Any]:
    """Return what was done in the period, of one kind, by the day it was done."""
    by_staff = await work.work_by(session, scope, "staff_id")
    items = await repository.done(session, scope, [staff_id for (staff_id,) in by_staff], measure, wanted)
    shown = await repository.shown(session, items)
    names = await staff_names(session, sorted({item["staff_id"] for item in items}))
    total = Work()
    for found in by_staff.values():
        total.add(found)
    counts = {
        Measure.CHECKED: total.done_checked,
        Measure.ADA: total.done_ada,
        Measure.CEKLIS1: total.done_ceklis1,
        Measure.TIDAK: total.done_tidak,
        Measure.YES: total.done_yes,
        Measure.NO: total.done_no,
    }
    rows = [
        {
            **shown[(item["record_seq"], item["deal_rank"])],
            "staff_id": item["staff_id"],
            "staff_name": names[item["staff_id"]],
            "done_on": item["done_on"],
            "wa_status": item["wa_status"],
            "respond_status": item["respond_status"],
            "is_positive": item["respond_status"] == YES,
        }
        for item in items
    ]
    return {"records": rows, "total": counts[measure]}


async def product_staff(session: ReadSession, scope: Scope, sort: str, wanted: Slice) -> dict[str, Any]:
    """Return what each staff brought of one product."""
    found = await rollups.sums_by(session, scope.rollups(), "staff_id")
    names = await staff_names(session, sorted(key for (key,) in found))
    scale = minor_units(session.business.currency)
    rows = [
        {"staff_id": key, "staff_name": names[key], **deposit_cells(figures, scale)}
        for (key,), figures in found.items()
    ]
    rows.sort(key=lambda row: (row[sort], row["staff_id"]), reverse=wanted.descending)
    shown = rows[wanted.offset : wanted.offset + wanted.limit]
    return {"staff_breakdown": shown, "total_staff": len(rows)}


async def staff_customers(
    session: ReadSession, scope: Scope, staff_id: str, sort: str, wanted: Slice
) -> dict[str, Any]:
    """Return whose deposits brought one staff what, by customer and product."""
    own, scale = scope.of_staff(staff_id), minor_units(session.business.currency)
    found, total = await repository.customers_of(session, own, sort, wanted)
    figures = (await rollups.sums_by(session, own.rollups()))[()]
    rows = [
        {
            "customer_id": row["customer_id"],
            "customer_key": row["customer_key"],
            "customer_name": row["customer_name"],
            "product_id": row["product_id"],
            "product": row["product"],
            "type": str(CustomerType.NDP if row["is_ndp"] else CustomerType.RDP),
            "total_amount": from_minor(row["total_amount"], scale),
            "deposit_count": row["deposit_count"],
            "first_deposit": row["first_deposit"],
            "last_deposit": row["last_deposit"],
        }
        for row in found
    ]
    amount = from_minor(figures.ndp_total + figures.rdp_total, scale)
    return {"customers": rows, "total": total, "total_amount": amount}


async def deposits(
    session: ReadSession,
    scope: Scope,
    sort: str,
    wanted: Slice,
    *,
    kind: CustomerType | None = None,
    weekday: int | None = None,
) -> dict[str, Any]:
    """Return the deposits of the scope, of one class or one day of the week where asked."""
    scale = minor_units(session.business.currency)
    days = None if weekday is None else [day for day in scope.days() if day.weekday() == weekday]
    found = await repository.deposits(session, scope, sort, wanted, kind=kind, days=days)
    total = Figures()
    for (day,), figures in (await rollups.sums_by(session, scope.rollups(), "record_date")).items():
        if weekday is None or day.weekday() == weekday:
            total.add(figures)
    counts = {"NDP": (total.ndp_forms, total.ndp_total), "RDP": (total.rdp_forms, total.rdp_total)}
    wanted_kinds = [str(kind)] if kind is not None else list(counts)
    rows = [
        {
            "id": row["id"],
            "staff_id": row["staff_id"],
            "staff_name": row["staff_name"],
            "customer_id": row["customer_id"],
            "customer_key": row["customer_key"],
            "customer_name": row["customer_name"],
            "product_id": row["product_id"],
            "product": row["product"],
            "amount": from_minor(row["total"], scale),
            "date": row["record_date"],
            "type": row["customer_type"],
            "note": row["note"],
        }
        for row in found
    ]
    return {
        "deposits": rows,
        "total_count": sum(counts[name][0] for name in wanted_kinds),
        "total_amount": from_minor(sum(counts[name][1] for name in wanted_kinds), scale),
        "total_ndp": total.ndp if "NDP" in wanted_kinds else 0,
        "total_rdp": total.rdp if "RDP" in wanted_kinds else 0,
    }
