"""The settings' limits, as the parser takes them."""

from crm_boost.databases.imports.limits import ImportLimits
from crm_boost.settings import ImportSettings


def limits_of(settings: ImportSettings) -> ImportLimits:
    """Translate the settings for the parsing child."""
    return ImportLimits(
        max_file_bytes=settings.max_bytes,
        max_rows=settings.max_rows,
        max_columns=settings.max_columns,
        max_inflated_bytes=settings.max_inflated_bytes,
        child_memory_bytes=settings.child_memory_bytes,
        child_cpu_seconds=settings.child_seconds,
        child_wall_seconds=settings.child_seconds,
    )
