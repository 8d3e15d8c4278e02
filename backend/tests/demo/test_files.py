"""The demo's files are the same for the same seed, and hold the mess of real ones."""

import csv
import io
import random
from collections.abc import Iterator

import openpyxl
import pytest

from crm_boost.databases.customer_key import customer_key
from crm_boost.demo.customers import make_customers, with_mess
from crm_boost.demo.plan import FILES, DemoFile, shared_customers

pytestmark = pytest.mark.pure


def texts(file: DemoFile, encoding: str, delimiter: str) -> list[list[str]]:
    content = file.content(1).decode(encoding)
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))


def named(filename: str) -> DemoFile:
    return next(file for file in FILES if file.filename == filename)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.filename)
def test_the_same_seed_makes_the_same_bytes_and_another_does_not(file: DemoFile) -> None:
    first = file.content(1)
    assert first == file.content(1)
    assert first != file.content(2)


def test_three_databases_for_each_desk_and_one_for_the_trash() -> None:
    kept = [file for file in FILES if not file.trashed]
    by_module = {module: [f for f in kept if f.module == module] for module in {f.module for f in kept}}
    assert {module: len(files) for module, files in by_module.items()} == {"normal": 3, "memberwd": 3, "bonanza": 3}
    assert all(2000 <= file.customers <= 4000 for file in kept)
    assert len({file.content(1) for file in FILES}) == len(FILES)


def test_semicolons_come_in_an_old_encoding_with_quoted_newlines() -> None:
    content = named("customers-h1.csv").content(1)
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    rows = texts(named("customers-h1.csv"), "cp1252", ";")
    assert rows[0][:4] == ["No", "Username", "Nama Lengkap", "No HP"]
    assert any("\n" in row[-1] for row in rows)
    assert any(row[-1].startswith("=") for row in rows)
    assert any(not any(row) for row in rows)


def test_unicode_text_is_utf_16_with_tabs_emoji_and_chinese_names() -> None:
    content = named("call-list-north.txt").content(1)
    assert content[:2] in (b"\xff\xfe", b"\xfe\xff")
    rows = texts(named("call-list-north.txt"), "utf-16", "\t")
    names = "".join(row[1] for row in rows)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in names)
    assert any(letter >= "\U0001f300" for letter in names)
    assert any(row[3].startswith("0") for row in rows[1:] if any(row))


def test_workbooks_have_a_merged_title_two_sheets_and_codes_with_leading_zeros() -> None:
    book = openpyxl.load_workbook(io.BytesIO(named("sign-ups.xlsx").content(1)))
    sheet = book["Data"]
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:G1"]
    assert book.sheetnames == ["Data", "Notes"]
    assert [cell.value for cell in sheet[3]][:3] == ["Member ID", "Full Name", "Phone Number"]
    assert {cell.number_format for cell in sheet["F"][3:] if cell.value is not None} == {"00000"}
    assert any(cell.data_type == "f" for cell in sheet["G"])
    assert any(cell.data_type == "n" and cell.value for cell in sheet["C"][3:])


def _keys(lines: list[str]) -> Iterator[str]:
    return (customer_key(text) for text in lines)


def test_mess_holds_duplicates_blank_rows_and_rows_without_username() -> None:
    own = make_customers(random.Random("own"), 1000)
    shared = shared_customers(1, 0)
    assert len({customer_key(c.username) for c in own}) == len(own)
    lines = with_mess(random.Random("mess"), own, shared, any_script=True)
    filled = [line for line in lines if line is not None]
    usernames = [line.username for line in filled]
    keys = [key for key in _keys(usernames) if key]
    assert lines.count(None) > 0
    assert usernames.count("") > 0
    assert len(keys) > len(set(keys))
    assert len(set(keys) & {customer_key(c.username) for c in shared}) > 20
    # Typed differently, equal by the rules.
    assert len(set(usernames)) > len(set(_keys(usernames)))
