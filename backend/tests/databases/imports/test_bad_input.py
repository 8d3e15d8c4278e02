"""Files that are refused, each with a clear and stable code (spec 2.2)."""

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import msoffcrypto.format.ooxml
import openpyxl
import pytest

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.errors import ImportRefused
from tests.databases.imports.files import (
    SAMPLE,
    replace_part,
    request_for,
    stage_file,
    write_csv,
    write_ods,
    write_shared_xlsx,
    write_xls,
    write_xlsx,
)

pytestmark = pytest.mark.pure


def refusal(path: Path, **options: Any) -> ImportRefused:
    """Return why a file is refused, after checking that no part of a staging file stays behind."""
    staging = request_for(path).staging_path
    Path(staging).unlink(missing_ok=True)
    with pytest.raises(ImportRefused) as caught:
        stage_file(path, **options)
    assert not list(path.parent.glob("*.staging*"))
    assert caught.value.message
    return caught.value


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n\r\n  \n", b"\xef\xbb\xbf", b"\xff\xfe", b",,,\n,,,\n", b"\x1a"])
def test_empty_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    assert refusal(path).code == errors.EMPTY_FILE


@pytest.mark.parametrize(("write", "name"), [(write_xlsx, "a.xlsx"), (write_xls, "a.xls"), (write_ods, "a.ods")])
def test_empty_and_header_only_workbooks(tmp_path: Path, write: Any, name: str) -> None:
    assert refusal(write(tmp_path / name, [])).code == errors.EMPTY_FILE
    assert refusal(write(tmp_path / name, SAMPLE[:1])).code == errors.HEADER_ONLY


@pytest.mark.parametrize("content", ["Username,Name\n", "Username,Name", "Username,Name\n,\n  ,\t\n\n"])
def test_header_only_text(tmp_path: Path, content: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(content)
    assert refusal(path).code == errors.HEADER_ONLY


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n1 0 obj",
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        b"\xff\xd8\xff\xe0" + bytes(200),
        b"\x1f\x8b\x08\x00" + bytes(50),
        b"MZ\x90\x00" + bytes(100),
        b"SQLite format 3\0" + bytes(100),
        b"<html><body><table><tr><td>Username</td></tr></table>",
        b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"Username,Name\nu1,a\0b\n",
        random.Random(3).randbytes(5000),
        bytes(5000),
        b"Username,Name\n" + b"u1,x\n" * 50_000 + b"u2,\0\n",
    ],
)
@pytest.mark.parametrize("name", ["list.xlsx", "list.csv", "list"])
def test_not_a_table(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path).code in (errors.NOT_A_TABLE, errors.UNREADABLE)


def test_other_documents_are_not_tables(tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    assert refusal(path).code == errors.NOT_A_TABLE
    path = tmp_path / "text.odt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<x/>")
    assert refusal(path).code == errors.NOT_A_TABLE


def test_encrypted_workbook(tmp_path: Path) -> None:
    plain = write_xlsx(tmp_path / "plain.xlsx", SAMPLE).read_bytes()
    path = tmp_path / "list.xlsx"
    with path.open("wb") as file:
        msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain)).encrypt("secret", file)
    assert refusal(path).code == errors.ENCRYPTED


def test_encrypted_archive_members(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", SAMPLE)
    data = bytearray(path.read_bytes())
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    path.write_bytes(data)
    assert refusal(path).code == errors.ENCRYPTED


def test_encrypted_ods(tmp_path: Path) -> None:
    path = tmp_path / "list.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", random.Random(1).randbytes(500))
        archive.writestr("META-INF/manifest.xml", "<m:file-entry><m:encryption-data/></m:file-entry>")
    assert refusal(path).code == errors.ENCRYPTED


@pytest.mark.parametrize("keep", [30, 300, 2000, -10, -400])
def test_cut_off_workbook(tmp_path: Path, keep: int) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", SAMPLE)
    path.write_bytes(path.read_bytes()[:keep])
    assert refusal(path).code == errors.UNREADABLE


@pytest.mark.parametrize(
    ("write", "name", "part"),
    [
        (write_xlsx, "list.xlsx", "xl/worksheets/sheet1.xml"),
        (write_shared_xlsx, "list.xlsx", "xl/sharedStrings.xml"),
        (write_ods, "list.ods", "content.xml"),
    ],
)
def test_damaged_parts(tmp_path: Path, write: Any, name: str, part: str) -> None:
    path = write(tmp_path / name, SAMPLE)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(part)
    data = bytearray(path.read_bytes())
    start = info.header_offset + 30 + len(part) + 20
    for at in range(start, start + 60):
        data[at] ^= 0x55
    path.write_bytes(data)
    assert refusal(path).code == errors.UNREADABLE


def test_an_encoding_nobody_knows(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "list.ods", SAMPLE)
    replace_part(path, "content.xml", lambda content: content.replace(b"?>", b" encoding='no-such'?>", 1))
    assert refusal(path).code == errors.UNREADABLE


def test_a_sheet_without_a_name(tmp_path: Path) -> None:
    path = write_shared_xlsx(tmp_path / "list.xlsx", SAMPLE)
    replace_part(path, "xl/workbook.xml", lambda content: content.replace(b" name=", b" nome="))
    assert refusal(path).code == errors.EMPTY_FILE


def test_a_refused_choice_leaves_the_former_analysis(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", SAMPLE)
    stage_file(path)
    before = Path(request_for(path).staging_path).read_bytes()
    with pytest.raises(ImportRefused):
        stage_file(path, header_row=50)
    assert Path(request_for(path).staging_path).read_bytes() == before


def test_xml_entities_are_not_expanded(tmp_path: Path) -> None:
    path = tmp_path / "list.ods"
    bomb = (
        "<!DOCTYPE a [" + "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10 if n else 'x' * 10}'>" for n in range(9)) + "]>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", bomb + "<a>&e8;</a>")
    assert refusal(path).code == errors.UNREADABLE


def test_size_limits(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", SAMPLE)
    refused = refusal(path, limits={"max_file_bytes": 50})
    assert (refused.code, refused.is_too_large) == (errors.TOO_LARGE, True)
    with path.open("ab") as file:
        file.truncate(2 * 1024**3)
    assert refusal(path).code == errors.TOO_LARGE
    path.unlink()


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx"])
def test_row_and_column_limits(tmp_path: Path, name: str) -> None:
    write = write_csv if name.endswith("csv") else write_shared_xlsx
    path = write(tmp_path / name, SAMPLE)
    assert refusal(path, limits={"max_rows": 2}).code == errors.TOO_MANY_ROWS
    assert refusal(path, limits={"max_columns": 2}).code == errors.TOO_MANY_COLUMNS
    assert stage_file(path, limits={"max_rows": 3, "max_columns": 3}).result.counts.ok == 3


def test_cell_limit_and_open_quotes(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Username,Note\nu1," + "x" * 2000 + "\n")
    assert stage_file(path).texts == [["u1", "x" * 2000]]
    assert refusal(path, limits={"max_cell_chars": 1000}).code == errors.CELL_TOO_LONG
    path.write_text('Username,Note\nu1,"open\n' + "u2,x\n" * 300)
    refused = refusal(path)
    assert refused.code == errors.UNREADABLE
    assert "quotation mark" in refused.message
    path.write_text("Username,Note\n" + "u,x\n" * 1999 + 'u1,"open\nu2,x\n')
    assert refusal(path).code == errors.UNREADABLE


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (["Name", "Phone"], True),
        (["Nama Lengkap", "No HP", "Kota"], True),
        (["foo", "bar", "baz"], True),
        (["Customer Name", "Account Number", "Last Login"], True),
        (["User", "Phone", "City"], False),
    ],
)
def test_missing_username_column(tmp_path: Path, header: list[str], missing: bool) -> None:
    rows = [header, *[[f"Person {n}", f"0812345678{n}", f"city{n}"][: len(header)] for n in range(5)]]
    path = write_csv(tmp_path / "list.csv", rows)
    if not missing:
        assert stage_file(path, require_username=True).result.mapping.username == 0
        return
    refused = refusal(path, require_username=True)
    assert (refused.code, refused.field) == (errors.MISSING_USERNAME_COLUMN, "mapping.username")
    # The wizard still shows the table, so that the column can be chosen.
    staged = stage_file(path)
    assert staged.result.mapping.username is None
    assert staged.result.counts.rejected_reasons == {"no_identity": 5}


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"mapping": {"username": 9}}, errors.BAD_MAPPING, "mapping.username"),
        ({"mapping": {"username": 0, "phone": -1}}, errors.BAD_MAPPING, "mapping.phone"),
        ({"mapping": {"username": 1, "name": 1}}, errors.BAD_MAPPING, "mapping.name"),
        ({"header_row": 99}, errors.BAD_HEADER_ROW, "header_row"),
        ({"header_row": -1}, errors.BAD_HEADER_ROW, "header_row"),
        ({"sheet": "nope"}, errors.UNKNOWN_SHEET, "sheet"),
    ],
)
def test_wrong_choices(tmp_path: Path, options: dict[str, Any], code: str, field: str) -> None:
    for path in (write_xlsx(tmp_path / "list.xlsx", SAMPLE), write_ods(tmp_path / "list.ods", SAMPLE)):
        refused = refusal(path, **options)
        assert (refused.code, refused.field) == (code, field)


def test_workbook_without_sheets_that_hold_tables(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_chartsheet("Chart")
    book.remove(book.active)
    book.save(tmp_path / "list.xlsx")
    assert refusal(tmp_path / "list.xlsx").code == errors.EMPTY_FILE


def test_unreadable_path_is_no_refusal(tmp_path: Path) -> None:
    """A file that has gone is a defect of the caller, not of the file."""
    with pytest.raises(FileNotFoundError):
        stage_file(tmp_path / "gone.csv")
    assert not list(tmp_path.iterdir())
