"""Use cases: upload, choose, confirm, cancel, undo (spec 2.2). The long work is done by the runner."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import Any, BinaryIO

from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.guard import inspect_file
from crm_boost.databases.imports.request import Mapping, StageResult
from crm_boost.databases.models import CustomerDatabase
from crm_boost.databases.repository import allocate_seqs
from crm_boost.databases.states import DatabaseState
from crm_boost.db.audit import record_audit
from crm_boost.db.engine import Database
from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.identity.principal import Principal
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import InvalidInput, NotFound
from crm_boost.kit.ids import new_id
from crm_boost.products.service import require_active_product
from crm_boost.settings import Settings
from crm_boost.uploads import repository
from crm_boost.uploads.bulk_repository import Target
from crm_boost.uploads.errors import UndoNotPossible, WrongImportState, problem_of
from crm_boost.uploads.files import ImportFolder
from crm_boost.uploads.limits import limits_of
from crm_boost.uploads.models import Import, ImportState
from crm_boost.uploads.schemas import CommitRequest, ImportUpdate


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A received file: its open content and the name the person gave it."""

    content: BinaryIO
    filename: str


async def require_import(session: ReadSession, import_id: str, *, lock: bool = False) -> Import:
    """Return an import or refuse with 404."""
    item = await repository.get_import(session, import_id, lock=lock)
    if item is None:
        raise NotFound("There is no such import.", id=import_id)
    return item


async def upload(
    database: Database,
    settings: Settings,
    worker: str,
    principal: Principal,
    file: UploadedFile,
    *,
    module: str,
    product_id: str,
) -> Import:
    """Receive a file and open an import in state `analysing`. A file refused at sight leaves nothing behind."""
    async with database.read() as reader:
        await require_active_product(reader, product_id)
    import_id = new_id()
    folder = ImportFolder.of(settings.data_dir, import_id)
    filename = PurePath(file.filename.replace("\\", "/")).name[:200] or "upload"
    try:
        file_hash, size = await asyncio.to_thread(folder.receive, file.content)
        await asyncio.to_thread(inspect_file, folder.upload, filename, limits_of(settings.imports))
        now = utc_now()
        item = Import(
            id=import_id,
            module=module,
            product_id=product_id,
            filename=filename,
            file_hash=file_hash,
            size_bytes=size,
            state=ImportState.ANALYSING,
            worker=worker,
            heartbeat_at=now,
            created_at=now,
            created_by=principal.id,
            created_by_name=principal.name,
        )
        async with database.write() as session:
            session.add(item)
            await session.flush()
            await record_audit(session, "import.uploaded", "import", import_id, module=module, bytes=size)
    except ImportRefused as refused:
        await asyncio.to_thread(folder.remove)
        raise problem_of(refused) from refused
    except BaseException:
        await asyncio.to_thread(folder.remove)
        raise
    return item


async def choose(session: WriteSession, worker: str, import_id: str, update: ImportUpdate) -> Import:
    """Take another sheet, header row, mapping or product, and analyse again."""
    item = await require_import(session, import_id, lock=True)
    _expect(item, ImportState.READY, ImportState.FAILED)
    if item.error_code == "interrupted" and item.database_id is not None:
        raise WrongImportState("This import was interrupted while storing. Upload the file again.", state=item.state)
    fields = update.model_fields_set
    if "product_id" in fields and update.product_id is not None:
        await require_active_product(session, update.product_id)
        item.product_id = update.product_id
    if "sheet" in fields:
        # Another sheet has another header and other columns.
        item.sheet, item.header_row, item.mapping = update.sheet, None, None
    if "header_row" in fields:
        item.header_row, item.mapping = update.header_row, None
    if "mapping" in fields:
        item.mapping = update.mapping.model_dump() if update.mapping else None
    _restart(item, worker, ImportState.ANALYSING)
    return item


async def commit(session: WriteSession, worker: str, import_id: str, request: CommitRequest) -> Import:
    """Confirm an analysed import: its database is created, invisible until every row is stored."""
    item = await require_import(session, import_id, lock=True)
    _expect(item, ImportState.READY)
    assert item.mapping is not None
    if item.mapping.get("username") is None:
        raise InvalidInput.of("mapping.username", "Choose the column that holds the customer's username first.")
    await require_active_product(session, item.product_id)
    assert item.report is not None
    rows = int(item.report["rows_total"])
    first_seq = await allocate_seqs(session, rows)
    database = CustomerDatabase(
        id=new_id(),
        module=item.module,
        product_id=item.product_id,
        name=request.name,
        description=request.description,
        filename=item.filename,
        file_hash=item.file_hash,
        state=DatabaseState.IMPORTING,
        columns=item.columns,
        mapping=item.mapping,
        first_seq=first_seq,
        last_seq=first_seq + rows - 1,
        uploaded_at=utc_now(),
        uploaded_by=item.created_by,
        uploaded_by_name=item.created_by_name,
    )
    session.add(database)
    item.name, item.description = request.name, request.description
    item.duplicates, item.reserved = request.duplicates, request.reserved
    item.database_id = database.id
    _restart(item, worker, ImportState.IMPORTING)
    await session.flush()
    await record_audit(session, "import.confirmed", "import", item.id, database_id=database.id)
    return item


async def cancel(session: WriteSession, import_id: str) -> tuple[Import, bool]:
    """Stop an import that is not finished. Returns it, and whether a running process has to be stopped first."""
    item = await require_import(session, import_id, lock=True)
    if item.state in (ImportState.ANALYSING, ImportState.IMPORTING):
        item.cancel_requested = True
        return item, True
    _expect(item, ImportState.READY, ImportState.FAILED)
    item.state, item.finished_at, item.progress = ImportState.CANCELLED, utc_now(), None
    await record_audit(session, "import.cancelled", "import", item.id)
    return item, False


async def undo(session: WriteSession, settings: Settings, import_id: str) -> Import:
    """Take a finished import back while it is fresh and none of its records was touched (spec 2.2)."""
    item = await require_import(session, import_id, lock=True)
    _expect(item, ImportState.DONE)
    now = utc_now()
    if item.finished_at is None or now > item.finished_at + timedelta(hours=settings.imports.undo_hours):
        raise UndoNotPossible(f"An import can be undone for {settings.imports.undo_hours} hours.", state=item.state)
    database = await session.get(CustomerDatabase, item.database_id, with_for_update=True)
    if database is None or database.state != DatabaseState.READY:
        raise UndoNotPossible("The database of this import is gone.", state=item.state)
    if not await repository.is_untouched(session, database):
        raise UndoNotPossible("Records of this import were dealt or changed already.", state=item.state)
    database.state = DatabaseState.DISCARDED
    item.state, item.undone_at = ImportState.UNDONE, now
    await session.flush()
    await record_audit(session, "import.undone", "import", item.id, database_id=database.id)
    await announce(session, "databases", {"id": database.id, "module": item.module})
    return item


# --- what the runner asks and reports -----------------------------------------------------------------------------------------


async def bulk_target(database: Database, item: Import) -> Target:
    """Return where the staged rows of a confirmed import go."""
    async with database.read() as session:
        stored = await session.get_one(CustomerDatabase, item.database_id)
    return Target(stored.id, stored.product_id, stored.first_seq - 1)


async def finish_analysis(database: Database, import_id: str, result: StageResult, report: dict[str, object]) -> None:
    """Write what the analysis found."""
    async with database.write() as session:
        item = await require_import(session, import_id, lock=True)
        item.sheets, item.sheet, item.header_row = result.sheets, result.sheet, result.header_row
        item.columns, item.preview_rows = result.columns, result.preview_rows
        item.mapping = _mapping_dict(result.mapping)
        item.detected = result.detected
        item.report = report
        item.state, item.progress = ImportState.READY, None


async def finish_storing(database: Database, import_id: str, result: dict[str, Any]) -> None:
    """Make the stored rows visible: one small transaction, so the import is there completely or not at all."""
    async with database.write() as session:
        item = await require_import(session, import_id, lock=True)
        assert item.database_id is not None
        await repository.complete_database(session, item.database_id, item.product_id)
        item.result = result
        item.state, item.finished_at, item.progress = ImportState.DONE, utc_now(), None
        await record_audit(session, "import.done", "import", item.id, database_id=item.database_id, **result)
        await announce(session, "databases", {"id": item.database_id, "module": item.module})


async def fail(database: Database, import_id: str, code: str, message: str, *, field: str | None = None) -> None:
    """End an import with a reason; a half-stored database is discarded."""
    async with database.write() as session:
        item = await require_import(session, import_id, lock=True)
        await _discard(session, item)
        item.state, item.finished_at, item.progress = ImportState.FAILED, utc_now(), None
        item.error_code, item.error_message, item.error_field = code, message, field
        await record_audit(session, "import.failed", "import", item.id, code=code)


async def finish_cancelled(database: Database, import_id: str) -> None:
    """End an import that was cancelled; a half-stored database is discarded."""
    async with database.write() as session:
        item = await require_import(session, import_id, lock=True)
        await _discard(session, item)
        item.state, item.finished_at, item.progress = ImportState.CANCELLED, utc_now(), None
        await record_audit(session, "import.cancelled", "import", item.id)


async def _discard(session: WriteSession, item: Import) -> None:
    if item.state == ImportState.IMPORTING and item.database_id is not None:
        await repository.set_database_state(session, item.database_id, DatabaseState.DISCARDED)


def _restart(item: Import, worker: str, state: ImportState) -> None:
    item.state, item.worker, item.heartbeat_at = state, worker, utc_now()
    item.cancel_requested, item.progress, item.finished_at = False, None, None
    item.error_code = item.error_message = item.error_field = None


def _expect(item: Import, *states: ImportState) -> None:
    if item.state not in states:
        raise WrongImportState(f"This import is {item.state}; that is not possible now.", state=item.state)


def _mapping_dict(mapping: Mapping) -> dict[str, int | None]:
    return {"username": mapping.username, "name": mapping.name, "phone": mapping.phone}
