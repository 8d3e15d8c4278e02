"""Use cases: upload, choose, confirm, cancel, undo (spec 2.2). The long work is done by the runner."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import BinaryIO

from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.guard import inspect_file
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
from crm_boost.kit.text import has_control_characters
from crm_boost.products.service import require_active_product
from crm_boost.settings import ImportSettings, Settings
from crm_boost.uploads import repository
from crm_boost.uploads.deposit_schemas import DepositImportUpdate
from crm_boost.uploads.errors import UndoNotPossible, WrongImportState, problem_of
from crm_boost.uploads.files import ImportFolder
from crm_boost.uploads.limits import limits_of
from crm_boost.uploads.models import Import, ImportState
from crm_boost.uploads.schemas import CommitRequest, ImportUpdate, MappingChoice
from crm_boost.uploads.threads import in_thread


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A received file: its open content and the name the person gave it."""

    content: BinaryIO
    filename: str


async def require_import(
    session: ReadSession, import_id: str, *, lock: bool = False, ledger: bool | None = None
) -> Import:
    """Return an import or refuse with 404. `ledger`: only one of deposits, or only one of records."""
    item = await repository.get_import(session, import_id, lock=lock)
    if item is None or ledger is (not item.is_of_ledger):
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
    product_id: str | None,
) -> Import:
    """Receive a file and open an import in state `analysing`. A file refused at sight leaves nothing behind."""
    if product_id is not None:
        async with database.read() as reader:
            await require_active_product(reader, product_id)
    import_id = new_id()
    folder = ImportFolder.of(settings.data_dir, import_id)
    filename = _shown_name(file.filename)
    try:
        file_hash, size = await in_thread(folder.receive, file.content)
        await in_thread(inspect_file, folder.upload, filename, limits_of(settings.imports))
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
        await in_thread(folder.remove)
        raise problem_of(refused) from refused
    except BaseException:
        await in_thread(folder.remove)
        raise
    return item


async def choose(
    session: WriteSession, settings: Settings, worker: str, import_id: str, update: ImportUpdate
) -> Import:
    """Take another sheet, header row, mapping or product, and analyse again; also how a failed import is tried again."""
    item = await require_import(session, import_id, lock=True)
    expect_chosen_again(settings, item)
    fields = update.model_fields_set
    if update.mapping and item.state == ImportState.READY and not fields & {"sheet", "header_row"}:
        _check_mapping(update.mapping, len(item.columns))
    if "product_id" in fields and update.product_id is not None:
        await require_active_product(session, update.product_id)
        item.product_id = update.product_id
    take_choice(item, update)
    restart(item, worker, ImportState.ANALYSING)
    return item


def expect_chosen_again(settings: Settings, item: Import) -> None:
    """Refuse where nothing can be chosen: at the wrong time, or without the file."""
    expect(item, ImportState.READY, ImportState.FAILED)
    if not ImportFolder.of(settings.data_dir, item.id).upload.is_file():
        raise WrongImportState("The file of this import is no longer kept. Upload it again.", state=item.state)


def take_choice(item: Import, update: ImportUpdate | DepositImportUpdate) -> None:
    """Note the sheet, the header row and the mapping that somebody chose."""
    fields = update.model_fields_set
    if "sheet" in fields:
        # Another sheet has another header and other columns.
        item.sheet, item.header_row, item.mapping = update.sheet, None, None
    if "header_row" in fields:
        item.header_row, item.mapping = update.header_row, None
    if "mapping" in fields:
        item.mapping = update.mapping.model_dump() if update.mapping else None


async def commit(session: WriteSession, worker: str, import_id: str, request: CommitRequest) -> Import:
    """Confirm an analysed import: its database is created, invisible until every row is stored."""
    item = await require_import(session, import_id, lock=True)
    expect(item, ImportState.READY)
    assert item.mapping is not None
    if item.mapping.get("username") is None:
        message = "Choose the column that holds the customer's username first."
        raise InvalidInput.of("mapping.username", message, "missing")
    assert item.product_id is not None
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
        is_shuffled=True,
        uploaded_at=utc_now(),
        uploaded_by=item.created_by,
        uploaded_by_name=item.created_by_name,
    )
    session.add(database)
    item.name, item.description = request.name, request.description
    item.duplicates, item.reserved = request.duplicates, request.reserved
    item.database_id = database.id
    restart(item, worker, ImportState.IMPORTING)
    await session.flush()
    await record_audit(session, "import.confirmed", "import", item.id, database_id=database.id)
    return item


async def cancel(session: WriteSession, import_id: str) -> tuple[Import, bool]:
    """Stop an import that is not finished. Returns it, and whether a running process has to be stopped first."""
    item = await require_import(session, import_id, lock=True)
    if item.state in (ImportState.ANALYSING, ImportState.IMPORTING):
        item.cancel_requested = True
        return item, True
    expect(item, ImportState.READY, ImportState.FAILED)
    item.state, item.finished_at, item.progress = ImportState.CANCELLED, utc_now(), None
    await record_audit(session, "import.cancelled", "import", item.id)
    return item, False


def undo_until(item: Import, settings: ImportSettings) -> datetime | None:
    """Return until when this import may be taken back, as far as time is concerned."""
    if item.state != ImportState.DONE or item.finished_at is None:
        return None
    until = item.finished_at + timedelta(hours=settings.undo_hours)
    return until if utc_now() <= until else None


async def undo(session: WriteSession, settings: Settings, import_id: str) -> Import:
    """Take a finished import back while it is fresh and none of its records was touched (spec 2.2)."""
    item = await require_import(session, import_id, lock=True)
    expect(item, ImportState.DONE)
    if undo_until(item, settings.imports) is None:
        raise UndoNotPossible(f"An import can be undone for {settings.imports.undo_hours} hours.", state=item.state)
    # Alone: hand-outs under way are waited for, and later ones find it discarded.
    database = await repository.claim_database(session, item.database_id or "")
    if database is None or database.state != DatabaseState.READY:
        raise UndoNotPossible("The database of this import is gone.", state=item.state)
    if database.deleted_at is not None:
        raise UndoNotPossible("The database of this import is in the trash. Restore it first.", state=item.state)
    if database.id not in await repository.untouched_databases(session, [database.id]):
        raise UndoNotPossible("Records of this import were dealt or changed already.", state=item.state)
    database.state = DatabaseState.DISCARDED
    item.state, item.undone_at = ImportState.UNDONE, utc_now()
    await session.flush()
    await record_audit(session, "import.undone", "import", item.id, database_id=database.id)
    await announce(session, "databases", {"id": database.id, "module": item.module})
    return item


def _shown_name(filename: str) -> str:
    """Return the name of the file as it is shown: no folders, no control characters. It never becomes a path."""
    name = PurePath(filename.replace("\\", "/")).name
    return "".join(char for char in name if not has_control_characters(char)).strip()[:200] or "upload"


def _check_mapping(mapping: MappingChoice, columns: int) -> None:
    for role, column in mapping.model_dump().items():
        if column is not None and column >= columns:
            raise InvalidInput.of(f"mapping.{role}", f"There is no column {column}.", "no_such_column")
    if mapping.username is not None and mapping.username == mapping.name:
        message = "The username and the name cannot be the same column."
        raise InvalidInput.of("mapping.name", message, "column_twice")


def restart(item: Import, worker: str, state: ImportState) -> None:
    """Hand an import to a worker, as if nobody had worked on it before."""
    item.state, item.worker, item.heartbeat_at = state, worker, utc_now()
    item.cancel_requested, item.progress, item.finished_at = False, None, None
    item.error_code = item.error_message = item.error_field = None


def expect(item: Import, *states: ImportState) -> None:
    """Refuse an import that is in none of these states, saying in which it is."""
    if item.state not in states:
        raise WrongImportState(f"This import is {item.state}; that is not possible now.", state=item.state)
