"""The one shape in which an import is shown."""

from datetime import timedelta
from typing import Any

from crm_boost.kit.clock import utc_now
from crm_boost.settings import ImportSettings
from crm_boost.uploads.models import RUNNING, Import, ImportState

_WAITING = {"phase": "waiting", "rows_done": 0, "rows_total": None, "rate": None, "eta_seconds": None}


def import_row(item: Import, product_name: str, settings: ImportSettings) -> dict[str, Any]:
    """Shape an import for the API."""
    until = item.finished_at + timedelta(hours=settings.undo_hours) if item.finished_at else None
    can_undo = item.state == ImportState.DONE and until is not None and utc_now() <= until
    return {
        "id": item.id,
        "module": item.module,
        "product_id": item.product_id,
        "product_name": product_name,
        "filename": item.filename,
        "size_bytes": item.size_bytes,
        "state": item.state,
        "sheets": item.sheets,
        "sheet": item.sheet,
        "header_row": item.header_row,
        "columns": item.columns,
        "preview_rows": item.preview_rows,
        "mapping": item.mapping,
        "detected": item.detected,
        "report": item.report,
        "result": item.result,
        "progress": (item.progress or _WAITING) if item.state in RUNNING else None,
        "name": item.name,
        "description": item.description,
        "duplicates": item.duplicates,
        "reserved": item.reserved,
        "database_id": item.database_id,
        "error": {"code": item.error_code, "message": item.error_message, "field": item.error_field}
        if item.error_code
        else None,
        "created_at": item.created_at,
        "created_by_name": item.created_by_name,
        "finished_at": item.finished_at,
        "can_undo": can_undo,
        "undo_until": until if can_undo else None,
    }
