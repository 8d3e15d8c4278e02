"""Hostile archives are refused from their directory, fast and small (spec 2.2, decompressed-size guard)."""

import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from crm_boost.databases.imports import errors
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.guard import inspect_file
from crm_boost.databases.imports.limits import ImportLimits
from tests.databases.imports.files import SAMPLE, replace_part, write_ods, write_shared_xlsx, write_xls, write_xlsx

pytestmark = pytest.mark.pure

MEBIBYTE = 1024 * 1024
WORKBOOK = "xl/workbook.xml"
SHEET = "xl/worksheets/sheet1.xml"


def inspect(path: Path, limits: ImportLimits | None = None) -> str:
    return inspect_file(path, path.name, limits or ImportLimits())


def packed(pieces: Iterable[bytes], level: int = 1) -> tuple[bytes, int, int]:
    """Deflate without holding the content: packed bytes, checksum, length."""
    pack, checksum, length, out = zlib.compressobj(level, zlib.DEFLATED, -15), 0, 0, []
    for piece in pieces:
        out.append(pack.compress(piece))
        checksum, length = zlib.crc32(piece, checksum), length + len(piece)
    out.append(pack.flush())
    return b"".join(out), checksum, length


def write_archive(
    path: Path, members: dict[str, tuple[bytes, int, int]], declared: dict[str, int] | None = None
) -> Path:
    """Write a zip archive of packed members; ``declared`` lets a member lie about its size."""
    directory, count = b"", 0
    with path.open("wb") as file:
        for name, (data, checksum, length) in members.items():
            size = (declared or {}).get(name, length)
            common = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 0, checksum, len(data), size, len(name), 0)
            directory += b"PK\x01\x02" + struct.pack("<H", 20) + common
            directory += struct.pack("<HHHLL", 0, 0, 0, 0, file.tell()) + name.encode()
            file.write(b"PK\x03\x04" + common + name.encode() + data)
            count += 1
        offset = file.tell()
        file.write(directory)
        file.write(b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, count, count, len(directory), offset, 0))
    return path


def refused_cheaply(path: Path) -> str:
    """Return the code of the refusal, having checked that it took under 50 ms and 10 MB."""
    codes, times = set(), []
    for _ in range(4):
        start = time.perf_counter()
        with pytest.raises(ImportRefused) as caught:
            inspect(path)
        times.append(time.perf_counter() - start)
        codes.add(caught.value.code)
    tracemalloc.start()
    try:
        with pytest.raises(ImportRefused):
            inspect(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The best of a few: what other processes do to the clock says nothing about this code.
    assert min(times) < 0.05
    assert peak < 10 * MEBIBYTE
    (code,) = codes
    return code


@pytest.mark.parametrize(
    ("write", "name", "kind"),
    [
        (write_xlsx, "a.xlsx", "xlsx"),
        (write_shared_xlsx, "a.CSV", "xlsx"),
        (write_xls, "a.xls", "xls"),
        (write_ods, "a.ods", "ods"),
    ],
)
def test_kind_by_content(tmp_path: Path, write: Callable[..., Path], name: str, kind: str) -> None:
    assert inspect(write(tmp_path / name, SAMPLE)) == kind


def test_two_megabytes_that_inflate_to_a_gigabyte(tmp_path: Path) -> None:
    row = b'<row><c t="n"><v>1</v></c></row>' * 32_768
    path = write_archive(
        tmp_path / "bomb.xlsx",
        {WORKBOOK: packed([b"<workbook/>"]), SHEET: packed((row for _ in range(1_000_000_000 // len(row))), 6)},
    )
    assert 1 * MEBIBYTE < path.stat().st_size < 4 * MEBIBYTE
    assert refused_cheaply(path) == errors.INFLATES_TOO_MUCH


def test_many_parts_that_inflate_together(tmp_path: Path) -> None:
    sheet = packed([zlib.compress(bytes([number % 251])) * 4000 for number in range(600)])
    members = {f"xl/worksheets/sheet{number}.xml": sheet for number in range(40)}
    path = write_archive(tmp_path / "bomb.xlsx", {WORKBOOK: packed([b"<workbook/>"]), **members})
    assert inspect(path) == "xlsx"
    with pytest.raises(ImportRefused) as caught:
        inspect(path, ImportLimits(max_inflated_bytes=MEBIBYTE * 100))
    assert caught.value.code == errors.INFLATES_TOO_MUCH


def test_declared_size_of_two_gigabytes(tmp_path: Path) -> None:
    members = {WORKBOOK: packed([b"<workbook/>"]), SHEET: packed([b"x" * 1000])}
    path = write_archive(tmp_path / "bomb.xlsx", members, {SHEET: 2 * 1024**3})
    assert refused_cheaply(path) == errors.INFLATES_TOO_MUCH


@pytest.mark.parametrize(
    "strings",
    [
        lambda: (b"<si><t>a</t></si>" * 10_000 for _ in range(1000)),
        lambda: (b"<si/>" * 10_000 for _ in range(1000)),
        lambda: (b"<si><t>%08d</t></si>" * 1000 % tuple(range(at, at + 1000)) for at in range(0, 10**7, 1000)),
    ],
    ids=["same", "empty", "different"],
)
def test_ten_million_shared_strings(tmp_path: Path, strings: Callable[[], Iterable[bytes]]) -> None:
    head = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    pieces = (piece for part in ([head], strings(), [b"</sst>"]) for piece in part)
    members = {WORKBOOK: packed([b"<workbook/>"]), "xl/sharedStrings.xml": packed(pieces)}
    assert refused_cheaply(write_archive(tmp_path / "bomb.xlsx", members)) == errors.INFLATES_TOO_MUCH


def test_ten_million_shared_strings_declared(tmp_path: Path) -> None:
    path = write_shared_xlsx(tmp_path / "list.xlsx", SAMPLE)
    replace_part(
        path, "xl/sharedStrings.xml", lambda xml: xml.replace(b'uniqueCount="', b'uniqueCount="10000000" was="')
    )
    assert refused_cheaply(path) == errors.INFLATES_TOO_MUCH


def test_a_hundred_thousand_directory_entries(tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(WORKBOOK, "<workbook/>")
        for number in range(100_000):
            archive.writestr(f"xl/{number}", b"")
    assert refused_cheaply(path) == errors.TOO_MANY_ENTRIES


def test_directory_that_hides_its_entries(tmp_path: Path) -> None:
    """The number at the end says 3, the directory goes on and on."""
    path = tmp_path / "many.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(WORKBOOK, "<workbook/>")
        for number in range(3000):
            archive.writestr(f"xl/{number}", b"")
    data = bytearray(path.read_bytes())
    struct.pack_into("<HH", data, len(data) - 14, 3, 3)
    path.write_bytes(data)
    assert refused_cheaply(path) == errors.TOO_MANY_ENTRIES


def test_nested_archives(tmp_path: Path) -> None:
    inner = write_xlsx(tmp_path / "inner.xlsx", SAMPLE)
    for name in ("inner.xlsx", "folder/DATA.ZIP"):
        path = tmp_path / "outer.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(inner, name)
        assert refused_cheaply(path) == errors.NESTED_ARCHIVE
    with zipfile.ZipFile(inner, "a") as archive:
        archive.writestr("xl/embeddings/Book1.xlsx", b"PK\x03\x04")
    assert refused_cheaply(inner) == errors.NESTED_ARCHIVE


def test_entries_that_share_their_bytes(tmp_path: Path) -> None:
    """Many names for one packed member inflate far beyond what the file holds."""
    path = write_archive(
        tmp_path / "bomb.xlsx", {WORKBOOK: packed([b"<workbook/>"]), SHEET: packed([b"0123456789" * 5000])}
    )
    data = path.read_bytes()
    at = data.rfind(b"PK\x01\x02")
    end = data.rfind(b"PK\x05\x06")
    entry = data[at:end]
    copies = b"".join(entry.replace(b"sheet1", b"sh%04d" % number) for number in range(200))
    directory = data[data.find(b"PK\x01\x02") : end] + copies
    offset = data.find(b"PK\x01\x02")
    tail = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 202, 202, len(directory), offset, 0)
    path.write_bytes(data[:offset] + directory + tail)
    assert refused_cheaply(path) == errors.UNREADABLE


def test_two_entries_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(WORKBOOK, "<workbook/>")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(WORKBOOK, "<other/>")
    assert refused_cheaply(path) == errors.UNREADABLE


def test_a_real_list_of_the_largest_size_is_let_in(tmp_path: Path) -> None:
    """The limits are for bombs: half a gigabyte of ordinary rows, packed as well as ordinary rows are, passes."""
    members = {WORKBOOK: packed([b"<workbook/>"]), SHEET: (bytes(50 * MEBIBYTE), 0, 500 * MEBIBYTE)}
    assert inspect(write_archive(tmp_path / "large.xlsx", members)) == "xlsx"
