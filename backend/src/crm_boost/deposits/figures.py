"""Figures over days: summary, one day's NDP and RDP, daily summary, dashboard. All from the roll-ups (spec 4.2)."""

from datetime import date, timedelta
from typing import Any

from crm_boost.db.session import ReadSession
from crm_boost.deposits import rollup_repository as rollups
from crm_boost.deposits.classification import Figures
from crm_boost.deposits.listing_repository import product_names, staff_names
from crm_boost.deposits.money import from_minor, minor_units
from crm_boost.deposits.rollup_repository import RollupFilter
from crm_boost.deposits.states import CustomerType
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import business_date
from crm_boost.kit.errors import InvalidInput
from crm_boost.kit.periods import month_of

_DAY = timedelta(days=1)


def range_of(
    principal: Principal,
    *,
    start_date: date | None,
    end_date: date | None,
    product_id: str | None = None,
    staff_id: str | None = None,
) -> RollupFilter:
    """Return the filter of two included days; for staff always that of their own figures."""
    if start_date is not None and end_date is not None and start_date > end_date:
        raise InvalidInput.of("end_date", "The end is before the start.", "end_before_start")
    if not principal.can(Permission.DEPOSITS_MANAGE):
        staff_id = principal.id
    end = None if end_date is None or end_date == date.max else end_date + _DAY
    return RollupFilter(start_date, end, product_id, staff_id)


async def by_day_staff_and_product(session: ReadSession, wanted: RollupFilter) -> list[dict[str, Any]]:
    """Return the figures of a range by day, staff and product."""
    found = await rollups.sums_by(session, wanted, "record_date", "staff_id", "product_id")
    staff = await staff_names(session, sorted({key[1] for key in found}))
    products = await product_names(session, sorted({key[2] for key in found}))
    scale = minor_units(session.business.currency)
    return [
        {
            "date": day,
            "staff_name": staff[staff_id],
            "product_name": products[product_id],
            "ndp": figures.ndp,
            "rdp": figures.rdp,
            "forms": figures.ndp_forms + figures.rdp_forms,
            "ndp_total": from_minor(figures.ndp_total, scale),
            "rdp_total": from_minor(figures.rdp_total, scale),
            "nominal": from_minor(figures.ndp_nominal + figures.rdp_nominal, scale),
            "depo_total": from_minor(figures.ndp_total + figures.rdp_total, scale),
        }
        for (day, staff_id, product_id), figures in found.items()
    ]


async def summary(session: ReadSession, wanted: RollupFilter) -> dict[str, Any]:
    """Return the figures of a range: in all, by day, by staff, by product, and its different customers by staff."""
    found = await rollups.sums_by_each(session, wanted)
    unique = await rollups.unique_customers(session, wanted)
    staff = await staff_names(session, sorted(found["staff_id"].keys() | unique.keys()))
    products = await product_names(session, sorted(found["product_id"]))
    scale = minor_units(session.business.currency)
    everything = found["total"][""]
    by_staff = [
        {"staff_id": key, "staff_name": staff[key], **_counts(figures, scale)}
        for key, figures in found["staff_id"].items()
    ]
    by_product = [
        {"product_id": key, "product_name": products[key], **_counts(figures, scale)}
        for key, figures in found["product_id"].items()
    ]
    answer: dict[str, Any] = {
        "total": {
            "total_nominal": from_minor(everything.ndp_nominal + everything.rdp_nominal, scale),
            "total_depo": from_minor(everything.ndp_total + everything.rdp_total, scale),
            "total_records": everything.ndp_forms + everything.rdp_forms,
            "total_ndp": everything.ndp,
            "total_rdp": everything.rdp,
            "ndp_total": from_minor(everything.ndp_total, scale),
            "rdp_total": from_minor(everything.rdp_total, scale),
        },
        "daily": [{"date": key, **_counts(figures, scale)} for key, figures in sorted(found["record_date"].items())],
        "by_staff": sorted(by_staff, key=lambda row: (-row["total_depo"], row["staff_name"], row["staff_id"])),
        "by_product": sorted(by_product, key=lambda row: (-row["total_depo"], row["product_name"], row["product_id"])),
        "unique_customers": [
            {
                "staff_id": key,
                "staff_name": staff[key],
                "unique_ndp_count": counts.get(CustomerType.NDP, 0),
                "unique_rdp_count": counts.get(CustomerType.RDP, 0),
            }
            for key, counts in sorted(unique.items(), key=lambda item: (staff[item[0]], item[0]))
        ],
    }
    if wanted.start is not None:
        answer["start_date"] = wanted.start
    if wanted.end is not None:
        answer["end_date"] = wanted.end - _DAY
    return answer


async def ndp_rdp(session: ReadSession, wanted: RollupFilter, product_id: str, day: date) -> dict[str, Any]:
    """Return the NDP and RDP of one product on one day."""
    figures = (await rollups.sums_by(session, wanted))[()]
    scale = minor_units(session.business.currency)
    return {
        "date": day,
        "product_id": product_id,
        "ndp_count": figures.ndp,
        "ndp_total": from_minor(figures.ndp_total, scale),
        "rdp_count": figures.rdp,
        "rdp_total": from_minor(figures.rdp_total, scale),
        "total_records": figures.ndp_forms + figures.rdp_forms,
    }


async def days_with_deposits(session: ReadSession, wanted: RollupFilter) -> list[dict[str, Any]]:
    """Return the days that have counting deposits, the latest first, each with its figures."""
    found, scale = await rollups.sums_by(session, wanted, "record_date"), minor_units(session.business.currency)
    return [{"date": key, **_counts(figures, scale)} for (key,), figures in sorted(found.items(), reverse=True)]


async def daily_summary(
    session: ReadSession, principal: Principal, day: date, product_id: str | None
) -> dict[str, Any]:
    """Return one day by staff and by product. Staff see their own row, their rank, and what the team has in all."""
    team = RollupFilter(day, day + _DAY, product_id)
    found = await rollups.sums_by(session, team, "staff_id", "product_id")
    scale, own_only = minor_units(session.business.currency), not principal.can(Permission.DEPOSITS_MANAGE)
    by_staff: dict[str, Figures] = {}
    by_product: dict[str, Figures] = {}
    everybody, shown = Figures(), Figures()
    for (staff_id, in_product), figures in found.items():
        everybody.add(figures)
        by_staff.setdefault(staff_id, Figures()).add(figures)
        if own_only and staff_id != principal.id:
            continue
        shown.add(figures)
        by_product.setdefault(in_product, Figures()).add(figures)
    ranks = _ranks(by_staff)
    staff, products = await staff_names(session, sorted(by_staff)), await product_names(session, sorted(by_product))
    rows = [
        {"staff_id": key, "staff_name": staff[key], "rank": ranks[key], **_counts(figures, scale)}
        for key, figures in by_staff.items()
        if not own_only or key == principal.id
    ]
    answer: dict[str, Any] = {
        "date": day,
        **_totals(shown, scale),
        "staff_breakdown": sorted(rows, key=lambda row: (row["rank"], row["staff_name"], row["staff_id"])),
        "product_breakdown": [
            {"product_id": key, "product_name": products[key], **_counts(figures, scale)}
            for key, figures in sorted(by_product.items(), key=lambda item: (products[item[0]], item[0]))
        ],
        "team": {**_totals(everybody, scale), "staff_count": len(by_staff)},
    }
    if product_id is not None:
        answer["product_id"] = product_id
    if own_only and principal.id in ranks:
        answer["rank"] = ranks[principal.id]
    return answer


async def history(session: ReadSession, principal: Principal, days: int, product_id: str | None) -> dict[str, Any]:
    """Return the last days up to today, one entry each, also where there was nothing."""
    today = business_date(session.business.tz)
    start = today - (days - 1) * _DAY
    wanted = range_of(principal, start_date=start, end_date=today, product_id=product_id)
    found, scale = await rollups.sums_by(session, wanted, "record_date"), minor_units(session.business.currency)
    every = (start + number * _DAY for number in range(days))
    return {
        "days": days,
        "start_date": start,
        "end_date": today,
        "history": [{"date": day, **_totals(found.get((day,), Figures()), scale)} for day in every],
    }


async def dashboard(session: ReadSession, principal: Principal, product_id: str | None) -> dict[str, Any]:
    """Return today, yesterday, this month and the same days of the last month, the best day of the month (ATH), and how
    many deposits wait; staff see their own."""
    today, scale = business_date(session.business.tz), minor_units(session.business.currency)
    month = month_of(today)
    last_month = month_of(month - _DAY)
    same_day = min(last_month + (today - month), month - _DAY)
    spans = {
        "today": (today, today),
        "yesterday": (today - _DAY, today - _DAY),
        "month": (month, today),
        "last_month": (last_month, same_day),
    }
    # Everything lies in these two months; the spans are cut out of one reading, so that they belong together.
    first = range_of(principal, start_date=last_month, end_date=today, product_id=product_id)
    found = await rollups.sums_by(session, first, "record_date")
    answer: dict[str, Any] = {"date": today}
    for name, (start, end) in spans.items():
        total = Figures()
        for (day,), figures in found.items():
            if start <= day <= end:
                total.add(figures)
        answer[name] = {"start_date": start, "end_date": end, **_totals(total, scale)}
    this_month = RollupFilter(month, today + _DAY, product_id, first.staff_id)
    best = await rollups.best_day(session, this_month)
    if best is not None:
        answer["best_day"] = {"date": best[0], "total_omset": from_minor(best[1], scale)}
    answer["pending_count"] = await rollups.count_waiting(session, first.staff_id, product_id)
    return answer


def _counts(figures: Figures, scale: int) -> dict[str, Any]:
    return {
        "total_nominal": from_minor(figures.ndp_nominal + figures.rdp_nominal, scale),
        "total_depo": from_minor(figures.ndp_total + figures.rdp_total, scale),
        "count": figures.ndp_forms + figures.rdp_forms,
        "ndp_count": figures.ndp,
        "rdp_count": figures.rdp,
        "ndp_total": from_minor(figures.ndp_total, scale),
        "rdp_total": from_minor(figures.rdp_total, scale),
    }


def _totals(figures: Figures, scale: int) -> dict[str, Any]:
    return {
        "total_forms": figures.ndp_forms + figures.rdp_forms,
        "total_ndp": figures.ndp,
        "total_rdp": figures.rdp,
        "total_nominal": from_minor(figures.ndp_nominal + figures.rdp_nominal, scale),
        "total_omset": from_minor(figures.ndp_total + figures.rdp_total, scale),
        "ndp_total": from_minor(figures.ndp_total, scale),
        "rdp_total": from_minor(figures.rdp_total, scale),
    }


def _ranks(by_staff: dict[str, Figures]) -> dict[str, int]:
    """Return the place of each staff by turnover; who ties shares a place."""
    totals = {key: figures.ndp_total + figures.rdp_total for key, figures in by_staff.items()}
    return {key: 1 + sum(other > own for other in totals.values()) for key, own in totals.items()}
