"""Every chart says what the rows say, and every drill-down adds up to its mark, in worlds where anything has happened.

`CRM_TEST_WORLDS` says how many worlds there are to be (2 unless told).
"""

import os
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_boost.analytics import deposit_charts, drill_downs, rebuild, rebuild_repository, response_charts, work_charts
from crm_boost.analytics.buckets import Granularity
from crm_boost.analytics.drill_repository import Measure, Outcome
from crm_boost.analytics.handed_out_repository import Stage
from crm_boost.analytics.paging import Slice
from crm_boost.analytics.scope import Scope
from crm_boost.deposits.states import CustomerType
from tests.analytics.world import Exported, World, customers, day_of, grouped, money
from tests.support.databases import Provider

WORLDS = int(os.environ.get("CRM_TEST_WORLDS", "2"))
STEPS = 35
NAMES = [
    "deal",
    "deal",
    "mark",
    "mark",
    "mark",
    "mark",
    "book",
    "pay",
    "pay",
    "recall",
    "pass_on",
    "undo",
    "delete",
    "wait",
]
commands = st.tuples(st.sampled_from([*NAMES, "move"]), st.integers(0, 99), st.integers(0, 99))
# Each world begins alike: something is handed out, checked, answered and deposited.
BEGINNING = [
    ("deal", 3, 0), ("deal", 7, 1), ("deal", 6, 0), ("wait", 0, 0),
    *(("mark", number, other) for other in (0, 5, 1, 6) for number in (2, 5, 8, 11)),
    *(("pay", number, other) for other in (0, 3, 6) for number in (0, 1, 4, 5)),
]  # fmt: skip
PAGE = 5


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_drilldown_agrees(databases: Provider) -> None:
    seen: dict[str, float] = {}

    @settings(
        max_examples=WORLDS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(sequence=st.lists(commands, min_size=STEPS, max_size=STEPS))
    def live(sequence: list[tuple[str, int, int]]) -> None:
        world = World(databases)
        try:
            for name, number, other in [*BEGINNING, *sequence]:
                world.step(name, number, other)
            look_at(world, seen)
        finally:
            world.close()

    live()
    # No comparison was of nothing with nothing.
    assert all(seen.values()), seen


def look_at(world: World, seen: dict[str, float]) -> None:
    assert not world.read(rebuild_repository.drifts)
    exported = Exported(world)
    scopes = [
        world.scope(29, -1),
        world.scope(1, 0),
        world.scope(0, -1),
        world.scope(20, 2, staff=world.staff[0].id),
        world.scope(29, -1, product=world.products[0]),
        world.scope(29, -1, product=world.products[1], staff=world.staff[1].id),
    ]
    for scope in scopes:
        work(world, exported, scope, seen)
        behind_work(world, scope, seen)
        deposits(world, exported, scope, seen)
        behind_deposits(world, scope, seen)
    assert world.run(rebuild.rebuild(world.database)) == {"hand_outs": 0, "figures": 0}


def one(part: float, whole: float) -> float | None:
    """A quotient with one decimal, halves up, as people round."""
    if not whole:
        return None
    return float((Decimal(str(part)) / Decimal(str(whole))).quantize(Decimal("0.1"), ROUND_HALF_UP))


def within(day: date, scope: Scope) -> bool:
    return scope.start <= day < scope.end


def work(world: World, exported: Exported, scope: Scope, seen: dict[str, float]) -> None:
    ever = exported.handed(scope)
    cohort = [item for item in ever if within(day_of(item.handed), scope)]
    by_staff = grouped(cohort, lambda item: item.staff)

    funnel = world.read(work_charts.staff_conversion_funnel, scope)["funnel_data"]
    assert {row["staff_id"] for row in funnel} == set(by_staff)
    effect = {
        row["staff_id"]: row for row in world.read(work_charts.followup_effectiveness, scope)["effectiveness_data"]
    }
    times = {
        row["staff_id"]: row for row in world.read(response_charts.response_time_by_staff, scope)["response_time_data"]
    }
    for row in funnel:
        own = by_staff[row["staff_id"]]
        checked = [item for item in own if item.wa]
        yes = [item for item in checked if item.answer == "ya"]
        paid = [item for item in yes if exported.first_deposit(item)]
        stages = [row[name] for name in ("assigned", "wa_checked", "responded", "deposited")]
        assert stages == [len(own), len(checked), len(yes), len(paid)]
        assert stages == sorted(stages, reverse=True)
        said_yes = [item for item in own if item.answer == "ya"]
        converted = [item for item in said_yes if exported.first_deposit(item)]
        other = effect[row["staff_id"]]
        assert (other["total_assigned"], other["wa_checked"]) == (len(own), len(checked))
        assert other["wa_ada"] == sum(item.wa == "ada" for item in own)
        assert (other["responded"], other["deposited"]) == (len(said_yes), len(converted))
        assert other["effectiveness"] == one(100 * len(converted), len(own))
        waits = sorted(int((item.marks.first_wa_at - item.handed).total_seconds()) for item in checked)
        answers = sorted(int((item.marks.first_respond_at - item.handed).total_seconds()) for item in said_yes)
        time = times[row["staff_id"]]
        assert (time["total_assigned"], time["wa_checked_count"]) == (len(own), len(waits))
        assert time["responded_count"] == len(answers)
        assert time["avg_wa_hours"] == one(sum(waits), 3600 * len(waits))
        assert time["avg_respond_hours"] == one(sum(answers), 3600 * len(answers))
        if waits:
            middle = (waits[(len(waits) - 1) // 2] + waits[len(waits) // 2]) / 2
            assert time["median_wa_hours"] == one(middle, 3600)
            assert (time["fastest_wa"], time["slowest_wa"]) == (one(waits[0], 3600), one(waits[-1], 3600))
            enough = [value for value in waits if 10 * sum(item <= value for item in waits) >= 9 * len(waits)]
            assert time["p90_wa_hours"] == one(enough[0], 3600)
        seen["deposited"] = seen.get("deposited", 0) + len(paid)

    performance = world.read(work_charts.staff_performance, scope)
    checks = [item for item in ever if item.wa and within(day_of(item.marks.wa_at), scope)]
    answered = [item for item in ever if item.answer and within(day_of(item.marks.respond_at), scope)]
    summary = performance["summary"]
    assert summary["total_records"] == sum(day_of(item.handed) < scope.end for item in ever)
    assert summary["records_in_period"] == len(cohort)
    expected = {f"whatsapp_{name}": sum(item.wa == name for item in checks) for name in ("ada", "ceklis1", "tidak")}
    expected["whatsapp_checked"] = len(checks)
    expected |= {f"respond_{name}": sum(item.answer == name for item in answered) for name in ("ya", "tidak")}
    assert {name: summary[name] for name in expected} == expected
    assert summary["respond_rate"] == one(100 * expected["respond_ya"], len(answered))
    for part in ("staff_metrics", "daily_chart"):
        assert {name: sum(row[name] for row in performance[part]) for name in expected} == expected
    for row in performance["daily_chart"]:
        assert row["whatsapp_checked"] == sum(day_of(item.marks.wa_at) == row["date"] for item in checks)
    seen["checks"] = seen.get("checks", 0) + len(checks)

    yes = [item for item in answered if item.answer == "ya"]
    lifecycle = world.read(work_charts.deposit_lifecycle, scope)["lifecycle_data"]
    by_staff = grouped(yes, lambda item: item.staff)
    assert {row["staff_id"] for row in lifecycle} == set(by_staff)
    for row in lifecycle:
        own = by_staff[row["staff_id"]]
        pairs = [(exported.first_deposit(item), day_of(item.marks.respond_at)) for item in own]
        days = sorted((first - since).days for first, since in pairs if first is not None)
        assert (row["total_responded"], row["converted_count"]) == (len(own), len(days))
        assert row["pending_count"] == len(own) - len(days)
        assert row["avg_days"] == one(sum(days), len(days))
        assert (row["min_days"], row["max_days"]) == ((days[0], days[-1]) if days else (None, None))
        if days:
            assert row["median_days"] == one(days[(len(days) - 1) // 2] + days[len(days) // 2], 2)


def all_pages(world: World, verb: Any, *arguments: Any, rows: str, total: str = "total", **options: Any) -> list[Any]:
    """Every row of a drill-down, page by page; each page says the same total."""
    found: list[Any] = []
    while True:
        answer = world.read(verb, *arguments, Slice(PAGE, len(found)), **options)
        found += answer[rows]
        assert len(answer[rows]) <= PAGE
        if not answer[rows] or len(found) >= answer[total]:
            assert len(found) == answer[total]
            return found


def behind_work(world: World, scope: Scope, seen: dict[str, float]) -> None:
    for row in world.read(work_charts.staff_conversion_funnel, scope)["funnel_data"]:
        for stage in Stage:
            who = (scope, row["staff_id"], stage, "assigned_at")
            records = all_pages(world, drill_downs.response_time, *who, rows="records")
            assert len(records) == row[stage.value]
            assert all(within(day_of(record["assigned_at"]), scope) for record in records)
            assert len({(record["record_id"], record["assigned_at"]) for record in records}) == len(records)
    for row in world.read(response_charts.response_time_by_staff, scope)["response_time_data"]:
        who = (scope, row["staff_id"], Stage.ASSIGNED, "wa_hours")
        records = all_pages(world, drill_downs.response_time, *who, rows="records")
        hours = [record["wa_hours"] for record in records if record["wa_hours"] is not None]
        assert hours == sorted(hours, reverse=True)
        assert len(records) == row["total_assigned"] and len(hours) == row["wa_checked_count"]
        assert (max(hours, default=None), min(hours, default=None)) == (row["slowest_wa"], row["fastest_wa"])
        assert sum(record["respond_hours"] is not None for record in records) == row["responded_count"]
        seen["hours"] = seen.get("hours", 0) + len(hours)
    for row in world.read(work_charts.followup_effectiveness, scope)["effectiveness_data"]:
        counts = {Outcome.ALL: row["responded"], Outcome.CONVERTED: row["deposited"]}
        counts[Outcome.PENDING] = row["responded"] - row["deposited"]
        for outcome, count in counts.items():
            asked = (scope, row["staff_id"], outcome, "respond_at")
            records = all_pages(world, drill_downs.followup_detail, *asked, rows="records")
            assert len(records) == count
            for record in records:
                assert record["deposited"] == (record["deposit_count"] > 0) == (record["deposit_total"] > 0)
                assert outcome is Outcome.ALL or record["deposited"] == (outcome is Outcome.CONVERTED)
    for row in world.read(work_charts.deposit_lifecycle, scope)["lifecycle_data"]:
        counts = {Outcome.ALL: row["total_responded"], Outcome.CONVERTED: row["converted_count"]}
        for outcome, count in counts.items():
            asked = (scope, row["staff_id"], outcome, "respond_at")
            records = all_pages(world, drill_downs.lifecycle, *asked, rows="records")
            assert len(records) == count
            days = [record["days"] for record in records if record["days"] is not None]
            assert (min(days, default=None), max(days, default=None)) == (row["min_days"], row["max_days"])
    performance = world.read(work_charts.staff_performance, scope)
    names = {Measure.CHECKED: "whatsapp_checked", Measure.YES: "respond_ya", Measure.NO: "respond_tidak"}
    names |= {measure: f"whatsapp_{measure.value}" for measure in (Measure.ADA, Measure.CEKLIS1, Measure.TIDAK)}
    for measure, name in names.items():
        records = all_pages(world, drill_downs.work_done, scope, measure, rows="records")
        assert len(records) == performance["summary"][name]
        by_day, by_staff = grouped(records, lambda row: row["done_on"]), grouped(records, lambda row: row["staff_id"])
        assert {row["date"]: row[name] for row in performance["daily_chart"] if row[name]} == {
            day: len(rows) for day, rows in by_day.items()
        }
        assert {row["staff_id"]: row[name] for row in performance["staff_metrics"] if row[name]} == {
            staff: len(rows) for staff, rows in by_staff.items()
        }


def deposits(world: World, exported: Exported, scope: Scope, seen: dict[str, float]) -> None:
    rows = exported.booked(scope)
    ndp, rdp = customers(rows, "NDP"), customers(rows, "RDP")
    business = world.read(deposit_charts.business, scope)
    summary = business["summary"]
    assert (summary["total_omset"], summary["total_records"]) == (money(rows), len(rows))
    assert (summary["ndp_count"], summary["rdp_count"]) == (ndp, rdp)
    assert summary["ndp_percentage"] == one(100 * ndp, ndp + rdp)
    by_day = grouped(rows, lambda row: row.record_date)
    assert [row["date"] for row in business["omset_chart"]] == list(scope.days())
    for row in business["omset_chart"]:
        own = by_day.get(row["date"], [])
        assert (row["total"], row["count"]) == (money(own), len(own))
        assert (row["ndp"], row["rdp"]) == (customers(own, "NDP"), customers(own, "RDP"))
    assert {row["product_id"]: row["total"] for row in business["product_omset"]} == {
        product: money(own) for product, own in grouped(rows, lambda row: row.product_id).items()
    }
    seen["omset"] = seen.get("omset", 0) + money(rows)

    daily = world.read(deposit_charts.staff_ndp_rdp_daily, scope)
    by_staff = grouped(rows, lambda row: row.staff_id)
    assert {person["id"] for person in daily["staff"]} == set(by_staff)
    for row in daily["chart_data"]:
        for staff, own in by_staff.items():
            that_day = [item for item in own if item.record_date == row["date"]]
            assert row[f"ndp_{staff}"] == customers(that_day, "NDP")
            assert row[f"rdp_{staff}"] == customers(that_day, "RDP")

    heat = world.read(deposit_charts.revenue_heatmap, scope)
    assert {row["staff_id"] for row in heat["grid"]} == set(by_staff)
    cells = []
    for row in heat["grid"]:
        for number, cell in enumerate(row["days"]):
            own = [item for item in by_staff[row["staff_id"]] if item.record_date.weekday() == number]
            assert (cell["count"], cell["amount"]) == (len(own), money(own))
            assert cell["avg"] == one(money(own), len(own))
            cells.append((cell["count"], cell["amount"]))
    assert heat["max_count"] == max((count for count, _ in cells), default=0)
    assert heat["max_amount"] == max((amount for _, amount in cells), default=0)

    products = world.read(deposit_charts.product_performance, scope)["product_data"]
    assert {row["product_id"] for row in products} == {row.product_id for row in rows}
    for row in products:
        own = [item for item in rows if item.product_id == row["product_id"]]
        kinds = grouped(own, lambda item: item.customer_type)
        assert (row["ndp_count"], row["rdp_count"]) == (len(kinds["NDP"]), len(kinds["RDP"]))
        assert row["total_count"] == len(own) and row["total_amount"] == money(own)
        assert (row["ndp_amount"], row["rdp_amount"]) == (money(own, "NDP"), money(own, "RDP"))
        assert row["ndp_percentage"] == one(100 * len(kinds["NDP"]), len(own))

    value = world.read(deposit_charts.customer_value_comparison, scope)
    assert value["summary"]["total_amount"] == money(rows)
    assert value["summary"]["ndp_share"] == one(100 * money(rows, "NDP"), money(rows))
    for row in value["staff_data"]:
        own = by_staff[row["staff_id"]]
        assert (row["ndp_amount"], row["rdp_amount"]) == (money(own, "NDP"), money(own, "RDP"))
        assert (row["ndp_count"], row["rdp_count"]) == (customers(own, "NDP"), customers(own, "RDP"))
        assert row["avg_rdp"] == one(money(own, "RDP"), customers(own, "RDP"))
    for granularity in Granularity:
        trend = world.read(deposit_charts.deposit_trends, scope, granularity)
        buckets = grouped(rows, lambda row: granularity.bucket_of(row.record_date).label)  # noqa: B023 - used at once
        assert set(buckets) <= {row["date"] for row in trend["chart_data"]}
        for row in trend["chart_data"]:
            own = buckets.get(row["date"], [])
            assert (row["amount"], row["count"]) == (money(own), len(own))
            assert row["unique_customers"] == len({item.customer_key for item in own})
            assert row["avg_deposit"] == one(money(own), len(own))
        assert trend["summary"]["total_deposits"] == len(rows)
        assert trend["summary"]["peak_amount"] == max((money(own) for own in buckets.values()), default=0)


def behind_deposits(world: World, scope: Scope, seen: dict[str, float]) -> None:
    def listed(scope: Scope, **options: Any) -> list[Any]:
        return all_pages(world, drill_downs.deposits, scope, "date", rows="deposits", total="total_count", **options)

    one_day = timedelta(days=1)
    daily = world.read(deposit_charts.staff_ndp_rdp_daily, scope)
    for row in daily["chart_data"]:
        for person in daily["staff"]:
            if row[f"ndp_{person['id']}"]:
                day = Scope(type(scope.period)("custom", row["date"], row["date"] + one_day), scope.zone,
                            scope.product_id, person["id"])  # fmt: skip
                found = listed(day, kind=CustomerType.NDP)
                keys = {(item["staff_id"], item["customer_key"], item["product_id"]) for item in found}
                assert len(keys) == row[f"ndp_{person['id']}"]
    for row in world.read(deposit_charts.revenue_heatmap, scope)["grid"]:
        for number, cell in enumerate(row["days"]):
            if cell["count"]:
                found = listed(scope.of_staff(row["staff_id"]), weekday=number)
                assert (len(found), sum(item["amount"] for item in found)) == (cell["count"], cell["amount"])
    for row in world.read(deposit_charts.product_performance, scope)["product_data"]:
        own = Scope(scope.period, scope.zone, row["product_id"], scope.staff_id)
        staff = all_pages(
            world, drill_downs.product_staff, own, "total_amount", rows="staff_breakdown", total="total_staff"
        )
        for name in ("ndp_count", "rdp_count", "ndp_amount", "rdp_amount", "total_amount", "total_count"):
            assert sum(item[name] for item in staff) == row[name]
        seen["product staff"] = seen.get("product staff", 0) + len(staff)
    for row in world.read(deposit_charts.customer_value_comparison, scope)["staff_data"]:
        found = all_pages(world, drill_downs.staff_customers, scope, row["staff_id"], "total_amount", rows="customers")
        assert sum(item["total_amount"] for item in found) == row["total_amount"]
        amounts = [item["total_amount"] for item in found]
        assert amounts == sorted(amounts, reverse=True)
    for granularity in Granularity:
        for row in world.read(deposit_charts.deposit_trends, scope, granularity)["chart_data"]:
            if row["count"]:
                bucket = granularity.bucket_of(date.fromisoformat(f"{row['date']}-01"[:10])).within(
                    scope.start, scope.end
                )
                days = type(scope.period)("custom", bucket.start, bucket.end)
                found = listed(Scope(days, scope.zone, scope.product_id, scope.staff_id))
                assert (len(found), sum(item["amount"] for item in found)) == (row["count"], row["amount"])
