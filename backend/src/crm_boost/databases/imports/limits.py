"""How much one import may take (spec 2.2: limits are settings)."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class ImportLimits:
    """The limits of one import; the server fills them from its settings.

    Sizes are bytes, times are seconds. ``child_memory_bytes`` is address space, so it counts mapped libraries too.
    """

    max_file_bytes: int = 100 * MEBIBYTE
    max_rows: int = 1_000_000
    max_columns: int = 200
    max_cell_chars: int = 1_000_000
    max_identity_chars: int = 200
    max_inflated_bytes: int = 1024 * MEBIBYTE
    max_inflate_ratio: int = 100
    max_archive_entries: int = 2_000
    max_shared_strings: int = 5_000_000
    max_shared_strings_bytes: int = 192 * MEBIBYTE
    child_memory_bytes: int = 1536 * MEBIBYTE
    child_cpu_seconds: int = 300
    child_wall_seconds: float = 600.0
