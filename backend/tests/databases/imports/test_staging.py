"""What is staged of a file: verdicts, identities, phones, search texts; nothing is lost (spec 1.3, 2.2)."""

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_boost.databases.customer_key import customer_key
from crm_boost.databases.imports.request import StageProgress, StageRequest, StageResult
from crm_boost.databases.imports.staging import stage
from tests.databases.imports.files import (
    SAMPLE,
    request_for,
    stage_file,
    write_csv,
    write_ods,
    write_shared_xlsx,
    write_xlsx,
)

pytestmark = pytest.mark.pure

# Texts that every format can hold: no control characters but tab and line feed, no lone surrogates.
CELLS = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"),
        st.sampled_from("ab01 \t\n,;|\"'=+-@_x\u00a0é"),
    ),
    max_size=12,
)


def test_a_staged_row(tmp_path: Path) -> None:
    rows = [*SAMPLE, ["  ＳＡＲＩ 02 ", " Sari   Dewi ", "n/a"]]
    staged = stage_file(write_csv(tmp_path / "list.csv", rows))
    first, last = staged.rows[0], staged.rows[3]
    assert first["customer_key"] == "sari01"
    assert first["display_name"] == "Sari Melati"
    assert (first["phone"], first["phone_e164"]) == ("08123456789", "+628123456789")
    assert first["search_text"].split("\n") == ["sari01", "sari melati", "08123456789", "+628123456789"]
    assert (first["verdict"], first["reason"], first["taken"]) == ("ok", None, None)
    assert json.loads(last["row_data"]) == rows[4]
    assert (last["customer_key"], last["display_name"], last["phone_e164"]) == ("sari02", "Sari Dewi", None)
    assert "sari 02" in last["search_text"]
    assert "sari02" in last["search_text"]
    assert staged.result.counts.bad_phones == 1


def test_every_verdict(tmp_path: Path) -> None:
    rows = [
        ["Username", "Name"],
        ["sari01", "Sari"],
        ["SARI 01", "Sari again"],
        ["", "Nobody"],
        ["  \t ", ""],
        [],
        ["u" * 201, "Long"],
        ["budi", "Budi", "", " "],
        ["wati", "Wati", "Jakarta"],
        ["agus"],
        ["wati", "Wati"],
        ["wati", "Wati"],
    ]
    staged = stage_file(write_csv(tmp_path / "list.csv", rows))
    assert staged.verdicts == [
        "ok",
        "dup_file",
        "rejected:no_identity",
        "blank",
        "blank",
        "rejected:identity_too_long",
        "ok",
        "rejected:row_too_wide",
        "ok",
        "ok",
        "dup_file",
    ]
    assert staged.texts[7] == ["wati", "Wati", "Jakarta"]
    assert staged.texts[8] == ["agus", ""]
    counts = staged.result.counts
    assert counts.rejected_reasons == {"no_identity": 1, "identity_too_long": 1, "row_too_wide": 1}
    assert (counts.ok, counts.duplicates_in_file, counts.rejected, counts.blank, counts.rows_total) == (4, 2, 3, 2, 11)


def test_duplicates_are_found_across_chunks(tmp_path: Path) -> None:
    rows = [["Username"], *[[f"user{number % 3000}"] for number in range(7000)]]
    counts = stage_file(write_csv(tmp_path / "list.csv", rows)).result.counts
    assert (counts.ok, counts.duplicates_in_file) == (3000, 4000)


def test_mapping_is_the_persons_choice(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", SAMPLE)
    staged = stage_file(path, mapping={"username": 2})
    assert staged.rows[0]["customer_key"] == "08123456789"
    assert staged.rows[0]["display_name"] == "08123456789"
    assert staged.rows[0]["phone"] == ""
    assert staged.result.detected["username"] == {"column": 0, "confidence": 1.0}


def test_preview_and_meta(tmp_path: Path) -> None:
    rows = [["Username", "Name"], [], *[[f"u{number}", "N"] for number in range(80)]]
    path = write_csv(tmp_path / "list.csv", rows)
    staged = stage_file(path)
    assert staged.result.preview_rows == rows[2:52]
    with closing(sqlite3.connect(request_for(path).staging_path)) as db:
        meta = {key: json.loads(value) for key, value in db.execute("SELECT key, value FROM meta")}
    assert StageResult.from_json(meta) == staged.result
    assert StageRequest.from_json(request_for(path, mapping={"name": 1}).to_json()) == request_for(
        path, mapping={"name": 1}
    )


def test_progress(tmp_path: Path) -> None:
    rows = [["Username"], *[[f"u{number}"] for number in range(25_000)]]
    told: list[StageProgress] = []
    stage(request_for(write_csv(tmp_path / "list.csv", rows)), told.append)
    assert [item.phase for item in told] == ["reading", "staging", "staging", "staged"]
    assert {item.rows_total for item in told[1:]} == {25_000}
    done = [item.rows_done for item in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 25_000)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 5), st.sampled_from(["csv", "utf-16", ";", "xlsx", "shared", "ods"]))
def test_any_table_of_texts_survives(data: st.DataObject, width: int, form: str) -> None:
    # Whether a lone column of texts has a delimiter inside cannot be told; in a workbook it can.
    width = max(width, 2) if form in ("csv", "utf-16", ";") else width
    table = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8))
    header = ["Username", *[f"Field {number}" for number in range(1, width)]]
    # A sheet has no rows below the last one with a value, and a text file's last row may not be its end mark.
    table.append(["last", *[""] * (width - 1)])
    rows = [header, *table]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "list")
        match form:
            case "csv":
                write_csv(path, rows)
            case "utf-16":
                write_csv(path, rows, "utf-16")
            case ";":
                write_csv(path, rows, delimiter=";")
            case "xlsx":
                write_xlsx(path.with_suffix(".xlsx"), rows)
                path = path.with_suffix(".xlsx")
            case "shared":
                write_shared_xlsx(path, rows)
            case _:
                # ODS marks runs of blanks and tabs; the library that writes it does not.
                table = [[" ".join(cell.split()) for cell in row] for row in table]
                write_ods(path, [header, *table])
        staged = stage_file(path, header_row=1, mapping={"username": 0})
    expected = [[cell.replace("\r\n", "\n") for cell in row] for row in table]
    assert staged.texts == expected
    keys = [customer_key(row[0]) for row in expected]
    assert [row["customer_key"] for row in staged.rows] == keys
    counts = staged.result.counts
    assert counts.rows_total == len(expected)
    assert counts.ok + counts.duplicates_in_file + counts.rejected + counts.blank == counts.rows_total
    assert counts.ok == len({key for key in keys if key})


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["", " ", "a", "A", "b", "c d", "cd", "x" * 300]), max_size=4), max_size=30))
def test_conservation(table: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_csv(Path(folder, "list.csv"), [["Username", "Name"], *table, ["last", ""]])
        staged = stage_file(path)
    counts = staged.result.counts
    assert counts.rows_total == len(table) + 1 == len(staged.rows)
    assert counts.ok + counts.duplicates_in_file + counts.rejected + counts.blank == counts.rows_total
    assert sum(counts.rejected_reasons.values()) == counts.rejected
    stored = [row["customer_key"] for row in staged.rows if row["verdict"] == "ok"]
    assert len(set(stored)) == len(stored)
    assert all(stored)
