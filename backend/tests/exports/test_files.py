"""A file is its list: every kind, as a job and as a stream, row for row over all pages (spec 5.5)."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from crm_boost.db.engine import Database
from crm_boost.exports import reading
from crm_boost.exports.registry import kinds
from tests.exports.desk import FORMULA, Desk, open_desk, table_of

pytestmark = pytest.mark.usefixtures("_small_pages")


@pytest.fixture
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file takes several pages."""
    monkeypatch.setattr(reading, "PAGE", 2)


@pytest.fixture
async def desk(app: FastAPI, client: httpx.AsyncClient, database: Database) -> Desk:
    return await open_desk(app, client, database)


Case = tuple[str, dict[str, Any], str, dict[str, Any], dict[str, str]]
"""A kind and its filters, the list it must be and its filters, and some columns: heading -> name in the list's rows."""

_RECORD = {"Customer": "customer_id", "Status": "status", "Staff": "assigned_to_name", "Phone": "phone_e164"}
_RESERVED = {"Customer": "customer_id", "Status": "status", "Staff": "staff_name", "Customer name": "customer_name"}
_DEPOSIT = {"Customer": "customer_id", "Date": "record_date", "Nominal": "nominal", "Keterangan": "keterangan"}


def cases(desk: Desk) -> list[Case]:
    found: list[Case] = []
    for kind, module in (("customer-records", "normal"), ("memberwd", "memberwd"), ("bonanza", "bonanza")):
        database_id = desk.pools[module].id
        path = f"/pools/{module}/databases/{database_id}/records"
        whole = {"username": "row_data.username", **_RECORD}
        narrowed: tuple[dict[str, Any], ...] = (
            {},
            {"status": "available"},
            {"sort": "-row_number"},
            {"q": f"{module}-1"},
        )
        found += [(kind, {"database_id": database_id, **filters}, path, filters, whole) for filters in narrowed]
    found += [
        ("customer-records", {"database_id": desk.pools["normal"].id, "assigned_to": desk.other.id},
         f"/pools/normal/databases/{desk.pools['normal'].id}/records", {"assigned_to": desk.other.id}, _RECORD),
        ("assignments", {}, "/assignments", {}, _RECORD),
        ("assignments", {"module": "memberwd"}, "/assignments", {"module": "memberwd"}, _RECORD),
        ("assignments", {"staff_id": "nobody"}, "/assignments", {"staff_id": "nobody"}, _RECORD),
        ("omset", {}, "/omset", {"status": "approved"}, _DEPOSIT),
        ("omset", {"status": "all"}, "/omset", {"status": "all"}, _DEPOSIT),
        ("omset", {"status": "pending"}, "/omset", {"status": "pending"}, _DEPOSIT),
        ("omset", {"start_date": "2026-01-02", "staff_id": desk.staff.id},
         "/omset", {"start_date": "2026-01-02", "staff_id": desk.staff.id, "status": "approved"}, _DEPOSIT),
        ("reserved-members", {}, "/reserved-members", {}, _RESERVED),
        ("reserved-members", {"staff_id": desk.other.id}, "/reserved-members", {"staff_id": desk.other.id}, _RESERVED),
        ("reserved-members", {"archived": True}, "/reserved-members/deleted", {}, _RESERVED),
        ("requests", {}, "/download-requests", {}, {"Records": "record_count", "Staff": "requested_by_name"}),
        ("requests", {"status": "approved"}, "/download-requests", {"status": "approved"}, {"Status": "status"}),
        ("conflict-log", {}, "/data-sync/conflict-resolution-log", {}, {"Held by": "staff_name"}),
        ("conflict-log", {"is_open": False}, "/data-sync/conflict-resolution-log", {"is_open": False},
         {"Customer": "customer_id"}),
    ]  # fmt: skip
    return found


def _shown(row: dict[str, Any], name: str) -> str:
    value: Any = row
    for part in name.split("."):
        value = value.get(part, "")
    return "" if value is None else str(value)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_a_file_holds_the_rows_of_its_list(desk: Desk, file_format: str) -> None:
    lengths: dict[str, int] = {}
    for number, (kind, filters, path, query, columns) in enumerate(cases(desk)):
        rows = await desk.every(path, desk.admin, **query)
        if number % 2:
            content = await desk.streamed(desk.admin, kind, file_format, **filters)
        else:
            item = await desk.finished(desk.admin, kind, file_format, **filters)
            assert (item["state"], item["rows_done"]) == ("done", len(rows)), item
            content = await desk.fetch(desk.admin, item)
        found = table_of(content, file_format)
        expected = [{heading: _shown(row, name) for heading, name in columns.items()} for row in rows]
        assert [{heading: row[heading] for heading in columns} for row in found] == expected, (kind, filters)
        lengths[kind] = max(lengths.get(kind, 0), len(rows))
    # Nothing of this is true of an empty list, or of a single page.
    assert all(length > 2 for length in lengths.values()), lengths


async def test_figures_are_files_too(desk: Desk) -> None:
    report = await desk.get("/report-crm/data", desk.admin, year=2026, month=1)
    months = [row for part in report["monthly_by_staff"] for row in part["staff"]]
    found = table_of(await desk.streamed(desk.admin, "staff-report", "xlsx", year="2026"), "xlsx")
    assert [(row["Staff"], row["Forms"]) for row in found] == [(r["staff_name"], str(r["total_form"])) for r in months]
    days = [(part["date"], row) for part in report["daily_by_staff"] for row in part["staff"]]
    content = await desk.streamed(desk.admin, "staff-report", year="2026", month="1", by="day")
    assert [(row["Period"], row["NDP"]) for row in table_of(content, "csv")] == [
        (day, str(row["new_id"])) for day, row in days
    ]
    item = await desk.finished(desk.staff, "omset-summary", "csv")
    own = table_of(await desk.fetch(desk.staff, item), "csv")
    assert [row["Date"] for row in own] == ["2026-01-01", "2026-01-03", "2026-01-04"]
    assert {row["Staff"] for row in own} == {FORMULA}


async def test_all_databases_of_a_module_come_one_after_another(desk: Desk) -> None:
    item = await desk.finished(desk.admin, "bonanza", "xlsx")
    found = table_of(await desk.fetch(desk.admin, item), "xlsx")
    assert [row["Customer"] for row in found] == ["@bonanza0", "@bonanza1", *(f"bonanza-{n}" for n in range(8))]
    assert item["rows_total"] == 10
    one = table_of(await desk.streamed(desk.admin, "bonanza", product_id=desk.product), "csv")
    assert len(one) == 8 and "username" not in one[0]
    counted = await desk.client.post("/api/exports/preview", json={"kind": "bonanza"}, headers=desk.admin.auth)
    assert counted.json() == {"rows": 10}


async def test_headings_speak_the_language_asked_for(desk: Desk) -> None:
    content = await desk.streamed(desk.admin, "omset", language="id")
    assert list(table_of(content, "csv")[0])[:4] == ["Tanggal", "Produk", "Staf", "Pelanggan"]


async def test_no_cell_of_either_format_is_a_formula(desk: Desk) -> None:
    text = (await desk.streamed(desk.admin, "omset")).decode("utf-8-sig")
    assert "\"'=HYPERLINK(" in text and ",=HYPERLINK" not in text and ',"=HYPERLINK' not in text
    rows = table_of(await desk.streamed(desk.admin, "omset", "xlsx"), "xlsx")
    assert {row["Keterangan"] for row in rows} == {FORMULA}


async def test_staff_get_their_own_rows_only(desk: Desk) -> None:
    for kind, heading, names in (
        ("omset", "Staff", {FORMULA}),
        ("reserved-members", "Staff", {FORMULA}),
        ("requests", "Staff", {FORMULA}),
        ("staff-report", "Staff", {FORMULA}),
    ):
        filters = {"year": "2026"} if kind == "staff-report" else {"staff_id": desk.other.id} if kind == "omset" else {}
        found = table_of(await desk.streamed(desk.staff, kind, **filters), "csv")
        assert {row[heading] for row in found} == names, kind


def test_every_kind_of_the_specification_is_there() -> None:
    wanted = {"customer-records", "omset", "staff-report", "reserved-members", "memberwd", "bonanza", "requests", "conflict-log"}  # fmt: skip
    assert wanted <= kinds().keys()
    for kind in kinds().values():
        names = [(column.inside, column.name) for column in kind.columns]
        assert len(set(names)) == len(names)
        for headings in zip(*((column.en, column.id) for column in kind.columns), strict=True):
            assert len(set(headings)) == len(headings), kind.key
