"""The report: a year by month, product and staff, one of its months by day and staff (spec 4.2, 7.3)."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.db.session import ReadSession
from crm_boost.deposits.listing_repository import product_names, staff_names
from crm_boost.deposits.money import from_minor, minor_units
from crm_boost.deposits.rollups import TIERS
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal
from crm_boost.performance import judging, repository
from crm_boost.performance.calendar import Month
from crm_boost.performance.progress import month_named
from crm_boost.performance.report_file import workbook
from crm_boost.performance.report_repository import Cells, Wanted, cells, deposit_tiers
from crm_boost.performance.targets_service import timeline_of

MONTHS = range(1, 13)
_TIERS = dict(zip(TIERS, ("2x", "3x", "4x_plus"), strict=True))


def wanted_by(principal: Principal, month: Month, product_id: str | None, staff_id: str | None) -> Wanted:
    """Return what is asked for; for staff always their own."""
    return Wanted(month, product_id, staff_id if principal.can(Permission.PERFORMANCE_MANAGE) else principal.id)


async def data(session: ReadSession, wanted: Wanted) -> dict[str, Any]:
    """Return the report. Every part adds up to the same year, and the days to their month."""
    scale, month = minor_units(session.business.currency), wanted.month
    months, of_product, by_day = await cells(session, wanted)
    tiers = await deposit_tiers(session, wanted)
    staff = await staff_names(session, sorted({key[1] for key in months}))
    products = await product_names(session, sorted({key[1] for key in of_product}))
    rows = await repository.target_rows(session)
    people = sorted(staff, key=lambda key: (staff[key], key))
    of_staff = _grouped((key[1], found) for key, found in months.items())
    days = _grouped((key[0], found) for key, found in by_day.items())
    yearly = _grouped((key[0], found) for key, found in months.items())

    def row(found: Cells | None) -> dict[str, Any]:
        return _shown(found or Cells(), scale)

    def team(of: Mapping[str, Cells]) -> list[dict[str, Any]]:
        return [{"staff_id": key, "staff_name": staff[key], **row(of[key])} for key in people if key in of]

    places = judging.ranks({key: found.omset for key, found in of_staff.items()})
    return {
        "year": month.year,
        "month": month.month,
        "start_date": month.start,
        "end_date": month.last,
        "yearly": [{"month": number, **row(yearly.get(number))} for number in MONTHS],
        "monthly": [
            {"month": number, "product_id": key, "product_name": products[key], **row(of_product[number, key])}
            for number, key in sorted(of_product, key=lambda found: (found[0], products[found[1]], found[1]))
        ],
        "monthly_by_staff": [
            {
                "month": number,
                "staff": team({key[1]: found for key, found in months.items() if key[0] == number}),
                "totals": row(yearly.get(number)),
            }
            for number in MONTHS
        ],
        "daily": [{"date": day, **row(days.get(day))} for day in month.days()],
        "daily_by_staff": [
            {
                "date": day,
                "staff": team({key: by_day[day, key] for key in people if (day, key) in by_day}),
                "totals": row(days.get(day)),
            }
            for day in month.days()
        ],
        "staff_performance": [
            {
                "staff_id": key,
                "staff_name": staff[key],
                "rank": places[key],
                **row(of_staff[key]),
                **_efficiency(months.get((month.month, key), Cells()), _target(rows, key, month, scale), scale),
            }
            for key in sorted(people, key=lambda key: (places[key], staff[key], key))
        ],
        "deposit_tiers": {name: tiers[column] for column, name in _TIERS.items()},
        "crm_efficiency_target": from_minor(_target(rows, wanted.staff_id, month, scale), scale),
    }


async def export(
    database: Database,
    principal: Principal,
    year: int | None,
    month: int | None,
    product_id: str | None,
    staff_id: str | None,
) -> tuple[str, bytes]:
    """Return the report as a workbook, and a name for its file. Audited."""
    async with database.read() as session:
        wanted = wanted_by(principal, month_named(session, year, month), product_id, staff_id)
        found = await data(session, wanted)
    content = await asyncio.to_thread(workbook, found)
    name = f"report-{wanted.month.year}-{wanted.month.month:02d}.xlsx"
    async with database.write() as session:
        await record_audit(session, "report.export", "report", name, bytes=len(content))
    return name, content


def _grouped(found: Iterable[tuple[Any, Cells]]) -> dict[Any, Cells]:
    sums: dict[Any, Cells] = {}
    for key, figures in found:
        sums.setdefault(key, Cells()).add(figures)
    return sums


def _shown(found: Cells, scale: int) -> dict[str, Any]:
    return {
        "new_id": found.ndp,
        "rdp": found.rdp,
        "total_form": found.forms,
        "nominal": from_minor(found.omset, scale),
    }


def _target(rows: list[Any], staff_id: str | None, month: Month, scale: int) -> int:
    return timeline_of(rows, staff_id, scale).on(month.last).monthly_omset


def _efficiency(found: Cells, target: int, scale: int) -> dict[str, Any]:
    return {
        "month_nominal": from_minor(found.omset, scale),
        "crm_efficiency_target": from_minor(target, scale),
        "crm_efficiency": judging.one_decimal(found.omset * 100, target),
    }
