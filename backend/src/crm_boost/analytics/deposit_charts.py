"""The charts of deposits, all from figures that are kept with the ledger: the daily totals, and what retention counts by
day, from which different customers of a day, week or month add up (spec 4.1, 5.3)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from crm_boost.analytics import deposit_repository as repository
from crm_boost.analytics.buckets import Bucket, Granularity, buckets_of
from crm_boost.analytics.numbers import one_decimal, share
from crm_boost.analytics.scope import Scope
from crm_boost.db.session import ReadSession
from crm_boost.deposits import rollup_repository as rollups
from crm_boost.deposits.classification import Figures
from crm_boost.deposits.listing_repository import product_names, staff_names
from crm_boost.deposits.money import from_minor, minor_units
from crm_boost.kit.clock import business_date
from crm_boost.retention.facts import COMPANY
from crm_boost.retention.returns import ANY_PRODUCT
from crm_boost.retention.returns_repository import different_customers

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _forms(figures: Figures) -> int:
    return figures.ndp_forms + figures.rdp_forms


def _amount(figures: Figures) -> int:
    return figures.ndp_total + figures.rdp_total


def _average(amount: int, count: int, scale: int) -> float | None:
    return one_decimal(amount, count * scale)


def _sum(found: Iterable[Figures]) -> Figures:
    total = Figures()
    for figures in found:
        total.add(figures)
    return total


def _group(found: dict[tuple[Any, ...], Figures], key: Callable[[tuple[Any, ...]], Any]) -> dict[Any, Figures]:
    groups: dict[Any, Figures] = {}
    for cells, figures in found.items():
        groups.setdefault(key(cells), Figures()).add(figures)
    return groups


async def business(session: ReadSession, scope: Scope) -> dict[str, Any]:
    """Return turnover by day and product, NDP against RDP, and how far the databases are used."""
    found = await rollups.sums_by(session, scope.rollups(), "record_date", "product_id")
    by_day, by_product = _group(found, lambda cells: cells[0]), _group(found, lambda cells: cells[1])
    total, scale = _sum(found.values()), minor_units(session.business.currency)
    names = await product_names(session, sorted(by_product))
    return {
        "summary": {
            "total_omset": from_minor(_amount(total), scale),
            "total_records": _forms(total),
            "avg_omset_per_record": _average(_amount(total), _forms(total), scale),
            "ndp_count": total.ndp,
            "rdp_count": total.rdp,
            "ndp_omset": from_minor(total.ndp_total, scale),
            "rdp_omset": from_minor(total.rdp_total, scale),
            "ndp_percentage": share(total.ndp, total.ndp + total.rdp),
        },
        "omset_chart": [_day(day, by_day.get(day, Figures()), scale) for day in scope.days()],
        "product_omset": sorted(
            (
                {
                    "product_id": key,
                    "product_name": names[key],
                    "total": from_minor(_amount(figures), scale),
                    "count": _forms(figures),
                    "ndp": figures.ndp,
                    "rdp": figures.rdp,
                    "share": share(_amount(figures), _amount(total)),
                }
                for key, figures in by_product.items()
            ),
            key=lambda row: (-row["total"], row["product_name"], row["product_id"]),
        ),
        "database_utilization": await repository.database_use(session, scope.product_id, scope.staff_id),
    }


def _day(day: date, figures: Figures, scale: int) -> dict[str, Any]:
    return {
        "date": day,
        "total": from_minor(_amount(figures), scale),
        "count": _forms(figures),
        "ndp": figures.ndp,
        "rdp": figures.rdp,
        "ndp_total": from_minor(figures.ndp_total, scale),
        "rdp_total": from_minor(figures.rdp_total, scale),
    }


async def staff_ndp_rdp_daily(session: ReadSession, scope: Scope) -> dict[str, Any]:
    """Return NDP and RDP of each staff who has deposits, for every day of the period."""
    found = await rollups.sums_by(session, scope.rollups(), "record_date", "staff_id")
    staff_ids = sorted({staff_id for _, staff_id in found})
    names = await staff_names(session, staff_ids)
    chart = []
    for day in scope.days():
        row: dict[str, Any] = {"date": day}
        for staff_id in staff_ids:
            figures = found.get((day, staff_id))
            row[f"ndp_{staff_id}"] = figures.ndp if figures else 0
            row[f"rdp_{staff_id}"] = figures.rdp if figures else 0
        chart.append(row)
    staff = [{"id": key, "name": names[key]} for key in staff_ids]
    return {"chart_data": chart, "staff": sorted(staff, key=lambda row: (row["name"], row["id"]))}


async def revenue_heatmap(session: ReadSession, scope: Scope) -> dict[str, Any]:
    """Return deposits and turnover by staff and day of the week."""
    found = await rollups.sums_by(session, scope.rollups(), "record_date", "staff_id")
    cells = _group(found, lambda key: (key[1], key[0].weekday()))
    scale = minor_units(session.business.currency)
    names = await staff_names(session, sorted({staff_id for staff_id, _ in cells}))
    grid = []
    for staff_id, name in sorted(names.items(), key=lambda item: (item[1], item[0])):
        days = []
        for number, day_name in enumerate(DAY_NAMES):
            figures = cells.get((staff_id, number), Figures())
            count, amount = _forms(figures), _amount(figures)
            average = _average(amount, count, scale)
            days.append({"day": day_name, "count": count, "amount": from_minor(amount, scale), "avg": average})
        grid.append({"staff_id": staff_id, "staff_name": name, "days": days})
    return {
        "grid": grid,
        "max_count": max(map(_forms, cells.values()), default=0),
        "max_amount": from_minor(max(map(_amount, cells.values()), default=0), scale),
        "day_names": list(DAY_NAMES),
    }


async def product_performance(session: ReadSession, scope: Scope) -> dict[str, Any]:
    """Return what each product brought: deposits of new and of returning customers, and their amounts."""
    found = await rollups.sums_by(session, scope.rollups(), "product_id")
    names = await product_names(session, sorted(key for (key,) in found))
    scale = minor_units(session.business.currency)
    rows = [
        {"product_id": key, "product_name": names[key], **deposit_cells(figures, scale)}
        for (key,), figures in found.items()
    ]
    return {
        "product_data": sorted(rows, key=lambda row: (-row["total_amount"], row["product_name"], row["product_id"]))
    }


def deposit_cells(figures: Figures, scale: int) -> dict[str, Any]:
    """Return the cells of product performance and of its drill-down: `*_count` are deposits, `*_customers` NDP and RDP
    as they are counted everywhere else."""
    return {
        "ndp_count": figures.ndp_forms,
        "rdp_count": figures.rdp_forms,
        "total_count": _forms(figures),
        "ndp_amount": from_minor(figures.ndp_total, scale),
        "rdp_amount": from_minor(figures.rdp_total, scale),
        "total_amount": from_minor(_amount(figures), scale),
        "ndp_percentage": share(figures.ndp_forms, _forms(figures)),
        "ndp_customers": figures.ndp,
        "rdp_customers": figures.rdp,
    }


async def customer_value_comparison(session: ReadSession, scope: Scope) -> dict[str, Any]:
    """Return what new customers brought against returning ones, by staff and by day."""
    found = await rollups.sums_by(session, scope.rollups(), "record_date", "staff_id")
    by_day, by_staff = _group(found, lambda cells: cells[0]), _group(found, lambda cells: cells[1])
    names, scale = await staff_names(session, sorted(by_staff)), minor_units(session.business.currency)
    total = _sum(found.values())
    rows = [
        {
            "staff_id": key,
            "staff_name": names[key],
            "ndp_amount": from_minor(figures.ndp_total, scale),
            "rdp_amount": from_minor(figures.rdp_total, scale),
            "total_amount": from_minor(_amount(figures), scale),
            "ndp_count": figures.ndp,
            "rdp_count": figures.rdp,
            "avg_ndp": _average(figures.ndp_total, figures.ndp, scale),
            "avg_rdp": _average(figures.rdp_total, figures.rdp, scale),
            "ndp_share": share(figures.ndp_total, _amount(figures)),
        }
        for key, figures in by_staff.items()
    ]
    chart = []
    for day in scope.days():
        figures = by_day.get(day, Figures())
        amounts = {"ndp_amount": figures.ndp_total, "rdp_amount": figures.rdp_total}
        chart.append({"date": day, **{name: from_minor(value, scale) for name, value in amounts.items()}})
    return {
        "staff_data": sorted(rows, key=lambda row: (-row["total_amount"], row["staff_name"], row["staff_id"])),
        "daily_chart": chart,
        "summary": {
            "total_ndp_amount": from_minor(total.ndp_total, scale),
            "total_rdp_amount": from_minor(total.rdp_total, scale),
            "total_amount": from_minor(_amount(total), scale),
            "ndp_share": share(total.ndp_total, _amount(total)),
        },
    }


async def deposit_trends(session: ReadSession, scope: Scope, granularity: Granularity) -> dict[str, Any]:
    """Return amount, deposits and different customers of every day, week (by its Monday) or month of the period."""
    found = await rollups.sums_by(session, scope.rollups(), "record_date")
    wanted = buckets_of(scope.start, scope.end, granularity)
    by_bucket = _group(found, lambda cells: granularity.bucket_of(cells[0]).label)
    unique = await _different_customers(session, scope, wanted)
    today, scale = business_date(scope.zone), minor_units(session.business.currency)
    chart, totals = [], {}
    for bucket in wanted:
        figures = by_bucket.get(bucket.label, Figures())
        totals[bucket.label] = _amount(figures)
        chart.append(
            {
                "date": bucket.label,
                "amount": from_minor(_amount(figures), scale),
                "count": _forms(figures),
                "unique_customers": unique[bucket.label],
                "avg_deposit": _average(_amount(figures), _forms(figures), scale),
                "partial": _is_partial(bucket, scope, today),
            }
        )
    total = _sum(found.values())
    peak = max(totals, key=lambda label: totals[label]) if _forms(total) else None
    return {
        "granularity": granularity.value,
        "chart_data": chart,
        "summary": {
            "total_amount": from_minor(_amount(total), scale),
            "total_deposits": _forms(total),
            "avg_per_period": _average(_amount(total), len(wanted), scale),
            "peak_period": peak,
            "peak_amount": from_minor(totals[peak], scale) if peak is not None else 0,
        },
    }


async def _different_customers(session: ReadSession, scope: Scope, buckets: Sequence[Bucket]) -> dict[str, int]:
    """Return how many different customers deposited within the period in each of its buckets, by label."""
    if "" in (scope.staff_id, scope.product_id):
        # An empty text is no id: it matches nothing.
        return dict.fromkeys((bucket.label for bucket in buckets), 0)
    cut = [bucket.within(scope.start, scope.end) for bucket in buckets]
    ranges = [(bucket.start, bucket.end) for bucket in cut]
    counts = await different_customers(session, scope.staff_id or COMPANY, scope.product_id or ANY_PRODUCT, ranges)
    return {bucket.label: count for bucket, count in zip(buckets, counts, strict=True)}


def _is_partial(bucket: Bucket, scope: Scope, today: date) -> bool:
    """Whether the bucket has days beyond the period, or is not over yet."""
    return bucket.start < scope.start or bucket.end > min(scope.end, today)
