"""Each chart's numbers a second time: computed with pandas over the files that the product exports of the demo desk."""

import io
import statistics
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import pandas as pd
import pytest

from crm_boost.analytics.registry import METRICS
from crm_boost.assignments.policies import all_policies
from crm_boost.db.engine import Database
from crm_boost.demo.service import seed_demo
from crm_boost.settings import Settings
from tests.demo.test_seeding import SMALL
from tests.support.factories import Account, make_user

ZONE = "Asia/Jakarta"
NDP, RDP = "NDP", "RDP"
CUSTOMER = ["Staff", "key", "Product"]
Figures = dict[Any, Any]


def one(part: float, whole: float) -> float | None:
    """A quotient with one decimal, halves up, as people round."""
    if not whole:
        return None
    return float((Decimal(str(part)) / Decimal(str(whole))).quantize(Decimal("0.1"), ROUND_HALF_UP))


def key_of(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text.removeprefix("'")).casefold().split())


def days_of(instants: "pd.Series[Any]") -> "pd.Series[Any]":
    return instants.dt.tz_convert(ZONE).dt.date


@dataclass(frozen=True, slots=True)
class Files:
    """What was exported: hand-outs with what came of them, all records of all databases, deposits."""

    handed: pd.DataFrame
    records: pd.DataFrame
    deposits: pd.DataFrame


async def exported(client: httpx.AsyncClient, admin: Account, products: dict[str, str]) -> Files:
    async def read(kind: str, **filters: str) -> pd.DataFrame:
        answer = await client.get(f"/api/export/{kind}", params=filters, headers=admin.auth)
        assert answer.status_code == 200, answer.text
        return pd.read_csv(io.BytesIO(answer.content), dtype=str, keep_default_na=False, encoding="utf-8-sig")

    parts = [
        (await read(policy.export_kind, product_id=product_id)).assign(Product=name)
        for policy in all_policies()
        for product_id, name in products.items()
    ]
    records = pd.concat(parts, ignore_index=True)
    handed, deposits = await read("assignments"), await read("omset")
    handed["Product"] = handed["Database"].map(records.drop_duplicates("Database").set_index("Database")["Product"])
    handed["key"], deposits["key"] = handed["Customer"].map(key_of), deposits["Customer"].map(key_of)
    for name, column in (("handed", "Assigned at"), ("wa", "WhatsApp at"), ("said", "Response at")):
        instants = pd.to_datetime(handed[column].replace("", None), utc=True, format="ISO8601")
        handed[f"{name}_at"], handed[f"{name}_on"] = instants, days_of(instants)
    deposits["day"] = pd.to_datetime(deposits["Date"]).dt.date
    deposits["amount"] = deposits["Depo total"].astype(float)
    handed["deposited_on"] = first_deposits(handed, deposits)
    return Files(handed, records, deposits)


def first_deposits(handed: pd.DataFrame, deposits: pd.DataFrame) -> "pd.Series[Any]":
    """The holder's first deposit of the customer and product on or after a yes, for each hand-out."""
    yes = handed[handed["Response"] == "ya"].reset_index()
    both = yes.merge(deposits[[*CUSTOMER, "day"]], on=CUSTOMER)
    return both[both["day"] >= both["said_on"]].groupby("index")["day"].min().reindex(handed.index)


def classified(deposits: pd.DataFrame) -> "pd.Series[Any]":
    """NDP or RDP as the definition says (spec 4.1)."""
    plain = deposits[deposits["Tambahan"] == ""]
    first = plain.groupby(CUSTOMER)["day"].min().rename("first").reset_index()
    dated = deposits.merge(first, on=CUSTOMER, how="left")
    return ((dated["Tambahan"] == "") & (dated["day"] == dated["first"])).map({True: NDP, False: RDP})


class View:
    """The files as a chart is asked about them: days, both included, and of whom and what."""

    def __init__(self, files: Files, start: date, end: date, staff: str | None, product: str | None) -> None:
        def of(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
            for column, value in zip(columns, (product, staff), strict=False):
                rows = rows if value is None else rows[rows[column] == value]
            return rows

        def within(rows: pd.DataFrame, column: str) -> pd.DataFrame:
            known = rows[rows[column].notna()]
            return known[(known[column] >= start) & (known[column] <= end)]

        self.days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
        self.ever = of(files.handed, "Product", "Staff")
        self.handed = self.ever[self.ever["handed_on"] <= end]
        self.cohort = within(self.ever, "handed_on")
        self.checked = within(self.ever[self.ever["WhatsApp"] != ""], "wa_on")
        self.answered = within(self.ever[self.ever["Response"] != ""], "said_on")
        self.deposits = within(of(files.deposits, "Product", "Staff"), "day")
        self.records = of(files.records, "Product")
        self.staff = staff

    def by(self, name: str, figures: Callable[[pd.DataFrame], Any], rows: pd.DataFrame | None = None) -> Figures:
        """Figures of deposits, or of other rows, by a column."""
        return {value: figures(own) for value, own in (self.deposits if rows is None else rows).groupby(name)}

    def by_day(self, figures: Callable[[pd.DataFrame], Any]) -> Figures:
        return {str(day): figures(self.deposits[self.deposits["day"] == day]) for day in self.days}


def people(rows: pd.DataFrame, kind: str) -> int:
    return len(rows[rows["Type"] == kind][[*CUSTOMER, "day"]].drop_duplicates())


def total(rows: pd.DataFrame, kind: str | None = None) -> float:
    return float((rows if kind is None else rows[rows["Type"] == kind])["amount"].sum())


def stages(own: pd.DataFrame) -> list[int]:
    checked = own[own["WhatsApp"] != ""]
    return [
        len(own),
        len(checked),
        int((checked["Response"] == "ya").sum()),
        int(checked["deposited_on"].notna().sum()),
    ]


def hours(own: pd.DataFrame, column: str) -> list[Any]:
    """How many, average, median, the nine tenths that are not slower, fastest, slowest."""
    seconds = sorted((own[column] - own["handed_at"]).dropna().dt.total_seconds().astype(int))
    if not seconds:
        return [0, None, None, None, None, None]
    ninety = next(value for value in seconds if 10 * sum(each <= value for each in seconds) >= 9 * len(seconds))
    figures = [sum(seconds) / len(seconds), statistics.median(seconds), ninety, seconds[0], seconds[-1]]
    return [len(seconds), *(one(figure, 3600) for figure in figures)]


def response_times(own: pd.DataFrame) -> list[Any]:
    checks = hours(own[own["WhatsApp"] != ""], "wa_at")
    answers = hours(own[own["Response"] == "ya"], "said_at")
    return [len(own), *checks, *answers[:4]]


def effectiveness(own: pd.DataFrame) -> list[Any]:
    yes, paid = int((own["Response"] == "ya").sum()), int(own["deposited_on"].notna().sum())
    reached = [int((own["WhatsApp"] != "").sum()), int((own["WhatsApp"] == "ada").sum())]
    return [len(own), *reached, yes, paid, one(100 * paid, len(own)), one(100 * paid, yes)]


def lifecycle(view: View) -> Figures:
    def figures(own: pd.DataFrame) -> list[Any]:
        paid = own[own["deposited_on"].notna()]
        days = sorted((paid["deposited_on"] - paid["said_on"]).map(lambda each: each.days))
        spread = (
            [one(sum(days), len(days)), one(2 * statistics.median(days), 2), days[0], days[-1]] if days else [None] * 4
        )
        return [len(own), len(days), len(own) - len(days), *spread, one(100 * len(days), len(own))]

    return view.by("Staff", figures, view.answered[view.answered["Response"] == "ya"])


def done(view: View) -> Figures:
    """What each staff was handed and did in the period."""
    found = {}
    for name in sorted(set(view.handed["Staff"]) | set(view.checked["Staff"]) | set(view.answered["Staff"])):
        checks, answers = (rows[rows["Staff"] == name] for rows in (view.checked, view.answered))
        yes = int((answers["Response"] == "ya").sum())
        found[name] = [
            int((view.handed["Staff"] == name).sum()),
            int((view.cohort["Staff"] == name).sum()),
            *(int((checks["WhatsApp"] == state).sum()) for state in ("ada", "ceklis1", "tidak")),
            len(checks),
            yes,
            len(answers) - yes,
            one(100 * yes, len(answers)),
        ]
    return found


DONE = ["total_records", "records_in_period", "whatsapp_ada", "whatsapp_ceklis1", "whatsapp_tidak", "whatsapp_checked",
        "respond_ya", "respond_tidak", "respond_rate"]  # fmt: skip
HOURS = ["total_assigned", "wa_checked_count", "avg_wa_hours", "median_wa_hours", "p90_wa_hours", "fastest_wa",
         "slowest_wa", "responded_count", "avg_respond_hours", "median_respond_hours", "p90_respond_hours"]  # fmt: skip
LIFE = ["total_responded", "converted_count", "pending_count", "avg_days", "median_days", "min_days", "max_days",
        "conversion_rate"]  # fmt: skip
EFFECT = ["total_assigned", "wa_checked", "wa_ada", "responded", "deposited", "effectiveness", "conversion_rate"]
VALUE = ["ndp_amount", "rdp_amount", "ndp_count", "rdp_count", "avg_ndp", "avg_rdp"]
PRODUCT = ["ndp_count", "rdp_count", "ndp_amount", "rdp_amount", "total_amount", "ndp_percentage"]
USE = ["total_records", "assigned_count", "archived_count", "available_count", "utilization"]


def shown(part: str, name: str, fields: list[str]) -> Callable[[dict[str, Any]], Figures]:
    """What a chart shows: these fields of its rows, by a name."""
    return lambda answer: {row[name]: [row[field] for field in fields] for row in answer[part]}


def value_of(own: pd.DataFrame) -> list[Any]:
    counts, amounts = [people(own, kind) for kind in (NDP, RDP)], [total(own, kind) for kind in (NDP, RDP)]
    return [*amounts, *counts, *(one(amount, count) for amount, count in zip(amounts, counts, strict=True))]


def product_of(own: pd.DataFrame) -> list[Any]:
    forms = [int((own["Type"] == kind).sum()) for kind in (NDP, RDP)]
    return [*forms, total(own, NDP), total(own, RDP), total(own), one(100 * forms[0], len(own))]


def use_of(view: View) -> Figures:
    def figures(own: pd.DataFrame) -> list[Any]:
        held = own["Status"] == "assigned"
        if view.staff is not None:
            held &= own["Staff"] == view.staff
        count, stands = int(held.sum()), own["Status"].value_counts()
        return [len(own), count, int(stands.get("invalid_archived", 0)), int(stands.get("available", 0)),
                one(100 * count, len(own))]  # fmt: skip

    return view.by("Database", figures, view.records)


def trend_of(view: View, bucket: Callable[[date], str]) -> Figures:
    found: Figures = {bucket(day): [0, 0, 0] for day in view.days}
    for label, own in view.deposits.groupby(view.deposits["day"].map(bucket)):
        found[label] = [total(own), len(own), own["key"].nunique()]
    return found


BUCKETS: dict[str, Callable[[date], str]] = {
    "daily": str,
    "weekly": lambda day: str(day - timedelta(days=day.weekday())),
    "monthly": lambda day: str(day)[:7],
}


def types_by_staff(view: View) -> Figures:
    distinct = view.deposits[[*CUSTOMER, "day", "Type"]].drop_duplicates()
    return {
        (str(day), name, kind): int(count)
        for (day, name, kind), count in distinct.groupby(["day", "Staff", "Type"]).size().items()
    }


def types_shown(answer: dict[str, Any]) -> Figures:
    cells = {
        (row["date"], person["name"], kind): row[f"{kind.lower()}_{person['id']}"]
        for row in answer["chart_data"]
        for person in answer["staff"]
        for kind in (NDP, RDP)
    }
    return {place: count for place, count in cells.items() if count}


def heat(view: View) -> Figures:
    weekdays = view.deposits["day"].map(lambda day: day.weekday())
    rows = view.deposits.groupby([view.deposits["Staff"], weekdays])
    cells: Figures = {place: [len(own), total(own), one(total(own), len(own))] for place, own in rows}
    return cells | {"most": [max((cell[n] for cell in cells.values()), default=0) for n in (0, 1)]}


def heat_shown(answer: dict[str, Any]) -> Figures:
    cells = {
        (row["staff_name"], number): [cell["count"], cell["amount"], cell["avg"]]
        for row in answer["grid"]
        for number, cell in enumerate(row["days"])
        if cell["count"]
    }
    return cells | {"most": [answer["max_count"], answer["max_amount"]]}


def part_of(whole: Figures, *places: int) -> Figures:
    return {name: [figures[place] for place in places] for name, figures in whole.items()}


def mix(view: View) -> Figures:
    return {state: int((view.checked["WhatsApp"] == state).sum()) for state in ("ada", "ceklis1", "tidak")}


def activity(view: View) -> Figures:
    return {
        str(day): [
            int((view.checked["wa_on"] == day).sum()),
            *(
                int(((view.answered["said_on"] == day) & (view.answered["Response"] == said)).sum())
                for said in ("ya", "tidak")
            ),
        ]
        for day in view.days
    }


def with_sum(of_products: Figures) -> Figures:
    whole = sum(figures[0] for figures in of_products.values())
    return {name: [*figures, one(100 * figures[0], whole)] for name, figures in of_products.items()}


Opinion = tuple[Callable[[View], Figures], Callable[[dict[str, Any]], Figures]]
OPINIONS: dict[str, Opinion] = {
    "staff-ndp-rdp-daily": (types_by_staff, types_shown),
    "staff-conversion-funnel": (
        lambda view: view.by("Staff", stages, view.cohort),
        shown("funnel_data", "staff_name", ["assigned", "wa_checked", "responded", "deposited"]),
    ),
    "revenue-heatmap": (heat, heat_shown),
    "deposit-lifecycle": (lifecycle, shown("lifecycle_data", "staff_name", LIFE)),
    "response-time-by-staff": (
        lambda view: view.by("Staff", response_times, view.cohort),
        shown("response_time_data", "staff_name", HOURS),
    ),
    "followup-effectiveness": (
        lambda view: view.by("Staff", effectiveness, view.cohort),
        shown("effectiveness_data", "staff_name", EFFECT),
    ),
    "product-performance": (
        lambda view: view.by("Product", product_of),
        shown("product_data", "product_name", PRODUCT),
    ),
    "customer-value-comparison": (lambda view: view.by("Staff", value_of), shown("staff_data", "staff_name", VALUE)),
    "deposit-trends": (
        lambda view: trend_of(view, BUCKETS["daily"]),
        shown("chart_data", "date", ["amount", "count", "unique_customers"]),
    ),
    "staff-compare": (done, shown("staff_metrics", "staff_name", DONE)),
    "staff-comparison": (
        lambda view: part_of(done(view), 1, 5, 6),
        shown("staff_metrics", "staff_name", ["records_in_period", "whatsapp_checked", "respond_ya"]),
    ),
    "daily-activity": (activity, shown("daily_chart", "date", ["whatsapp_checked", "respond_ya", "respond_tidak"])),
    "whatsapp-mix": (mix, lambda answer: {state: answer["summary"][f"whatsapp_{state}"] for state in ("ada", "ceklis1", "tidak")}),
    "response-rate": (
        lambda view: part_of(done(view), 8),
        shown("staff_metrics", "staff_name", ["respond_rate"]),
    ),
    "omset-trend": (
        lambda view: view.by_day(lambda own: [total(own), len(own)]),
        shown("omset_chart", "date", ["total", "count"]),
    ),
    "omset-by-product": (
        lambda view: with_sum(view.by("Product", lambda own: [total(own), len(own)])),
        shown("product_omset", "product_name", ["total", "count", "share"]),
    ),
    "ndp-vs-rdp": (
        lambda view: view.by_day(lambda own: [people(own, NDP), people(own, RDP), total(own, NDP), total(own, RDP)]),
        shown("omset_chart", "date", ["ndp", "rdp", "ndp_total", "rdp_total"]),
    ),
    "database-utilisation": (use_of, shown("database_utilization", "database_name", USE)),
}  # fmt: skip


@pytest.mark.slow
async def test_every_chart_says_what_the_exported_rows_say(
    client: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    assert set(OPINIONS) == set(METRICS)
    await seed_demo(settings, seed=3, files=SMALL)
    admin = await make_user(database, "admin")

    async def told(path: str, **params: Any) -> Any:
        answer = await client.get(f"/api{path}", params=params, headers=admin.auth)
        assert answer.status_code == 200, answer.text
        return answer.json()

    products = {row["id"]: row["name"] for row in await told("/products")}
    files = await exported(client, admin, products)
    assert list(files.deposits["Type"]) == list(classified(files.deposits))
    assert min(len(files.handed), len(files.deposits), len(files.records)) > 50
    whole = await told("/analytics/staff-performance")
    staff = {row["staff_id"]: row["staff_name"] for row in whole["staff_metrics"]}
    (staff_id, *_), (product_id, *_) = staff, products
    today = date.fromisoformat(whole["end_date"])
    custom = {
        "period": "custom",
        "custom_start": str(today - timedelta(days=8)),
        "custom_end": str(today - timedelta(days=1)),
    }
    looks: list[dict[str, str]] = [
        {"period": "month"},
        {**custom, "compare": "true"},
        {"period": "quarter", "staff_id": staff_id},
        {"period": "month", "product_id": product_id},
    ]
    said: set[str] = set()

    def view_of(answer: dict[str, Any], asked: dict[str, str]) -> View:
        start, end = (date.fromisoformat(answer[name]) for name in ("start_date", "end_date"))
        return View(files, start, end, staff.get(asked.get("staff_id", "")), products.get(asked.get("product_id", "")))

    for asked in looks:
        answers = {path: await told(path, **asked) for path in {metric.chart for metric in METRICS.values()}}
        for slug, (opinion, marks) in OPINIONS.items():
            answer = answers[METRICS[slug].chart]
            for each in [answer, answer["previous"]] if "compare" in asked else [answer]:
                found = opinion(view_of(each, asked))
                assert marks(each) == found, (slug, asked)
                said |= {slug} if any(_figures(found)) else set()
        for granularity, bucket in BUCKETS.items():
            trend = await told("/analytics/deposit-trends", granularity=granularity, **asked)
            expected = trend_of(view_of(trend, asked), bucket)
            assert OPINIONS["deposit-trends"][1](trend) == expected, (granularity, asked)
    assert said == set(METRICS), "no chart was compared with nothing only"


def _figures(found: Figures) -> list[float]:
    return [figure for value in found.values() for figure in (value if isinstance(value, list) else [value]) if figure]
