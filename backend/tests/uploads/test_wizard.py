"""The wizard from the upload to the stored database, over HTTP (spec 2.2)."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crm_boost.db.engine import Database
from tests.databases.imports.files import write_shared_xlsx, write_xlsx
from tests.support.factories import make_database, make_product, make_user, reserve_customer
from tests.uploads.desk import HEADER, Desk, csv_bytes, people

RESULT_PARTS = ("stored", "duplicates", "reserved_skipped", "rejected", "blank")


def workbook(path: Path, rows: list[list[str]]) -> bytes:
    return write_shared_xlsx(path / "book.xlsx", [HEADER, *rows]).read_bytes()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_from_upload_to_records(desk: Desk, tmp_path: Path, kind: str) -> None:
    rows = [
        ["sari", "Sari Melati", "08123456789"],
        ["", "", ""],
        ["budi", "00123", "+62 812-3456-780"],
        ["", "No Id", ""],
    ]
    content = csv_bytes(rows) if kind == "csv" else workbook(tmp_path, rows)
    answer = await desk.post_file(content, f"July List.{kind.upper()}")
    assert answer.status_code == 202
    fresh = answer.json()
    assert (fresh["state"], fresh["report"], fresh["result"], fresh["can_undo"]) == ("analysing", None, None, False)
    assert fresh["progress"] == {
        "phase": "waiting",
        "rows_done": 0,
        "rows_total": None,
        "rate": None,
        "eta_seconds": None,
    }
    assert (fresh["filename"], fresh["size_bytes"]) == (f"July List.{kind.upper()}", len(content))

    ready = await desk.settled(fresh["id"])
    assert ready["state"] == "ready" and ready["progress"] is None and ready["error"] is None
    assert (ready["product_id"], ready["product_name"], ready["created_by_name"]) == (desk.product_id, "Alpha", "Ratna")
    assert ready["columns"] == HEADER and ready["header_row"] == 1
    assert ready["mapping"] == {"username": 0, "name": 1, "phone": 2}
    assert ready["detected"]["username"]["column"] == 0 and 0.5 < ready["detected"]["username"]["confidence"] <= 1
    assert ready["preview_rows"][0] == ["sari", "Sari Melati", "08123456789"]
    report = ready["report"]
    assert (report["rows_total"], report["blank"], report["rejected"]) == (4, 1, 1)
    assert report["rejected_reasons"] == [{"reason": "no_identity", "count": 1}]
    assert report["same_file"] is None
    assert await desk.counts() == (0, 0, 0)
    assert await desk.databases() == []

    done = await desk.commit(ready["id"], name="July")
    assert (done["state"], done["name"], done["can_undo"]) == ("done", "July", True)
    assert done["undo_until"] > done["finished_at"] > done["created_at"]
    assert done["result"] == {
        "rows_total": 4, "stored": 2, "duplicates": 0, "reserved_skipped": 0, "rejected": 1, "blank": 1, "reserved_stored": 0,
    }  # fmt: skip
    records = await desk.records(done)
    assert [record["row_data"] for record in records] == [
        dict(zip(HEADER, row, strict=True)) for row in (rows[0], rows[2])
    ]
    assert [record["row_number"] for record in records] == [1, 3]
    assert [record["phone_e164"] for record in records] == ["+628123456789", "+628123456780"]
    assert {record["status"] for record in records} == {"available"}
    (database,) = await desk.databases()
    assert (database["name"], database["total_records"], database["available_count"]) == ("July", 2, 2)
    assert desk.files() == {f"{done['id']}/staging.db"}


async def test_choices_analyse_again(desk: Desk, tmp_path: Path, database: Database) -> None:
    book = openpyxl.Workbook()
    first = book.active
    for row in (["a title", "", ""], ["Code", "Username", "Name"], ["x1", "sari", "Sari"], ["x2", "sari", "Sari"]):
        first.append(row)
    second = book.create_sheet("More")
    for row in (["Member", "Nama"], ["budi", "Budi"]):
        second.append(row)
    book.save(tmp_path / "two.xlsx")
    other = await make_product(database, "Beta")
    await make_database(database, 1, product_id=other, prefix="budi")
    item = await desk.upload((tmp_path / "two.xlsx").read_bytes(), "two.xlsx")
    assert [sheet["name"] for sheet in item["sheets"]] == ["Sheet", "More"]

    item = await desk.choose(item["id"], header_row=2, mapping={"username": 1, "name": 2, "phone": None})
    assert (item["columns"], item["header_row"]) == (["Code", "Username", "Name"], 2)
    assert item["report"]["duplicates_in_file"] == 1
    item = await desk.choose(item["id"], mapping={"username": 0, "name": 2, "phone": None})
    assert item["report"]["duplicates_in_file"] == 0 and item["mapping"]["username"] == 0
    item = await desk.choose(item["id"], sheet="More", mapping={"username": 0, "name": 1, "phone": None})
    assert item["columns"] == ["Member", "Nama"] and item["report"]["rows_total"] == 1
    item = await desk.choose(item["id"], product_id=other)
    assert item["product_name"] == "Beta" and item["mapping"]["username"] == 0
    done = await desk.commit(item["id"])
    assert [record["customer_id"] for record in await desk.records(done)] == ["budi"]


@pytest.mark.parametrize(
    "mapping", [{"username": 7, "name": None, "phone": None}, {"username": 0, "name": 0, "phone": None}]
)
async def test_a_mapping_that_cannot_be_is_refused_by_name(desk: Desk, mapping: dict[str, Any]) -> None:
    item = await desk.upload(csv_bytes(people(2)))
    answer = await desk.client.patch(f"/api/imports/{item['id']}", json={"mapping": mapping})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == ("mapping.username" if mapping["username"] == 7 else "mapping.name")
    assert (await desk.get(item["id"]))["state"] == "ready"


async def test_a_choice_that_fails_can_be_made_again(desk: Desk) -> None:
    item = await desk.upload(csv_bytes(people(2)))
    failed = await desk.choose(item["id"], header_row=900)
    assert failed["state"] == "failed" and failed["error"]["field"] == "header_row"
    assert (await desk.post_commit(item["id"])).status_code == 409
    again = await desk.choose(item["id"], header_row=1)
    assert again["state"] == "ready" and again["error"] is None
    assert (await desk.commit(item["id"]))["result"]["stored"] == 2


@pytest.mark.parametrize("reserved", ["store", "skip"])
@pytest.mark.parametrize("duplicates", ["skip", "import"])
async def test_duplicates_and_reserved(desk: Desk, database: Database, duplicates: str, reserved: str) -> None:
    """One row of every kind, under every choice; each row ends in exactly one place."""
    wati, tono = await make_user(database, name="Wati"), await make_user(database, name="Tono")
    stored = await make_database(database, 2, product_id=desk.product_id, prefix="old")
    for key, owner in (("owned", wati), ("old1", wati), ("twice", tono)):
        await reserve_customer(database, stored, key, owner.id)
    rows = [
        ["new", "", ""], ["OLD 0", "", ""], ["Owned", "", ""], ["old1", "", ""], ["new", "again", ""],
        ["twice", "", ""], ["TWICE", "", ""], ["", "x", ""], ["", "", ""],
    ]  # fmt: skip
    item = await desk.upload(csv_bytes(rows))
    report = item["report"]
    assert (report["duplicates_in_file"], report["duplicates_in_product"], report["reserved"]) == (2, 2, 4)
    assert report["reserved_not_duplicate"] == 2
    assert sorted((owner["staff_name"], owner["count"]) for owner in report["reserved_by"]) == [
        ("Tono", 2),
        ("Wati", 2),
    ]

    done = await desk.commit(item["id"], duplicates=duplicates, reserved=reserved)
    result = done["result"]
    assert result["rows_total"] == sum(result[part] for part in RESULT_PARTS) == 9
    expected = {
        ("skip", "store"): {"stored": 3, "duplicates": 4, "reserved_skipped": 0, "reserved_stored": 2},
        ("skip", "skip"): {"stored": 1, "duplicates": 4, "reserved_skipped": 2, "reserved_stored": 0},
        ("import", "store"): {"stored": 7, "duplicates": 0, "reserved_skipped": 0, "reserved_stored": 4},
        ("import", "skip"): {"stored": 3, "duplicates": 0, "reserved_skipped": 4, "reserved_stored": 0},
    }[duplicates, reserved]
    assert {key: result[key] for key in expected} == expected
    records = await desk.records(done)
    assert len(records) == result["stored"]
    reserved_rows = [record for record in records if record["status"] == "reserved"]
    assert len(reserved_rows) == result["reserved_stored"]
    assert {record["reserved_by_name"] for record in reserved_rows} <= {"Wati", "Tono"}
    assert len(await desk.rejected_rows(done["id"])) == 9 - result["stored"]
    (shown,) = [row for row in await desk.databases() if row["id"] == done["database_id"]]
    assert (shown["total_records"], shown["excluded_count"]) == (result["stored"], result["reserved_stored"])


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_the_rejected_file_corrected_imports_cleanly(desk: Desk, tmp_path: Path, file_format: str) -> None:
    rows = [["sari", "Sari", "1"], ["", "=SUM(A1)", "2"], ["sari", "Twin", "3"], ["", "", ""], ["budi", "Budi", "4"]]
    done = await desk.imported(csv_bytes(rows), "../../xy.csv")
    assert done["filename"] == "xy.csv"
    content = await desk.rejected(done["id"], file_format)
    path = tmp_path / f"rejected.{file_format}"
    path.write_bytes(content)
    if file_format == "csv":
        table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    else:
        table = [[str(cell or "") for cell in row] for row in openpyxl.load_workbook(path).active.values]
    assert len(table) == 1 + 3
    assert [row[-2] for row in table[1:]] == ["2", "3", "4"]
    assert all(row[-1] for row in table[1:])
    # What a spreadsheet would take for a formula is guarded in text files, and plain text in workbooks.
    assert table[1][1] == ("'=SUM(A1)" if file_format == "csv" else "=SUM(A1)")
    table[1][0], table[2][0] = "wati", "tono"
    corrected = csv_bytes(table[1:3], table[0]) if file_format == "csv" else b""
    if file_format == "xlsx":
        corrected = write_xlsx(tmp_path / "corrected.xlsx", table[:3]).read_bytes()
    again = await desk.imported(corrected, f"rejected.{file_format}")
    assert again["columns"] == HEADER
    assert [record["row_data"]["Full Name"] for record in await desk.records(again)] == ["=SUM(A1)", "Twin"]
    assert again["result"]["stored"] == 2


async def test_the_same_file_twice_is_recognised_before_anything_is_written(desk: Desk) -> None:
    content = csv_bytes(people(5))
    first = await desk.imported(content, name="First")
    again = await desk.upload(content, "renamed.csv")
    assert again["report"]["same_file"]["name"] == "First"
    assert again["report"]["same_file"]["database_id"] == first["database_id"]
    assert again["report"]["duplicates_in_product"] == 5
    assert await desk.counts() == (1, 5, 5)
    done = await desk.commit(again["id"], duplicates="skip")
    assert done["result"]["stored"] == 0 and done["result"]["duplicates"] == 5
    assert (await desk.records(done)) == []


async def test_duplicates_of_another_product_or_of_trash_do_not_count(desk: Desk, database: Database) -> None:
    await make_database(database, 3, prefix="sari")
    trashed = await make_database(database, 3, product_id=desk.product_id, prefix="sari")
    await desk.client.delete(f"/api/pools/normal/databases/{trashed.id}")
    item = await desk.upload(csv_bytes(people(3)))
    assert item["report"]["duplicates_in_product"] == 0


async def test_commit_checks_again_what_changed_since_the_report(desk: Desk, database: Database) -> None:
    item = await desk.upload(csv_bytes(people(4)))
    assert item["report"]["duplicates_in_product"] == 0
    await make_database(database, 2, product_id=desk.product_id, prefix="sari")
    done = await desk.commit(item["id"], duplicates="skip")
    assert (done["result"]["stored"], done["result"]["duplicates"]) == (2, 2)
