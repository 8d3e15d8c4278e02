"""What kind of file was uploaded, and whether it may be opened at all (spec 2.2).

Decided by content, never by extension: of an archive only its directory and a few kilobytes are read, so a
hostile file is refused in milliseconds, before any parser sees it.
"""

import re
from pathlib import Path
from typing import BinaryIO, Literal

from crm_boost.databases.imports import errors, ole
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.limits import MEBIBYTE, ImportLimits
from crm_boost.databases.imports.zip_directory import BadZip, TooManyEntries, ZipEntry, inflate_head, read_directory

FileKind = Literal["csv", "xlsx", "xlsb", "xls", "ods"]

# A small file that repeats itself is no danger; only past this size does the inflation ratio matter.
_RATIO_MATTERS_FROM = 32 * MEBIBYTE
_STRINGS_RATIO_MATTERS_FROM = 8 * MEBIBYTE
_HEAD = 4096
_ARCHIVE_NAME = re.compile(r"\.(zip|xlsx|xlsm|xlsb|xls|ods|docx|pptx|jar|7z|rar|gz|tgz|tar|bz2|xz|zst)$", re.IGNORECASE)
_STRING_COUNT = re.compile(rb"\b(uniqueCount|count)=[\"'](\d{1,20})")
_WEB_PAGE = re.compile(rb"^\s*(<!doctype|<html|<\?xml|<table|<head|<style|<body|<div)", re.IGNORECASE)
_KNOWN_BINARY = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf\x27\x1c", "an archive"),
    (b"Rar!", "an archive"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"\x28\xb5\x2f\xfd", "a compressed file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"{\\rtf", "a text document"),
    (b"SQLite format 3\0", "a database file"),
)
_WORKBOOK_EXTENSIONS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_FORMATS = "Upload a CSV, XLSX, XLS or ODS file."


def inspect_file(path: Path, filename: str, limits: ImportLimits) -> FileKind:
    """Return the kind of the file, or raise ImportRefused.

    ``filename`` is the name the person gave it; its extension only words the message when the content disagrees.
    """
    size = path.stat().st_size
    if size == 0:
        raise ImportRefused(errors.EMPTY_FILE, "The file is empty.")
    if size > limits.max_file_bytes:
        limit = limits.max_file_bytes / MEBIBYTE
        raise ImportRefused(errors.TOO_LARGE, f"The file is larger than the limit of {limit:g} MB.")
    with path.open("rb", buffering=65_536) as file:
        head = file.read(_HEAD)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _archive(file, size, limits)
        if head.startswith(ole.MAGIC):
            return _compound(file)
    for magic, what in _KNOWN_BINARY:
        if head.startswith(magic):
            raise ImportRefused(errors.NOT_A_TABLE, f"This is {what}, not a table. {_FORMATS}")
    if _WEB_PAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
        message = "This is a web page, not a workbook. Open it in a spreadsheet program and save it as XLSX or CSV."
        raise ImportRefused(errors.NOT_A_TABLE, message)
    extension = Path(filename).suffix.lower()
    if extension in _WORKBOOK_EXTENSIONS and _looks_binary(head):
        message = f"The file is named {extension} but is not a workbook, or it is damaged. {_FORMATS}"
        raise ImportRefused(errors.NOT_A_TABLE, message)
    return "csv"


def _looks_binary(head: bytes) -> bool:
    """Whether the bytes are no text in any of the encodings read here."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    control = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1a\x1b" and byte != 0 for byte in head)
    return control > len(head) // 50


def _compound(file: BinaryIO) -> FileKind:
    names = ole.stream_names(file)
    if "EncryptedPackage" in names:
        raise _encrypted()
    if names & {"Workbook", "Book", "WORKBOOK", "BOOK"}:
        return "xls"
    raise ImportRefused(errors.NOT_A_TABLE, f"This is not a workbook. {_FORMATS}")


def _encrypted() -> ImportRefused:
    message = "The workbook is protected with a password. Save it without a password and upload it again."
    return ImportRefused(errors.ENCRYPTED, message)


def _archive(file: BinaryIO, size: int, limits: ImportLimits) -> FileKind:
    try:
        entries = read_directory(file, size, limits.max_archive_entries)
        kind = _archive_kind(file, {entry.name.lower(): entry for entry in entries})
        _refuse_bombs(file, entries, limits)
    except TooManyEntries:
        message = f"The workbook has more than {limits.max_archive_entries:,} parts inside; it is not read."
        raise ImportRefused(errors.TOO_MANY_ENTRIES, message) from None
    except BadZip as error:
        raise ImportRefused(errors.UNREADABLE, f"The workbook is damaged: {error}.") from None
    if kind is None:
        if any(_ARCHIVE_NAME.search(entry.name) for entry in entries):
            message = f"This is an archive with files inside. Unpack it first. {_FORMATS}"
            raise ImportRefused(errors.NESTED_ARCHIVE, message)
        raise ImportRefused(errors.NOT_A_TABLE, f"This archive is not a workbook. {_FORMATS}")
    if nested := next((entry.name for entry in entries if _ARCHIVE_NAME.search(entry.name)), None):
        message = f"The workbook has another file inside ({nested[:80]}). Remove it and upload the workbook again."
        raise ImportRefused(errors.NESTED_ARCHIVE, message)
    return kind


def _archive_kind(file: BinaryIO, entries: dict[str, ZipEntry]) -> FileKind | None:
    if "encryptedpackage" in entries or any(entry.encrypted for entry in entries.values()):
        raise _encrypted()
    if "xl/workbook.xml" in entries:
        return "xlsx"
    if "xl/workbook.bin" in entries:
        return "xlsb"
    mimetype = entries.get("mimetype")
    if mimetype and "content.xml" in entries:
        if not inflate_head(file, mimetype, 256).startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            return None
        manifest = entries.get("meta-inf/manifest.xml")
        if manifest and b"encryption-data" in inflate_head(file, manifest, 65_536):
            raise _encrypted()
        return "ods"
    return None


def _refuse_bombs(file: BinaryIO, entries: list[ZipEntry], limits: ImportLimits) -> None:
    total = 0
    for entry in entries:
        if entry.method not in (0, 8):
            raise BadZip("a part is packed in an unknown way")
        total += entry.inflated
        ratio_from = _RATIO_MATTERS_FROM
        if entry.name.lower() == "xl/sharedstrings.xml":
            ratio_from = _STRINGS_RATIO_MATTERS_FROM
            _refuse_strings(file, entry, limits)
        if entry.inflated > ratio_from and entry.inflated > entry.compressed * limits.max_inflate_ratio:
            raise _inflates()
    if total > limits.max_inflated_bytes:
        raise _inflates()


def _refuse_strings(file: BinaryIO, entry: ZipEntry, limits: ImportLimits) -> None:
    head = inflate_head(file, entry, _HEAD)
    counts = {name: int(number) for name, number in _STRING_COUNT.findall(head)}
    strings = counts.get(b"uniqueCount", counts.get(b"count", 0))
    if strings > limits.max_shared_strings or entry.inflated > limits.max_shared_strings_bytes:
        raise _inflates()


def _inflates() -> ImportRefused:
    message = "The workbook would unpack to far more than its size; it is not read. Save the table as CSV instead."
    return ImportRefused(errors.INFLATES_TOO_MUCH, message)
