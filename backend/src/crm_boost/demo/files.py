"""Writes rows as the files people really send: old encodings, merged titles, tabs. The same rows, the same bytes."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import xlsxwriter

from crm_boost.demo.customers import Customer, Line

Writer = Callable[[Sequence[Line], str], bytes]
"""From rows and a title to the content of a file."""


def _text(header: Sequence[str], cells: Callable[[int, Customer], list[str]], lines: Sequence[Line], sign: str) -> str:
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=sign, lineterminator="\r\n")
    writer.writerow(header)
    for number, line in enumerate(lines, start=1):
        writer.writerow([""] * len(header) if line is None else cells(number, line))
    return target.getvalue()


def semicolons(lines: Sequence[Line], _title: str) -> bytes:
    """A list out of an old program: `;`, Windows-1252, a running number in front, dates day first."""
    header = ("No", "Username", "Nama Lengkap", "No HP", "Bank", "Kota", "Terakhir Masuk", "Catatan")

    def cells(number: int, c: Customer) -> list[str]:
        return [str(number), c.username, c.name, c.phone, c.bank, c.city, c.joined.strftime("%d/%m/%Y"), c.note]

    return _text(header, cells, lines, ";").encode("cp1252")


def unicode_text(lines: Sequence[Line], _title: str) -> bytes:
    """What a spreadsheet program calls "Unicode text": tabs, UTF-16 with its mark."""
    header = ("User ID", "Name", "WhatsApp", "Kode", "Note")
    return _text(header, lambda _, c: [c.username, c.name, c.phone, c.code, c.note], lines, "\t").encode("utf-16")


def commas(lines: Sequence[Line], _title: str) -> bytes:
    """An export of a web service: commas, UTF-8 with a mark."""
    header = ("member_id", "customer name", "mobile", "city", "joined", "remarks")

    def cells(_: int, c: Customer) -> list[str]:
        return [c.username, c.name, c.phone, c.city, c.joined.isoformat(), c.note]

    return _text(header, cells, lines, ",").encode("utf-8-sig")


def workbook(lines: Sequence[Line], title: str) -> bytes:
    """A workbook somebody made pretty: a merged title, codes with leading zeros, dates, formulas, a second sheet."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False})
    # The moment of writing would make every file a new one.
    book.set_properties({"title": title, "created": datetime(2025, 1, 1, tzinfo=UTC)})
    sheet = book.add_worksheet("Data")
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
    padded = book.add_format({"num_format": "00000"})
    sheet.merge_range(0, 0, 0, 6, title, bold)
    header = ("Member ID", "Full Name", "Phone Number", "City", "Joined", "Code", "Remarks")
    sheet.write_row(2, 0, header, bold)
    for number, line in enumerate(lines, start=3):
        if line is None:
            continue
        sheet.write_string(number, 0, line.username)
        sheet.write_string(number, 1, line.name)
        if number % 11 == 0 and line.phone.isdigit():
            # Typed without an apostrophe: the program made a number of it.
            sheet.write_number(number, 2, int(line.phone))
        else:
            sheet.write_string(number, 2, line.phone)
        sheet.write_string(number, 3, line.city)
        sheet.write_datetime(number, 4, line.joined, day)
        sheet.write_number(number, 5, int(line.code), padded)
        if number % 40 == 0:
            sheet.write_formula(number, 6, f'=D{number + 1}&" desk"', None, f"{line.city} desk")
        else:
            sheet.write_string(number, 6, line.note)
    notes = book.add_worksheet("Notes")
    notes.write_string(0, 0, "Exported for the team; ask before sharing.")
    book.close()
    return target.getvalue()
