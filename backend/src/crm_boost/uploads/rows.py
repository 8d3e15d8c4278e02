"""The one shape in which an import is shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crm_boost.db.session import ReadSession
from crm_boost.settings import ImportSettings
from crm_boost.uploads import repository
from crm_boost.uploads.models import RUNNING, Import
from crm_boost.uploads.service import undo_until

_WAITING = {"phase": "waiting", "rows_done": 0, "rows_total": None, "rate": None, "eta_seconds": None}


async def import_rows(
    session: ReadSession, items: Sequence[Import], settings: ImportSettings, *, previews: bool
) -> list[dict[str, Any]]:
    """Shape imports for the API. Two statements, however many imports; without `previews` those stay empty."""
    names = await repository.product_names(session, [item.product_id for item in items if item.product_id])
    fresh = [item.database_id for item in items if item.database_id and undo_until(item, settings)]
    untouched = await repository.untouched_databases(session, fresh) if fresh else set()
    return [
        _row(
            item,
            names.get(item.product_id or "", ""),
            undo_until(item, settings) if item.database_id in untouched else None,
        )
        | {"preview_rows": item.preview_rows if previews else []}
        for item in items
    ]


def _row(item: Import, product_name: str, until: datetime | None) -> dict[str, Any]:
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
        "can_undo": until is not None,
        "undo_until": until,
    }


def deposit_import_row(
    item: Import, settings: ImportSettings, progress: dict[str, Any] | None, *, previews: bool
) -> dict[str, Any]:
    """Shape an import of deposits for the API. `progress`: what this process knows of it, before what is stored."""
    row = _row(item, "", undo_until(item, settings)) | {"preview_rows": item.preview_rows if previews else []}
    return row if progress is None or row["progress"] is None else row | {"progress": progress}
