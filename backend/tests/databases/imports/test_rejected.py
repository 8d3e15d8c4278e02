"""The file of rejected rows: complete, harmless, and importable once it is corrected (spec 2.2)."""

import csv
import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_boost.databases.imports.formula_guard import guard_cell, unguard_cell
from crm_boost.databases.imports.rejected import RejectedFormat, write_rejected
from tests.databases.imports.files import request_for, stage_file, write_csv, write_shared_xlsx

pytestmark = pytest.mark.pure

TABLE = [
    ["Username", "Name", "Phone"],
    ["sari01", "Sari", "+628123456789"],
    ["SARI01", "=SUM(A1)", "+628123456780"],
    ["", "'=quoted", "-1"],
    ["", "", ""],
    ["x" * 300, "@cmd", "\tTab"],
    ["budi", "Budi", "0812", "surplus", "", "more"],
    ["wati", "Wati", "0813"],
]
FORMATS: list[RejectedFormat] = ["csv", "xlsx"]


def cells(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    sheet = openpyxl.load_workbook(path).active
    return [[str(value or "") for value in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("file_format", FORMATS)
def test_all_rows_that_were_not_stored_in_file_order(tmp_path: Path, file_format: RejectedFormat) -> None:
    path = write_csv(tmp_path / "list.csv", TABLE)
    stage_file(path)
    target = tmp_path / f"rejected.{file_format}"
    count = write_rejected(Path(request_for(path).staging_path), target, file_format, frozenset({"dup_file"}))
    found = cells(target)
    assert count == 5
    assert found[0] == [
        "Username",
        "Name",
        "Phone",
        "Surplus 1",
        "Surplus 2",
        "Surplus 3",
        "import_row",
        "import_reason",
    ]
    assert [row[-2] for row in found[1:]] == ["2", "3", "4", "5", "6"]
    assert [row[-1] for row in found[1:]] == [
        "An earlier row of the file has the same username.",
        "The row has no username.",
        "The row is blank.",
        "The username is too long.",
        "The row has more cells than the header.",
    ]
    assert found[5][:6] == ["budi", "Budi", "0812", "surplus", "", "more"]
    risky = [cell for row in found for cell in row if cell[:1] in set("=+-@\t\r") and cell]
    assert (not risky) if file_format == "csv" else risky


@pytest.mark.parametrize("file_format", FORMATS)
def test_what_the_person_chose_to_leave_out(tmp_path: Path, file_format: RejectedFormat) -> None:
    path = write_csv(tmp_path / "list.csv", TABLE)
    stage_file(path)
    staging = Path(request_for(path).staging_path)
    with closing(sqlite3.connect(staging)) as db, db:
        db.execute("UPDATE rows SET taken = 'reserved' WHERE row_number = 1")
        db.execute("UPDATE rows SET taken = 'dup_product' WHERE row_number = 7")
    target = tmp_path / f"rejected.{file_format}"
    assert write_rejected(staging, target, file_format, frozenset()) == 4
    assert write_rejected(staging, target, file_format, frozenset({"reserved"})) == 5
    assert cells(target)[1][-1] == "The customer is reserved."
    assert write_rejected(staging, target, file_format, frozenset({"dup_file", "dup_product", "reserved"})) == 7
    assert cells(target)[-1][-1] == "A database of the same product already has this username."


@pytest.mark.parametrize("file_format", FORMATS)
def test_uncorrected_it_is_rejected_for_the_same_reasons(tmp_path: Path, file_format: RejectedFormat) -> None:
    path = write_csv(tmp_path / "list.csv", TABLE)
    first = stage_file(path)
    target = tmp_path / f"rejected.{file_format}"
    write_rejected(Path(request_for(path).staging_path), target, file_format, frozenset())
    again = stage_file(target)
    assert again.result.rejected_file
    assert again.result.columns == TABLE[0]
    assert again.verdicts == [verdict for verdict in first.verdicts if verdict not in ("ok", "dup_file")]
    assert again.texts[:3] == [TABLE[3], TABLE[4], TABLE[5]]
    assert again.texts[3][:6] == TABLE[6]


@pytest.mark.parametrize("file_format", FORMATS)
def test_corrected_it_imports_cleanly(tmp_path: Path, file_format: RejectedFormat) -> None:
    path = write_csv(tmp_path / "list.csv", TABLE)
    stage_file(path)
    target = tmp_path / f"rejected.{file_format}"
    write_rejected(Path(request_for(path).staging_path), target, file_format, frozenset({"dup_file"}))
    rows = cells(target)
    for number, row in enumerate(rows[1:]):
        row[0] = f"corrected{number}"
        row[3:6] = ["", "", ""]
    write = write_csv if file_format == "csv" else write_shared_xlsx
    again = stage_file(write(tmp_path / f"corrected.{file_format}", rows))
    assert again.result.counts.ok == 5
    assert again.result.columns == ["Username", "Name", "Phone"]
    assert again.texts[0] == ["corrected0", "=SUM(A1)", "+628123456780"]
    assert again.texts[1] == ["corrected1", "'=quoted", "-1"]


@given(st.text(alphabet="'=+-@\t\ra1", max_size=6))
def test_the_guard_is_reversible(text: str) -> None:
    assert unguard_cell(guard_cell(text)) == text
    assert guard_cell(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.text("ab'=+-@\t\n\r ,;\"é_x0", max_size=6), min_size=2, max_size=2), min_size=1, max_size=6),
    st.sampled_from(FORMATS),
)
def test_cells_come_back_as_they_were(table: list[list[str]], file_format: RejectedFormat) -> None:
    """Rows without identity go out and come back unchanged, cell by cell."""
    rows = [["Username", "A", "B"], *[["", "z" + row[0], row[1]] for row in table], ["ok", "", ""]]
    with tempfile.TemporaryDirectory() as folder:
        path = write_csv(Path(folder, "list.csv"), rows)
        first = stage_file(path)
        target = Path(folder, f"rejected.{file_format}")
        write_rejected(Path(request_for(path).staging_path), target, file_format, frozenset())
        again = stage_file(target, mapping={"username": 1})
    assert again.texts == [json.loads(row["row_data"]) for row in first.rows if row["verdict"] == "rejected"]
