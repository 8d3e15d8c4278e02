"""Cells are text as the person sees it, in every format and encoding (spec 2.2)."""

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow

from tests.databases.imports.files import (
    SAMPLE,
    ods_cell,
    replace_part,
    stage_file,
    write_csv,
    write_ods,
    write_shared_xlsx,
    write_xls,
    write_xlsx,
)

pytestmark = pytest.mark.pure

TRICKY = [
    ["Username", "Name", "Phone", "Code", "Note"],
    ["u1", "王小明", "08123456789", "00123", "=SUM(A1)"],
    ["u2", "Ren\u00e9e \U0001f600\U0001f44d\U0001f3fd", "+62 812", "1234567890123456789", "01/02/2025"],
    ["u3", "two\nlines", "-", '"quoted", with; everything\there|', "  spaces around  "],
    ["u4", "Αθήνα Ελλάς", "0", "1e5", "TRUE"],
    ["u5", "יוסי", "1.10", "+1", "@cmd"],
]
WRITERS = {
    "csv": write_csv,
    "CSV": write_csv,
    "xlsx": write_xlsx,
    "XLSX": write_shared_xlsx,
    "xls": write_xls,
    "ods": write_ods,
}


@pytest.mark.parametrize("extension", WRITERS)
def test_tricky_texts_survive_in_every_format(tmp_path: Path, extension: str) -> None:
    staged = stage_file(WRITERS[extension](tmp_path / f"list.{extension}", TRICKY))
    assert staged.result.columns == TRICKY[0]
    assert staged.texts == TRICKY[1:]
    assert staged.result.counts.ok == 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    staged = stage_file(write_csv(tmp_path / "list.txt", TRICKY, encoding, delimiter=delimiter))
    assert [staged.result.columns, *staged.texts] == TRICKY


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, newline: str) -> None:
    rows = [[cell.replace("\n", " ") for cell in row] for row in TRICKY]
    staged = stage_file(write_csv(tmp_path / "list.csv", rows, lineterminator=newline))
    assert staged.texts == rows[1:]


def test_windows_1252(tmp_path: Path) -> None:
    rows = [["Username", "Name"], ["u1", "José Müller"], ["u2", "“Señor” – 5 €"], ["u3", "Ça va œuf"]]
    staged = stage_file(write_csv(tmp_path / "list.csv", rows, "cp1252"))
    assert staged.texts == rows[1:]


def test_windows_1252_byte_far_behind_the_sample(tmp_path: Path) -> None:
    rows = [["Username", "Name"], *[[f"user{number}", "Plain Name"] for number in range(40_000)], ["last", "José"]]
    assert stage_file(write_csv(tmp_path / "list.csv", rows, "cp1252")).texts[-1] == ["last", "José"]


def test_chinese_double_byte_file(tmp_path: Path) -> None:
    rows = [["Username", "Name"], *[[f"u{number}", "王小明先生"] for number in range(20)], ["v", "李四的电话号码很长"]]
    assert stage_file(write_csv(tmp_path / "list.csv", rows, "gb18030")).texts == rows[1:]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("sep=;\nUsername;Name\nu1;A, B\n", [["u1", "A, B"]]),
        ("Username\nu1\nu2\n", [["u1"], ["u2"]]),
        ("Username,Name\nu1,'tis\nu2,o'clock\n", [["u1", "'tis"], ["u2", "o'clock"]]),
        ("'Username','Name'\n'u1','A, B'\n'u2','C'\n", [["u1", "A, B"], ["u2", "C"]]),
        ('Username;Name;Sum\nu1;"a;b";1,5\nu2;c;2,5\n', [["u1", "a;b", "1,5"], ["u2", "c", "2,5"]]),
        ('Username,Note\nu1,"one\ntwo, three\n\nfour"\nu2,x', [["u1", "one\ntwo, three\n\nfour"], ["u2", "x"]]),
        ('Username,Note\nu1,5" pipe\nu2,"say ""hi"""\n', [["u1", '5" pipe'], ["u2", 'say "hi"']]),
        ("Username,Name,\nu1,A,\nu2,B,\n", [["u1", "A"], ["u2", "B"]]),
    ],
)
def test_quotes_and_delimiters(tmp_path: Path, content: str, expected: list[list[str]]) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content.encode())
    assert stage_file(path).texts == expected


def formatted_book(path: Path, cells: list[tuple[Any, str | None]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Username", *[f"C{number}" for number in range(len(cells))]])
    sheet.append(["u1", *[value for value, _ in cells]])
    for column, (_, number_format) in enumerate(cells, 2):
        if number_format:
            sheet.cell(2, column).number_format = number_format
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (6281234567890, None, "6281234567890"),
        (150.0, None, "150"),
        (1.5, None, "1.5"),
        (-0.25, None, "-0.25"),
        (0.1 + 0.2, None, "0.3"),
        (1e-7, None, "0.0000001"),
        (1e20, None, "100000000000000000000"),
        (True, None, "TRUE"),
        (False, None, "FALSE"),
        (123, "00000", "00123"),
        (81234567890, "0000-0000-0000", "0812-3456-7890"),
        (6281234567890, "0", "6281234567890"),
        (6281234567890, "0.00E+00", "6281234567890"),
        (0.125, "0.0%", "12.5%"),
        (1234567, "#,##0", "1,234,567"),
        (-1234.5, "#,##0.00", "-1,234.50"),
        (15000, '"Rp" #,##0', "Rp 15,000"),
        (1500, "[$Rp-421]#,##0", "Rp1,500"),
        (7, '"ID"000', "ID007"),
        (datetime.date(2025, 2, 1), "dd/mm/yyyy", "01/02/2025"),
        (datetime.date(2025, 2, 1), "d-mmm-yy", "1-Feb-25"),
        (datetime.date(2025, 2, 1), "mm-dd-yy", "2025-02-01"),
        (datetime.date(2025, 2, 1), "yyyy-mm-dd", "2025-02-01"),
        (datetime.date(2025, 2, 1), "mmm-yy", "2025-02-01"),
        (datetime.datetime(2025, 2, 1, 13, 5), "dd/mm/yyyy hh:mm", "01/02/2025 13:05"),
        (datetime.datetime(2025, 2, 1, 13, 5, 9), None, "2025-02-01 13:05:09"),
        (datetime.time(9, 30), None, "09:30"),
        (datetime.timedelta(hours=30, minutes=5), "[h]:mm", "30:05"),
    ],
)
def test_a_number_looks_as_it_did(tmp_path: Path, value: Any, number_format: str | None, text: str) -> None:
    staged = stage_file(formatted_book(tmp_path / "list.xlsx", [("x", None), (value, number_format), ("y", None)]))
    assert staged.texts == [["u1", "x", text, "y"]]


def test_formats_reach_the_right_cells_of_a_long_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["C4"] = "Username"
    sheet["D4"] = "Code"
    for number in range(5000):
        sheet.cell(number + 5, 3, f"u{number}")
        sheet.cell(number + 5, 4, number).number_format = "00000" if number % 3 else "General"
    book.save(tmp_path / "list.xlsx")
    staged = stage_file(tmp_path / "list.xlsx")
    assert staged.texts == [[f"u{n}", f"{n:05}" if n % 3 else str(n)] for n in range(5000)]


def test_formats_without_cell_positions(tmp_path: Path) -> None:
    """Some programs leave out where a cell is; it follows from counting."""
    import re

    path = formatted_book(tmp_path / "list.xlsx", [(123, "00000"), (5, None), (45, "000")])
    replace_part(path, "xl/worksheets/sheet1.xml", lambda xml: re.sub(rb' r="[A-Z]*\d+"', b"", xml))
    assert stage_file(path).texts == [["u1", "00123", "5", "045"]]


def test_digits_that_a_float_would_lose(tmp_path: Path) -> None:
    path = formatted_book(tmp_path / "list.xlsx", [(1111, None), (2222, None), (3333, "0")])

    def longer(xml: bytes) -> bytes:
        xml = xml.replace(b"<v>1111</v>", b"<v>1234567890123456789</v>")
        return xml.replace(b"<v>2222</v>", b"<v>-98765432109876543210</v>").replace(
            b"<v>3333</v>", b"<v>9007199254740993</v>"
        )

    replace_part(path, "xl/worksheets/sheet1.xml", longer)
    assert stage_file(path).texts == [["u1", "1234567890123456789", "-98765432109876543210", "9007199254740993"]]


def test_long_number_as_the_writing_program_rounds_it(tmp_path: Path) -> None:
    """openpyxl and Excel keep 15 to 17 digits; what they wrote is what is read, without an exponent."""
    text = stage_file(formatted_book(tmp_path / "list.xlsx", [(1234567890123456789, None)])).texts[0][1]
    assert len(text) == 19
    assert text.startswith("123456789012345")


def test_formulas_give_their_cached_values(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "list.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Username", "Sum", "Joined", "Text"])
    sheet.write_row(1, 0, ["u1"])
    sheet.write_formula(1, 1, "=1+1", None, 2)
    sheet.write_formula(1, 2, "=A1&B1", None, "joined text")
    sheet.write_string(1, 3, "=1+1")
    book.close()
    assert stage_file(tmp_path / "list.xlsx").texts == [["u1", "2", "joined text", "=1+1"]]


def test_merged_header_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Customer list of November", None, None, None])
    sheet.merge_cells("A1:D1")
    sheet.append([])
    sheet.append(["Username", "Contact", None, "City"])
    sheet.merge_cells("B3:C3")
    sheet.append(["u1", "08123456789", "a@example.com", "Bogor"])
    sheet.append(["u2", "08123456780", "b@example.com", "Solo"])
    book.save(tmp_path / "list.xlsx")
    staged = stage_file(tmp_path / "list.xlsx")
    assert staged.result.header_row == 3
    assert staged.result.columns == ["Username", "Contact", "Contact (2)", "City"]
    assert staged.texts[0] == ["u1", "08123456789", "a@example.com", "Bogor"]


def test_header_over_two_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Username", "Contact", None])
    sheet.append([None, "Phone", "Email"])
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    sheet.append(["u1", "08123456789", "a@example.com"])
    book.save(tmp_path / "list.xlsx")
    staged = stage_file(tmp_path / "list.xlsx")
    assert staged.result.columns == ["Username", "Contact Phone", "Contact Email"]
    assert staged.texts == [["u1", "08123456789", "a@example.com"]]
    assert staged.result.mapping.phone == 1


def test_sheets_are_listed_and_chosen(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active["A1"] = "Only a title"
    hidden = book.create_sheet("Hidden")
    hidden.append(["Username"])
    hidden.append(["h1"])
    hidden.sheet_state = "hidden"
    for name, prefix in (("Jan", "a"), ("Feb & Mar", "b")):
        sheet = book.create_sheet(name)
        sheet.append(["Username", "Name"])
        for number in range(3):
            sheet.append([f"{prefix}{number}", "X Y"])
    book.save(tmp_path / "list.xlsx")
    first = stage_file(tmp_path / "list.xlsx")
    assert first.result.sheet == "Jan"
    assert first.result.sheets == [
        {"name": "Cover", "rows": 1, "hidden": False},
        {"name": "Hidden", "rows": 2, "hidden": True},
        {"name": "Jan", "rows": 4, "hidden": False},
        {"name": "Feb & Mar", "rows": 4, "hidden": False},
    ]
    assert stage_file(tmp_path / "list.xlsx", sheet="Feb & Mar").texts[0] == ["b0", "X Y"]
    assert stage_file(tmp_path / "list.xlsx", sheet="Hidden").texts == [["h1"]]


def test_two_hundred_columns(tmp_path: Path) -> None:
    rows = [["Username", *[f"Field {n}" for n in range(199)]], *[[f"u{n}", *["x"] * 199] for n in range(20)]]
    for extension in ("csv", "xlsx", "ods"):
        staged = stage_file(WRITERS[extension](tmp_path / f"list.{extension}", rows))
        assert len(staged.result.columns) == 200
        assert staged.texts == rows[1:]


def test_ods_shows_what_was_on_the_screen(tmp_path: Path) -> None:
    rows = [
        ["Username", "Code", "Joined", "Big", "Share", "Wide"],
        [
            "u1",
            ods_cell("00123", "float", "123"),
            ods_cell("01/02/25", "date", "2025-02-01"),
            ods_cell("6,28E+12", "float", "6281234567890"),
            ods_cell("12,5 %", "percentage", "0.125"),
            ods_cell("###", "float", "12"),
        ],
    ]
    assert stage_file(write_ods(tmp_path / "list.ods", rows)).texts == [
        ["u1", "00123", "01/02/25", "6281234567890", "12,5 %", "12"]
    ]


def test_ods_repeated_cells_and_rows(tmp_path: Path) -> None:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Data")
    for cells, repeat in (
        ([("Username", 1), ("A", 1), ("B", 1), ("C", 1)], 1),
        ([("u1", 1), ("x", 3), ("", 1000)], 1),
        ([("", 1024)], 2),
        ([("u2", 1), ("", 2), ("z", 1)], 1),
        ([("", 1024)], 1_048_570),
    ):
        line = TableRow(numberrowsrepeated=repeat)
        for text, times in cells:
            line.addElement(
                ods_cell(text, numbercolumnsrepeated=times) if text else TableCell(numbercolumnsrepeated=times)
            )
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(tmp_path / "list.ods"))
    staged = stage_file(tmp_path / "list.ods")
    assert staged.texts == [["u1", "x", "x", "x"], [""] * 4, [""] * 4, ["u2", "", "", "z"]]
    assert staged.verdicts == ["ok", "blank", "blank", "ok"]
    assert staged.result.sheets == [{"name": "Data", "rows": 5, "hidden": False}]


def test_xls_numbers_and_dates(tmp_path: Path) -> None:
    staged = stage_file(write_xls(tmp_path / "list.xls", [["Username", "No", "Sum"], ["u1", 6281234567890, 1.5]]))
    assert staged.texts == [["u1", "6281234567890", "1.5"]]


def test_extension_is_only_a_hint(tmp_path: Path) -> None:
    """A CSV named .xlsx and a workbook named .csv are what their content says."""
    assert stage_file(write_csv(tmp_path / "a.XLSX", SAMPLE)).texts == SAMPLE[1:]
    assert stage_file(write_xlsx(tmp_path / "b.csv", SAMPLE)).texts == SAMPLE[1:]


def test_characters_that_no_database_stores(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "list.xls", [["Username", "Name"], ["u1", "a\0b"]])
    assert stage_file(path).texts == [["u1", "ab"]]
