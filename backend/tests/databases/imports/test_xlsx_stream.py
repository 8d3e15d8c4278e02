"""The streaming XLSX reader says what the general one says, and leaves to it what it does not know (spec 2.2)."""

import datetime
import re
import tempfile
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_boost.databases.imports import parse_workbook
from crm_boost.databases.imports.parse_xlsx import XlsxSource
from crm_boost.databases.imports.source import RowSource, UnusualSheet
from crm_boost.databases.imports.xlsx_cells import rich_text, xml_text
from tests.databases.imports.files import SAMPLE, replace_part, stage_file, write_shared_xlsx, write_xlsx

pytestmark = pytest.mark.pure

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
FORMATS = ["General", "0", "00000", "#,##0.00", "0%", "dd/mm/yyyy", "mm-dd-yy", "h:mm", "[h]:mm:ss", "d mmm yyyy hh:mm"]
# The general reader breaks down at days outside the calendar.
DATES = set(FORMATS[5:])
VALUES = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs"], exclude_characters="_"), max_size=6),
    st.integers(-(10**15), 10**15),
    st.floats(-1e6, 1e6).map(lambda number: round(number, 4)),
    st.floats(-1e300, 1e300),
    st.booleans(),
    st.dates(datetime.date(1901, 1, 1), datetime.date(2100, 1, 1)),
    st.datetimes(datetime.datetime(1901, 1, 1), datetime.datetime(2100, 1, 1)).map(
        lambda at: at.replace(microsecond=0)
    ),
    st.times().map(lambda at: at.replace(microsecond=0)),
)


def read(source: RowSource) -> list[list[str]]:
    """Return the rows of a source without the blanks at their ends."""
    try:
        rows = list(chain.from_iterable(source.chunks()))
    finally:
        source.close()
    for row in rows:
        while row and not row[-1]:
            row.pop()
    return rows


def both(path: Path) -> tuple[list[list[str]], list[list[str]]]:
    return read(XlsxSource(path)), read(parse_workbook.WorkbookSource(path, "xlsx"))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(st.tuples(VALUES, st.sampled_from([None, *FORMATS])), max_size=5), min_size=1, max_size=8),
    st.integers(0, 3),
    st.integers(0, 2),
)
def test_both_readers_agree(table: list[list[tuple[Any, str | None]]], down: int, right: int) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate(table, 1 + down):
        for column, (value, number_format) in enumerate(row, 1 + right):
            cell = sheet.cell(number, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
            elif number_format and (
                number_format not in DATES or not isinstance(value, float | int) or 0 <= value < 10**6
            ):
                cell.number_format = number_format
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "list.xlsx")
        book.save(path)
        streamed, general = both(path)
    assert streamed == general


def test_rows_of_other_shapes_among_many_alike(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "list.xlsx"))
    sheet = book.add_worksheet()
    padded = book.add_format({"num_format": "00000"})
    for number in range(6000):
        if number % 1000 == 7:
            continue
        sheet.write_string(number, 1, f"user{number}" if number % 100 else f"a & b <{number}>")
        if number % 10:
            sheet.write_number(number, 2, number * 1.5)
        if number % 50 == 3:
            sheet.write_number(number, 3, number, padded)
            sheet.write_boolean(number, 7, True)
        if number % 77 == 0:
            sheet.write_formula(number, 4, "=1+1", None, "two")
    book.close()
    streamed, general = both(tmp_path / "list.xlsx")
    assert len(streamed) == 6000
    assert streamed == general
    assert streamed[7] == []
    assert streamed[53] == ["user53", "79.5", "00053", "", "", "", "TRUE"]


def test_cells_that_some_rows_leave_out_are_still_read_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[f"u{number}", *["x" if number >> bit & 1 else "" for bit in range(9)]] for number in range(512)]
    path = write_xlsx(tmp_path / "list.xlsx", [["Username", *"ABCDEFGHI"], *rows])
    # Reading a row cell by cell is several times slower.
    monkeypatch.delattr("crm_boost.databases.imports.parse_xlsx._Shape._single")
    streamed = read(XlsxSource(path))
    assert [row + [""] * (10 - len(row)) for row in streamed[1:]] == rows


def test_rows_in_no_common_shape_are_left_to_the_general_reader(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "list.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Username", *"ABCDEFGHI"])
    rows = [[f"u{number}", *[str(number >> bit & 1) for bit in range(9)]] for number in range(512)]
    for number, row in enumerate(rows, 1):
        sheet.write_string(number, 0, row[0])
        for column, text in enumerate(row[1:], 1):
            # The same column, now as a number, now as a text.
            write = sheet.write_number if text == "1" else sheet.write_string
            write(number, column, text if text == "0" else 1)
    book.close()
    path = tmp_path / "list.xlsx"
    with pytest.raises(UnusualSheet):
        read(XlsxSource(path))
    assert stage_file(path).texts == rows


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (SHEET, lambda xml: re.sub(rb' r="[A-Z]*\d+"', b"", xml)),
        (SHEET, lambda xml: xml.replace(b"</row>", b"</row><!-- a note -->", 1)),
        (SHEET, lambda xml: re.sub(rb"<t>([^<]*)</t>", rb"<t><![CDATA[\1]]></t>", xml)),
        (SHEET, lambda xml: re.sub(rb"<(/?)(\w)", rb"<\1x:\2", xml).replace(b"xmlns=", b"xmlns:x=")),
        (SHEET, lambda xml: xml.decode().replace('<?xml version="1.0"?>', "").encode("utf-8")),
    ],
    ids=["no places", "comment", "cdata", "prefix", "plain"],
)
def test_other_ways_of_writing_a_sheet(tmp_path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    path = replace_part(write_xlsx(tmp_path / "list.xlsx", SAMPLE), part, change)
    assert stage_file(path).texts == SAMPLE[1:]


def test_rich_texts(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "list.xlsx"))
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, ["Username", "Name"])
    sheet.write_string(1, 0, "u1")
    sheet.write_rich_string(1, 1, "Sari ", bold, "Melati", " & co")
    book.close()
    streamed, general = both(tmp_path / "list.xlsx")
    assert streamed == general == [["Username", "Name"], ["u1", "Sari Melati & co"]]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<is><t>a</t></is>", "a"),
        ('<r><t xml:space="preserve">a </t></r><r><rPr><b/></rPr><t>b</t></r>', "a b"),
        ("<t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh>", "東京"),
        ("<t/>", ""),
    ],
)
def test_runs(content: str, text: str) -> None:
    assert rich_text(content) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos;", "a & b <c> \"d\" 'e'"),
        ("&#65;&#x42;", "AB"),
        ("&copy; &amp;lt;", "&copy; &lt;"),
        ("a_x000D_b_x005F_x0041_", "a\rb_x0041_"),
        ("_xD83D_", "_xD83D_"),
    ],
)
def test_escapes(raw: str, text: str) -> None:
    assert xml_text(raw) == text


def test_shared_strings_are_read_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        ["Username", "Note"],
        *[[f"user{number}", f"note & <{number % 7}>" * (number % 3)] for number in range(900)],
    ]
    path = write_shared_xlsx(tmp_path / "list.xlsx", rows)
    monkeypatch.setattr("crm_boost.databases.imports.xlsx_cells._BLOCK", 777)
    monkeypatch.setattr("crm_boost.databases.imports.parse_xlsx._BLOCK", 1313)
    assert read(XlsxSource(path)) == [[cell for cell in row if cell] for row in rows]


def test_merged_areas_are_found_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    for number in range(1, 60):
        book.active.cell(number, 3, f"u{number}")
        book.active.merge_cells(start_row=number, end_row=number, start_column=3, end_column=4)
    book.save(tmp_path / "list.xlsx")
    for size in (50, 97, 10_000):
        monkeypatch.setattr("crm_boost.databases.imports.parse_xlsx._BLOCK", size)
        source = XlsxSource(tmp_path / "list.xlsx")
        list(source.chunks())
        assert source.merged == [(number, number, 0, 1) for number in range(59)]
        source.close()


def test_days_counted_from_1904(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["Username", "Joined"])
    book.active.append(["u1", datetime.date(2025, 2, 1)])
    book.save(tmp_path / "list.xlsx")
    streamed, general = both(tmp_path / "list.xlsx")
    assert streamed == general == [["Username", "Joined"], ["u1", "2025-02-01"]]


def test_an_index_past_the_strings_is_damage(tmp_path: Path) -> None:
    path = write_shared_xlsx(tmp_path / "list.xlsx", SAMPLE)
    replace_part(path, SHEET, lambda xml: xml.replace(b"<v>3</v>", b"<v>99</v>"))
    with pytest.raises(UnusualSheet):
        read(XlsxSource(path))


def test_a_value_left_of_the_table_is_not_lost(tmp_path: Path) -> None:
    """Columns on the left that look unused are left out; a row that uses one after all is rejected, not cut."""
    book = openpyxl.Workbook()
    book.active["B1"] = "Username"
    for number in range(2, 9000):
        book.active.cell(number, 2, f"u{number}")
    book.active["A8500"] = "stray"
    book.save(tmp_path / "list.xlsx")
    staged = stage_file(tmp_path / "list.xlsx")
    assert staged.result.counts.rejected_reasons == {"row_too_wide": 1}
    assert staged.texts[8498] == ["u8500", "stray"]


def test_staging_goes_over_to_the_general_reader_in_the_middle(tmp_path: Path) -> None:
    rows = [["Username", "Name"], *[[f"u{number}", "Some Name"] for number in range(30_000)]]
    path = write_xlsx(tmp_path / "list.xlsx", rows)
    replace_part(path, SHEET, lambda xml: xml.replace(b"</row></sheetData>", b"</row><!-- end --></sheetData>"))
    with pytest.raises(UnusualSheet):
        read(XlsxSource(path))
    assert stage_file(path).texts == rows[1:]
