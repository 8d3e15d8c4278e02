"""The directory of a zip archive, read with bounds and without opening any member.

The standard library builds an object per entry before anything can be counted; here the counts and sizes are
checked while the directory is read, so that a hostile archive costs a few milliseconds and little memory.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_END = b"PK\x05\x06"
_END_FORMAT = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s4B4H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MAXIMUM_COMMENT = 65_535
_BIG16, _BIG32 = 0xFFFF, 0xFFFFFFFF
# The largest sensible share of one entry: 46 bytes, a name, a few extra fields.
_BYTES_PER_ENTRY = 512


class BadZip(Exception):
    """The archive is damaged, or says things about itself that cannot be true."""


class TooManyEntries(Exception):
    """The directory has more entries than allowed."""


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One member as the directory declares it."""

    name: str
    method: int
    encrypted: bool
    compressed: int
    inflated: int
    offset: int


def read_directory(file: BinaryIO, size: int, max_entries: int) -> list[ZipEntry]:
    """Return the entries of the archive, or raise BadZip or TooManyEntries; members are not touched."""
    count, length, offset = _locate(file, size)
    if count > max_entries or length > max_entries * _BYTES_PER_ENTRY:
        raise TooManyEntries
    file.seek(offset)
    data = file.read(length)
    if len(data) != length:
        raise BadZip("the directory is cut off")
    entries = list(_entries(data, max_entries))
    if len(entries) != count:
        raise BadZip("the directory does not have the number of entries it declares")
    if len({entry.name for entry in entries}) != count:
        raise BadZip("two entries have the same name")
    # Entries that share compressed bytes inflate far beyond what their sizes suggest.
    if sum(entry.compressed for entry in entries) > size:
        raise BadZip("entries overlap")
    return entries


def inflate_head(file: BinaryIO, entry: ZipEntry, limit: int) -> bytes:
    """Return at most ``limit`` bytes of one member's content, reading no more than needed."""
    if entry.method not in (0, 8) or entry.encrypted:
        return b""
    file.seek(entry.offset)
    header = file.read(_LOCAL.size)
    if len(header) != _LOCAL.size or header[:4] != b"PK\x03\x04":
        raise BadZip("an entry is not where the directory says")
    fields = _LOCAL.unpack(header)
    file.seek(fields[9] + fields[10], 1)
    raw = file.read(min(entry.compressed, limit))
    if entry.method == 0:
        return raw[:limit]
    try:
        return zlib.decompressobj(-15).decompress(raw, limit)
    except zlib.error as error:
        raise BadZip("an entry is damaged") from error


def _locate(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """Return the number of entries, the length and the offset of the central directory."""
    tail_size = min(size, _END_FORMAT.size + _MAXIMUM_COMMENT)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_FORMAT.size:
        raise BadZip("the archive is cut off")
    _, _disk, _start, _here, count, length, offset, _comment = _END_FORMAT.unpack_from(tail, at)
    end = size - tail_size + at
    if count == _BIG16 or length == _BIG32 or offset == _BIG32:
        count, length, offset, end = _locate64(file, end)
    if offset + length > end:
        raise BadZip("the directory is not where the archive says")
    return count, length, offset


def _locate64(file: BinaryIO, end: int) -> tuple[int, int, int, int]:
    if end < _END64_LOCATOR.size:
        raise BadZip("the archive is cut off")
    file.seek(end - _END64_LOCATOR.size)
    magic, _disk, at, _disks = _END64_LOCATOR.unpack(file.read(_END64_LOCATOR.size))
    if magic != b"PK\x06\x07" or at + _END64.size > end:
        raise BadZip("the archive is cut off")
    file.seek(at)
    fields = _END64.unpack(file.read(_END64.size))
    if fields[0] != b"PK\x06\x06":
        raise BadZip("the archive is cut off")
    return fields[7], fields[8], fields[9], at


def _entries(data: bytes, max_entries: int) -> Iterator[ZipEntry]:
    at, number = 0, 0
    while at < len(data):
        number += 1
        if number > max_entries:
            raise TooManyEntries
        if at + _ENTRY.size > len(data):
            raise BadZip("the directory is cut off")
        fields = _ENTRY.unpack_from(data, at)
        if fields[0] != b"PK\x01\x02":
            raise BadZip("the directory is damaged")
        flags, method = fields[5], fields[6]
        compressed, inflated = fields[10], fields[11]
        name_length, extra_length, comment_length, offset = fields[12], fields[13], fields[14], fields[18]
        name_at = at + _ENTRY.size
        extra_at = name_at + name_length
        if extra_at + extra_length + comment_length > len(data):
            raise BadZip("the directory is cut off")
        if _BIG32 in (compressed, inflated, offset):
            extra = data[extra_at : extra_at + extra_length]
            inflated, compressed, offset = _sizes64(extra, inflated, compressed, offset)
        name = data[name_at:extra_at].decode("utf-8", "replace").replace("\\", "/")
        yield ZipEntry(name, method, bool(flags & 1), compressed, inflated, offset)
        at = extra_at + extra_length + comment_length


def _sizes64(extra: bytes, *values: int) -> tuple[int, int, int]:
    """Replace the values that did not fit 32 bits by those of the zip64 extra field, in its fixed order."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + length]
        if kind == 1:
            wide = iter(struct.unpack_from(f"<{len(body) // 8}Q", body))
            inflated, compressed, offset = (next(wide, value) if value == _BIG32 else value for value in values)
            return inflated, compressed, offset
        at += 4 + length
    raise BadZip("an entry does not say how large it is")
