"""How many customers came, came back and are new: in all, by product, by staff, by day, by first month (spec 5.2)."""

from datetime import date, timedelta
from typing import Any

from crm_boost.db.session import ReadSession
from crm_boost.deposits import rollup_repository as rollups
from crm_boost.deposits.classification import Figures
from crm_boost.deposits.listing_repository import product_names, staff_names
from crm_boost.deposits.money import from_minor, minor_units
from crm_boost.deposits.rollup_repository import RollupFilter
from crm_boost.kit.clock import business_date
from crm_boost.kit.periods import month_of
from crm_boost.kit.rounding import one_decimal, share
from crm_boost.retention import figures_repository as repository
from crm_boost.retention.facts import COMPANY
from crm_boost.retention.figures_repository import Turnout
from crm_boost.retention.listing import top_loyal
from crm_boost.retention.scope import Range

_DAY = timedelta(days=1)


async def summary(session: ReadSession, scope: str, days: Range, product_id: str | None) -> dict[str, Any]:
    """Return the figures of a range, and its ten most loyal customers."""
    turnout, money = await repository.turnout_of(session, days.start, days.end, scope, product_id), Figures()
    for figures in (await rollups.sums_by(session, _deposits(scope, days, product_id))).values():
        money.add(figures)
    return {
        "date_range": days.echo(),
        **_shaped(turnout, money, minor_units(session.business.currency)),
        "top_loyal_customers": await top_loyal(session, scope, days, product_id),
    }


async def by_product(session: ReadSession, scope: str, days: Range, product_id: str | None) -> dict[str, Any]:
    """Return the figures of a range for each product with deposits, the largest turnover first."""
    turnout = await repository.turnout(session, days.start, days.end, [scope], product_id)
    sums = await rollups.sums_by(session, _deposits(scope, days, product_id), "product_id")
    rows = _grouped(session, turnout, {key[0]: figures for key, figures in sums.items()})
    names = await product_names(session, sorted(rows))
    products = [{"product_id": key, "product_name": names[key], **row} for key, row in rows.items()]
    return {"date_range": days.echo(), "products": _ordered(products, "product_name")}


async def by_staff(session: ReadSession, days: Range, product_id: str | None) -> dict[str, Any]:
    """Return the figures of a range for each staff with deposits, each as that staff sees them."""
    sums = await rollups.sums_by(session, _deposits(COMPANY, days, product_id), "staff_id")
    ids = sorted(key[0] for key in sums)
    turnout = await repository.turnout(session, days.start, days.end, ids, product_id, by_scope=True) if ids else {}
    rows = _grouped(session, turnout, {key[0]: figures for key, figures in sums.items()})
    names = await staff_names(session, ids)
    staff = [{"staff_id": key, "staff_name": names[key], **row} for key, row in rows.items()]
    return {"date_range": days.echo(), "staff": _ordered(staff, "staff_name")}


async def trend(session: ReadSession, scope: str, days: int, product_id: str | None) -> dict[str, Any]:
    """Return the last days up to today, one entry each, also where there was nothing."""
    today = business_date(session.business.tz)
    over = Range(today - (days - 1) * _DAY, today + _DAY)
    counts = await repository.by_day(session, over.start, over.end, scope, product_id)
    sums = await rollups.sums_by(session, _deposits(scope, over, product_id), "record_date")
    scale, rows = minor_units(session.business.currency), []
    for number in range(days):
        day = over.start + number * _DAY
        customers, new = counts.get(day, (0, 0))
        figures = sums.get((day,), Figures())
        rows.append(
            {
                "date": day,
                "total_customers": customers,
                "ndp_customers": new,
                "rdp_customers": customers - new,
                **_deposit_sums(figures, scale),
            }
        )
    return {"date_range": over.echo(), "trend": rows}


async def cohorts(session: ReadSession, scope: str, months: int, product_id: str | None) -> dict[str, Any]:
    """Return the cohorts of the last months up to this one, the oldest first: who came first in a month, and how many of
    them came in each later one."""
    this = month_of(business_date(session.business.tz))
    start = _months_after(this, 1 - months)
    found = await repository.cohorts(session, start, scope, product_id)
    table = []
    for number in range(months):
        first = _months_after(start, number)
        size = found.get((first, first), 0)
        cells = []
        for offset in range(months - number):
            month = _months_after(first, offset)
            customers = found.get((first, month), 0)
            cells.append({"month": month, "offset": offset, "customers": customers, "rate": share(customers, size)})
        table.append({"cohort": first, "size": size, "months": cells})
    return {"cohorts": table}


def _months_after(month: date, number: int) -> date:
    years, index = divmod(month.month - 1 + number, 12)
    return date(month.year + years, index + 1, 1)


def _deposits(scope: str, days: Range, product_id: str | None) -> RollupFilter:
    return RollupFilter(days.start, days.end, product_id, scope or None)


def _grouped(session: ReadSession, turnout: dict[str, Turnout], sums: dict[str, Figures]) -> dict[str, dict[str, Any]]:
    scale = minor_units(session.business.currency)
    return {key: _shaped(turnout.get(key, Turnout()), figures, scale) for key, figures in sums.items()}


def _ordered(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (-row["total_omset"], row[name]))


def _deposit_sums(figures: Figures, scale: int) -> dict[str, Any]:
    return {
        "total_deposits": figures.ndp_forms + figures.rdp_forms,
        "total_omset": from_minor(figures.ndp_total + figures.rdp_total, scale),
    }


def _shaped(turnout: Turnout, figures: Figures, scale: int) -> dict[str, Any]:
    sums = _deposit_sums(figures, scale)
    return {
        "total_customers": turnout.active,
        "ndp_customers": turnout.new,
        "rdp_customers": turnout.active - turnout.new,
        "retention_rate": share(turnout.active - turnout.first, turnout.active),
        "returned_rate": share(turnout.active - turnout.not_returned, turnout.previous),
        **sums,
        "avg_deposits_per_customer": one_decimal(sums["total_deposits"], turnout.active),
        "avg_omset_per_customer": one_decimal(figures.ndp_total + figures.rdp_total, turnout.active * scale),
    }
