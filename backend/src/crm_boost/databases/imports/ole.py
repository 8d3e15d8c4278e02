"""The names in the directory of an OLE compound file (old Excel workbooks, encrypted new ones)."""

import struct
from typing import BinaryIO

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFFA
_MAXIMUM_SECTORS = 64
_ENTRY_SIZE = 128


def stream_names(file: BinaryIO) -> set[str]:
    """Return the names of the streams; reads at most the first 64 directory sectors, an empty set when damaged."""
    file.seek(0)
    header = file.read(512)
    if len(header) < 512 or not header.startswith(MAGIC):
        return set()
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in (9, 12):
        return set()
    sector_size = 1 << shift
    sector = struct.unpack_from("<L", header, 48)[0]
    table_sectors = struct.unpack_from("<109L", header, 76)
    names: set[str] = set()
    for _ in range(_MAXIMUM_SECTORS):
        if sector >= _LAST_SECTOR:
            break
        file.seek((sector + 1) * sector_size)
        data = file.read(sector_size)
        for at in range(0, len(data) - _ENTRY_SIZE + 1, _ENTRY_SIZE):
            length = struct.unpack_from("<H", data, at + 64)[0]
            if 2 < length <= 64:
                names.add(data[at : at + length - 2].decode("utf-16-le", "replace"))
        sector = _next_sector(file, table_sectors, sector, sector_size)
    return names


def _next_sector(file: BinaryIO, table_sectors: tuple[int, ...], sector: int, sector_size: int) -> int:
    """Follow the allocation table one step."""
    per_sector = sector_size // 4
    index, within = divmod(sector, per_sector)
    if index >= len(table_sectors) or table_sectors[index] >= _LAST_SECTOR:
        return _LAST_SECTOR
    file.seek((table_sectors[index] + 1) * sector_size + within * 4)
    raw = file.read(4)
    return int(struct.unpack("<L", raw)[0]) if len(raw) == 4 else _LAST_SECTOR
