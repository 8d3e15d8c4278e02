"""Real files for the tests, written by the libraries that people's programs use, and what staging makes of them."""

import csv
import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from crm_boost.databases.imports.limits import ImportLimits
from crm_boost.databases.imports.request import Mapping, StageRequest, StageResult
from crm_boost.databases.imports.staging import stage

SAMPLE = [
    ["Username", "Full Name", "Phone"],
    ["sari01", "Sari Melati", "08123456789"],
    ["budi_77", "Budi Wijaya", "+62 812-3456-780"],
    ["wati.x", "Wati", "0812 3456 7811"],
]


@dataclass
class Staged:
    """What came out: the result, and the staged rows in file order as dictionaries."""

    result: StageResult
    rows: list[dict[str, Any]]

    @property
    def texts(self) -> list[list[str]]:
        """The verbatim cells of every row."""
        return [json.loads(row["row_data"]) for row in self.rows]

    @property
    def verdicts(self) -> list[str]:
        """Verdict of every row, with its reason where it has one."""
        return [f"{row['verdict']}:{row['reason']}" if row["reason"] else row["verdict"] for row in self.rows]


def read_staged(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a staging file."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute("SELECT * FROM rows ORDER BY row_number")]


def request_for(path: Path, **options: Any) -> StageRequest:
    """Return a request for a file, staged beside it."""
    mapping = options.pop("mapping", None)
    limits = options.pop("limits", {})
    return StageRequest(
        path=str(path),
        filename=options.pop("filename", path.name),
        staging_path=str(path.with_name(path.name + ".staging")),
        mapping=Mapping(**mapping) if mapping is not None else None,
        limits=ImportLimits(**limits),
        **options,
    )


def stage_file(path: Path, **options: Any) -> Staged:
    """Stage a file in this process (what the child does) and read the result back."""
    request = request_for(path, **options)
    result = stage(request, lambda _: None)
    return Staged(result, read_staged(Path(request.staging_path)))


def write_csv(path: Path, rows: list[list[str]], encoding: str = "utf-8", **dialect: Any) -> Path:
    """Write rows with the csv module."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, **dialect).writerows(rows)
    return path


def write_xlsx(path: Path, rows: list[list[Any]]) -> Path:
    """Write rows with openpyxl; texts stay texts, also those that begin with an equals sign."""
    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            if value is None or value == "":
                continue
            cell = sheet.cell(number, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)
    return path


def write_shared_xlsx(path: Path, rows: list[list[str]]) -> Path:
    """Write rows of texts with XlsxWriter, which keeps them in a table of shared strings."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write_string(number, column, value)
    book.close()
    return path


def write_xls(path: Path, rows: list[list[Any]]) -> Path:
    """Write rows in the old binary format."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    book.save(str(path))
    return path


def ods_cell(text: str, kind: str = "string", value: str | None = None, **attributes: Any) -> TableCell:
    """Return a cell that shows a text and holds a value."""
    if value is not None:
        attributes["datevalue" if kind == "date" else "value"] = value
    cell = TableCell(valuetype=kind, **attributes)
    for line in text.split("\n"):
        cell.addElement(P(text=line))
    return cell


def write_ods(path: Path, rows: list[list[Any]], name: str = "Data") -> Path:
    """Write rows of texts, or of ready-made cells."""
    document = OpenDocumentSpreadsheet()
    table = Table(name=name)
    for row in rows:
        line = TableRow()
        for value in row:
            line.addElement(ods_cell(value) if isinstance(value, str) else value)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(path))
    return path


def replace_part(path: Path, part: str, change: Any) -> Path:
    """Rewrite one part of a zipped workbook by a function of its bytes."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path
