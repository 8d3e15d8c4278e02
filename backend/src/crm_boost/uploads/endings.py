"""How the work on an import ends: analysed, done, failed, cancelled.

Every ending is one small transaction that first locks the import's row and looks whether the import is still what the
caller believes: two processes, a person who cancels and a sweep may all want to end the same import, and only the
first one does. Each function returns whether it was this one.
"""

from collections.abc import Callable
from typing import Any

from crm_boost.databases.imports.errors import MISSING_USERNAME_COLUMN
from crm_boost.databases.imports.request import StageResult
from crm_boost.databases.states import DatabaseState
from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.db.outbox import announce
from crm_boost.db.session import WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.uploads import repository
from crm_boost.uploads.models import RUNNING, Import, ImportState


async def finish_analysis(
    database: Database, import_id: str, worker: str, result: StageResult, report: dict[str, object]
) -> bool:
    """Write what the analysis found."""
    async with database.write() as session:
        item = await _mine(session, import_id, worker, ImportState.ANALYSING)
        if item is None:
            return False
        if item.cancel_requested:
            await _cancelled(session, item)
            return False
        mapping = result.mapping
        columns = {"username": mapping.username, "name": mapping.name, "phone": mapping.phone}
        _found(item, result, columns, result.detected, report)
        return True


async def finish_reading(
    database: Database,
    import_id: str,
    worker: str,
    result: StageResult,
    mapping: dict[str, Any],
    detected: dict[str, Any],
    report: dict[str, Any],
) -> bool:
    """Write what the analysis of a file of deposits found."""
    async with database.write() as session:
        item = await _mine(session, import_id, worker, ImportState.ANALYSING)
        if item is None:
            return False
        if item.cancel_requested:
            await _cancelled(session, item)
            return False
        _found(item, result, mapping, detected, report)
        return True


async def finish_booking(session: WriteSession, import_id: str, worker: str, result: dict[str, Any]) -> bool:
    """Note that the rows of a file of deposits are booked, in the transaction that books them. False: it must not be
    committed, because the import was cancelled or taken from this worker meanwhile."""
    item = await _mine(session, import_id, worker, ImportState.IMPORTING)
    if item is None or item.cancel_requested:
        return False
    item.result = result
    item.state, item.finished_at, item.progress = ImportState.DONE, utc_now(), None
    await record_audit(session, "import.done", "import", item.id, **result)
    return True


async def finish_storing(database: Database, import_id: str, worker: str, result: dict[str, Any]) -> bool:
    """Make the stored rows visible: one small transaction, so the import is there completely or not at all."""
    async with database.write() as session:
        item = await _mine(session, import_id, worker, ImportState.IMPORTING)
        if item is None or item.database_id is None:
            return False
        if item.cancel_requested:
            await _cancelled(session, item)
            return False
        reserved = await repository.complete_database(
            session, item.database_id, stored=result["stored"], reserved=result["reserved_stored"]
        )
        item.result = {**result, "reserved_stored": reserved}
        item.state, item.finished_at, item.progress = ImportState.DONE, utc_now(), None
        await record_audit(session, "import.done", "import", item.id, database_id=item.database_id, **item.result)
        await announce(session, "databases", {"id": item.database_id, "module": item.module})
        return True


async def fail(
    database: Database, import_id: str, worker: str, code: str, message: str, field: str | None = None
) -> bool:
    """End an import that `worker` is at work on with a reason; a half-stored database is discarded."""
    async with database.write() as session:
        item = await _mine(session, import_id, worker, *RUNNING)
        if item is None:
            return False
        await _failed(session, item, code, message, field)
        return True


async def interrupt(database: Database, import_id: str, is_dead: Callable[[Import], bool]) -> bool:
    """End an import whose process died. `is_dead` is asked again under the lock: it may have shown a sign of life."""
    async with database.write() as session:
        item = await repository.get_import(session, import_id, lock=True)
        if item is None or item.state not in RUNNING or not is_dead(item):
            return False
        message = "The server stopped during this import. Nothing was stored; start it again."
        await _failed(session, item, "interrupted", message, None)
        return True


async def refuse_unmapped(database: Database, import_id: str, message: str) -> bool:
    """End an analysed import that nobody will review, because it has no username column."""
    async with database.write() as session:
        item = await repository.get_import(session, import_id, lock=True)
        if item is None or item.state != ImportState.READY:
            return False
        await _failed(session, item, MISSING_USERNAME_COLUMN, message, "mapping.username")
        return True


async def cancel(database: Database, import_id: str, worker: str) -> bool:
    """End an import that `worker` stopped working on because somebody cancelled it."""
    async with database.write() as session:
        item = await _mine(session, import_id, worker, *RUNNING)
        if item is None:
            return False
        await _cancelled(session, item)
        return True


async def forget(database: Database, import_id: str) -> bool:
    """End an analysed import that nobody confirmed."""
    async with database.write() as session:
        item = await repository.get_import(session, import_id, lock=True)
        if item is None or item.state != ImportState.READY:
            return False
        await _cancelled(session, item)
        return True


def _found(
    item: Import, result: StageResult, mapping: dict[str, Any], detected: dict[str, Any], report: dict[str, Any]
) -> None:
    item.sheets, item.sheet, item.header_row = result.sheets, result.sheet, result.header_row
    item.columns, item.preview_rows = result.columns, result.preview_rows
    item.mapping, item.detected, item.report = mapping, detected, report
    item.state, item.progress = ImportState.READY, None


async def _mine(session: WriteSession, import_id: str, worker: str, *states: ImportState) -> Import | None:
    item = await repository.get_import(session, import_id, lock=True)
    return item if item is not None and item.worker == worker and item.state in states else None


async def _failed(session: WriteSession, item: Import, code: str, message: str, field: str | None) -> None:
    await _discard(session, item)
    item.state, item.finished_at, item.progress = ImportState.FAILED, utc_now(), None
    item.error_code, item.error_message, item.error_field = code, message, field
    await record_audit(session, "import.failed", "import", item.id, code=code)


async def _cancelled(session: WriteSession, item: Import) -> None:
    await _discard(session, item)
    item.state, item.finished_at, item.progress = ImportState.CANCELLED, utc_now(), None
    await record_audit(session, "import.cancelled", "import", item.id)


async def _discard(session: WriteSession, item: Import) -> None:
    if item.state == ImportState.IMPORTING and item.database_id is not None:
        await repository.set_database_state(session, item.database_id, DatabaseState.DISCARDED)
