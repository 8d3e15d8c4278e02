"""Ranking, progress and report say what the ledger says: a random ledger, booked and changed, added up a second way."""

import io
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import openpyxl
import pytest

from crm_boost.db.engine import Database
from crm_boost.deposits import booking
from crm_boost.deposits import service as ledger
from crm_boost.deposits.schemas import DepositChange, DepositForm
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import frozen
from tests.deposits.desk import summary
from tests.performance.desk import LONG_AGO, NOON, TODAY, get, send
from tests.support.factories import Account, make_product, make_user
from tests.support.statements import recorded_statements

NAMES = ("new_id", "rdp", "total_form", "nominal")


@dataclass(frozen=True, slots=True)
class Line:
    """One deposit as it was entered."""

    staff: str
    product: str
    day: date
    customer: str
    nominal: int
    times: int
    tambahan: bool

    @property
    def key(self) -> tuple[str, str, str]:
        return self.staff, self.customer.strip().casefold(), self.product


@dataclass(frozen=True, slots=True)
class Desk:
    client: httpx.AsyncClient
    admin: Account
    staff: list[Account]
    products: list[str]
    lines: list[Line]

    def classes(self) -> list[tuple[Line, str]]:
        """The classification by its definition (spec 4.1), over all lines at once."""
        first: dict[tuple[str, str, str], date] = {}
        for line in self.lines:
            if not line.tambahan:
                first[line.key] = min(line.day, first.get(line.key, line.day))
        return [(line, "NDP" if not line.tambahan and first[line.key] == line.day else "RDP") for line in self.lines]

    def cells(self, start: date, end: date, /, **only: str) -> tuple[int, int, int, int]:
        """NDP, RDP, forms and turnover of the days from `start` up to, not including, `end`."""
        seen: set[Any] = set()
        forms = omset = 0
        for line, kind in self.classes():
            if start <= line.day < end and all(getattr(line, name) == value for name, value in only.items()):
                seen.add((line.key, line.day, kind))
                forms, omset = forms + 1, omset + line.nominal * line.times
        kinds = Counter(kind for *_, kind in seen)
        return kinds["NDP"], kinds["RDP"], forms, omset


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with frozen(NOON):
        yield


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database) -> Desk:
    """Three staff, two products, deposits of two years around today; some deleted, some edited."""
    rng = random.Random(7)
    staff = [await make_user(database, name=f"=Staff {name}", created_at=LONG_AGO) for name in "ABC"]
    products = [await make_product(database, name) for name in ("P1", "@P2")]
    desk = Desk(client, await make_user(database, "admin"), staff, products, [])
    days = [TODAY - timedelta(days=back) for back in (0, 0, 1, 2, 5, 13, 14, 15, 30, 43, 60, 74, 75, 100, 400)]
    async with database.write() as session:
        for number in range(36):
            who = rng.choice(staff[:2])
            line = Line(
                who.id, rng.choice(products), rng.choice(days), rng.choice(["x", "X ", "y", "z", f"n{number}"]),
                rng.randint(1, 9) * 1000, rng.choice([1, 1, 3]), rng.random() < 0.2,
            )  # fmt: skip
            principal = Principal(who.id, who.name, who.role, frozenset(), "")
            form = DepositForm(
                product_id=line.product, record_date=line.day, customer_id=line.customer, nominal=Decimal(line.nominal),
                depo_kelipatan=Decimal(line.times), tambahan=line.tambahan,
            )  # fmt: skip
            row = await booking.book(session, principal, form)
            if number % 9 == 4:
                await ledger.delete(session, principal, row.id)
                continue
            if number % 9 == 7:
                line = replace(line, nominal=500, customer="moved")
                await ledger.edit(session, principal, row.id, DepositChange(nominal=Decimal(500), customer_id="moved"))
            desk.lines.append(line)
    return desk


def cells(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(row[name] for name in NAMES)


def added(rows: list[dict[str, Any]]) -> tuple[int, ...]:
    return tuple(sum(column) for column in zip(*map(cells, rows), strict=True)) if rows else (0, 0, 0, 0)


def month(year: int, number: int) -> tuple[date, date]:
    end = date(year + number // 12, number % 12 + 1, 1)
    return date(year, number, 1), end


async def test_the_report_is_the_ledger_added_up(desk: Desk) -> None:
    for params in ({}, {"product_id": desk.products[1]}, {"staff_id": desk.staff[0].id}, {"year": 2024, "month": 12}):
        only = {name.removesuffix("_id"): str(value) for name, value in params.items() if name.endswith("_id")}
        year, number = int(params.get("year", 2025)), int(params.get("month", 3))
        report = await get(desk.client, desk.admin, "/report-crm/data", **params)
        assert (report["year"], report["month"]) == (year, number)
        whole_year = desk.cells(date(year, 1, 1), date(year + 1, 1, 1), **only)
        in_month = desk.cells(*month(year, number), **only)
        assert whole_year[2] > in_month[2] > 0 or params.get("year")
        assert [cells(row) for row in report["yearly"]] == [desk.cells(*month(year, n), **only) for n in range(1, 13)]
        by_staff = report["monthly_by_staff"]
        assert added(report["yearly"]) == added([row["totals"] for row in by_staff]) == whole_year
        assert added(report["monthly"]) == added(report["staff_performance"]) == whole_year
        for row in report["monthly"]:
            chosen = {**only, "product": row["product_id"]}
            assert cells(row) == desk.cells(*month(year, row["month"]), **chosen)
        for row in report["staff_performance"]:
            own = [one for part in by_staff for one in part["staff"] if one["staff_id"] == row["staff_id"]]
            assert (
                cells(row)
                == added(own)
                == desk.cells(date(year, 1, 1), date(year + 1, 1, 1), **{**only, "staff": row["staff_id"]})
            )
        assert all(added(part["staff"]) == cells(part["totals"]) for part in [*by_staff, *report["daily_by_staff"]])
        assert cells(report["yearly"][number - 1]) == added(report["daily"]) == in_month
        assert added([part["totals"] for part in report["daily_by_staff"]]) == in_month
        for row in report["daily"]:
            day = date.fromisoformat(row["date"])
            assert cells(row) == desk.cells(day, day + timedelta(days=1), **only)
        assert report["deposit_tiers"] == tiers(desk, month(year, number), only)
        assert report["crm_efficiency_target"] == 100_000_000


def tiers(desk: Desk, span: tuple[date, date], only: dict[str, str]) -> dict[str, int]:
    times = Counter(
        line.key
        for line in desk.lines
        if span[0] <= line.day < span[1] and all(getattr(line, name) == value for name, value in only.items())
    )
    found = Counter(min(count, 4) for count in times.values())
    return {"2x": found[2], "3x": found[3], "4x_plus": found[4]}


async def test_ranking_report_and_summary_agree(desk: Desk) -> None:
    ranking = await get(desk.client, desk.staff[2], "/leaderboard")
    report = await get(desk.client, desk.admin, "/report-crm/data")
    booked_in_month = await summary(desk.client, desk.admin, start_date="2025-03-01", end_date="2025-03-31")
    of_month = {row["staff_id"]: cells(row) for row in report["monthly_by_staff"][2]["staff"]}
    of_summary = {row["staff_id"]: row for row in booked_in_month["by_staff"]}
    rows = {row["staff_id"]: row for row in ranking["leaderboard"]}
    assert set(rows) == {person.id for person in desk.staff}
    for staff_id, row in rows.items():
        ndp, rdp, _, omset = of_month.get(staff_id, (0, 0, 0, 0))
        assert (row["total_ndp"], row["total_rdp"], row["total_omset"]) == (ndp, rdp, omset)
        known = desk.cells(*month(2025, 3), staff=staff_id)
        assert (ndp, rdp, omset) == (*known[:2], known[3])
        if staff_id in of_summary:
            found = of_summary[staff_id]
            assert (found["ndp_count"], found["rdp_count"], found["total_depo"]) == (ndp, rdp, omset)
        today = desk.cells(TODAY, TODAY + timedelta(days=1), staff=staff_id)
        assert (row["today_ndp"], row["today_rdp"]) == today[:2]
        worked = {
            line.day for line in desk.lines if line.staff == staff_id and (line.day.year, line.day.month) == (2025, 3)
        }
        assert row["days_worked"] == len(worked)
        assert row["avg_daily_ndp"] == (round(ndp / len(worked) + 1e-9, 1) if worked else None)
    assert sum(row["total_omset"] for row in rows.values()) == booked_in_month["total"]["total_depo"]
    assert (ranking["period"], ranking["start_date"], ranking["end_date"]) == ("month", "2025-03-01", "2025-03-31")
    everything = await get(desk.client, desk.admin, "/leaderboard", period="all")
    past = await get(desk.client, desk.admin, "/leaderboard", year=2024, month=2)
    for answer, span in ((everything, (date.min, date.max)), (past, month(2024, 2))):
        for row in answer["leaderboard"]:
            ndp, rdp, _, omset = desk.cells(*span, staff=row["staff_id"])
            assert (row["total_ndp"], row["total_rdp"], row["total_omset"]) == (ndp, rdp, omset)
            today = desk.cells(TODAY, TODAY + timedelta(days=1), staff=row["staff_id"])
            assert (row["today_ndp"], row["today_rdp"]) == today[:2]
    assert "start_date" not in everything and past["start_date"] == "2024-02-01"


async def test_progress_counts_the_same_days(desk: Desk) -> None:
    targets = {"daily_ndp": 2, "daily_rdp": 2, "required_success_days": 3}
    assert (await send(desk.client, desk.admin, "PUT", "/leaderboard/targets", targets)).status_code == 200
    team = await get(desk.client, desk.admin, "/leaderboard/admin-progress")
    assert team == await get(desk.client, desk.admin, "/admin/staff-target-progress")
    assert (team["days_elapsed"], team["days_remaining"], team["days_in_month"]) == (15, 16, 31)
    by_id = {row["staff_id"]: row for row in team["staff_progress"]}
    for person in desk.staff:
        row, met = by_id[person.id], 0
        assert len(row["daily_breakdown"]) == 15
        for entry in row["daily_breakdown"]:
            day = date.fromisoformat(entry["date"])
            ndp, rdp, *_ = desk.cells(day, day + timedelta(days=1), staff=person.id)
            via = "NDP" if ndp >= 2 else "RDP" if rdp >= 2 else None
            assert (entry["ndp"], entry["rdp"], entry["met_via"]) == (ndp, rdp, via)
            assert entry["target_met"] == (via is not None)
            met += via is not None
        assert row["success_days"] == met and row["projected_success"] == met * 31 // 15
        own = await get(desk.client, person, "/staff/target-progress")
        assert {name: own[name] for name in row} == row
        assert own["total_omset"] == desk.cells(*month(2025, 3), staff=person.id)[3]
        assert own == await get(desk.client, desk.admin, f"/admin/staff-target-progress/{person.id}")
    assert any(row["success_days"] for row in by_id.values())


async def test_the_report_of_staff_the_workbook_and_statements(desk: Desk, database: Database) -> None:
    mine = await get(desk.client, desk.staff[0], "/report-crm/data", staff_id=desk.staff[1].id)
    assert mine == await get(desk.client, desk.admin, "/report-crm/data", staff_id=desk.staff[0].id)
    assert [row["staff_id"] for row in mine["staff_performance"]] == [desk.staff[0].id]
    unknown = await get(desk.client, desk.admin, "/report-crm/data", product_id="nothing")
    assert added(unknown["yearly"]) == (0, 0, 0, 0) and unknown["staff_performance"] == []
    # The workbook holds the same, and no formula.
    answer = await desk.client.get("/api/report-crm/export", headers=desk.admin.auth)
    assert answer.status_code == 200 and "report-2025-03.xlsx" in answer.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    report = await get(desk.client, desk.admin, "/report-crm/data")
    parts: dict[str, list[Any]] = {
        "Yearly": report["yearly"],
        "Monthly by product": report["monthly"],
        "Monthly by staff": [row for part in report["monthly_by_staff"] for row in part["staff"]],
        "Daily": report["daily"],
        "Daily by staff": [row for part in report["daily_by_staff"] for row in part["staff"]],
        "Staff of the year": report["staff_performance"],
    }
    assert book.sheetnames == list(parts)
    for name, rows in parts.items():
        sheet = list(book[name].iter_rows(min_row=2))
        assert [tuple(cell.value for cell in row[-4:]) for row in sheet] == [cells(row) for row in rows]
        assert all(cell.data_type in "ns" for row in sheet for cell in row)
    assert {row[1].value for row in book["Staff of the year"].iter_rows(min_row=2)} == {"=Staff A", "=Staff B"}
    # However much there is, it takes as many statements.
    budgets = {
        "/leaderboard": 4, "/leaderboard?period=all": 4, "/leaderboard?year=2024&month=2": 5,
        "/leaderboard/admin-progress": 4, "/staff/target-progress": 6, "/report-crm/data": 6, "/staff/quality": 2,
    }  # fmt: skip
    for path, budget in budgets.items():
        with recorded_statements(database) as sent:
            assert (await desk.client.get(f"/api{path}", headers=desk.admin.auth)).status_code == 200
        assert len(sent) <= budget, (path, sent)


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("/leaderboard", {"period": "decade"}, "period"),
        ("/leaderboard", {"month": 13}, "month"),
        ("/staff/target-progress", {"year": "banana"}, "year"),
        ("/report-crm/data", {"month": 0}, "month"),
        ("/report-crm/export", {"year": 1999}, "year"),
        ("/staff/quality", {"period": "custom"}, "custom_start"),
        ("/staff/quality", {"period": "custom", "custom_start": "2025-02-30"}, "custom_start"),
        ("/staff/quality", {"period": "fortnight"}, "period"),
    ],
)
async def test_bad_filters_are_refused_by_field(
    client: httpx.AsyncClient, database: Database, path: str, params: dict[str, Any], field: str
) -> None:
    admin = await make_user(database, "admin")
    answer = await client.get(f"/api{path}", headers=admin.auth, params=params)
    assert answer.status_code == 422
    assert [error["field"].split(".")[-1] for error in answer.json()["errors"]] == [field]


async def test_who_may_read_what(client: httpx.AsyncClient, database: Database) -> None:
    staff = await make_user(database)
    admin, blocked = (
        await make_user(database, "admin"),
        await make_user(database, "master_admin", blocked_pages=["team", "leaderboard", "reports"]),
    )
    managed = (
        "/leaderboard/admin-progress",
        "/admin/staff-target-progress",
        f"/admin/staff-target-progress/{staff.id}",
    )
    for_all = ("/leaderboard", "/staff/target-progress", "/staff/quality", "/report-crm/data", "/report-crm/export")
    expected: dict[Any, dict[str, int]] = defaultdict(dict)
    for path in (*managed, *for_all):
        assert (await client.get(f"/api{path}")).status_code == 401
        for who in (staff, admin, blocked):
            expected[who.role][path] = (await client.get(f"/api{path}", headers=who.auth)).status_code
    assert expected[staff.role] == {**dict.fromkeys(managed, 403), **dict.fromkeys(for_all, 200)}
    assert set(expected[admin.role].values()) == {200}
    assert expected[blocked.role] == {**dict.fromkeys((*managed, *for_all), 403), "/staff/target-progress": 200}
    answer = await client.get("/api/admin/staff-target-progress/nobody", headers=admin.auth)
    assert (answer.status_code, answer.json()["code"]) == (404, "staff_not_found")
