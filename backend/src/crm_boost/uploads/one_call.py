"""Upload, analyse and store in one request, for existing clients (spec 2.2): same rules, detected mapping."""

from pathlib import PurePath
from typing import Any

from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.db.engine import Database
from crm_boost.identity.principal import Principal
from crm_boost.kit.errors import Problem
from crm_boost.pools.repository import database_with_counts, get_database
from crm_boost.settings import Settings
from crm_boost.uploads import endings, service
from crm_boost.uploads.errors import WrongImportState, problem_of
from crm_boost.uploads.files import ImportFolder
from crm_boost.uploads.models import Import, ImportState
from crm_boost.uploads.runner import ImportRunner
from crm_boost.uploads.schemas import CommitRequest
from crm_boost.uploads.threads import in_thread


class UploadFailed(Problem):
    """The import ended inside the server; the import's row says why."""

    status = 500
    code = "upload_failed"
    title = "The upload failed"


async def upload_now(
    database: Database,
    settings: Settings,
    runner: ImportRunner,
    principal: Principal,
    file: service.UploadedFile,
    *,
    module: str,
    product_id: str,
    name: str,
    description: str,
) -> dict[str, Any]:
    """Return the stored database with its columns; `warning` counts stored duplicates, `reserved_count` reserved rows.

    A refused file answers its problem, and nothing is stored.
    """
    item = await service.upload(
        database, settings, str(runner.name), principal, file, module=module, product_id=product_id
    )
    runner.submit(item.id)
    await runner.wait(item.id)
    item = await _load(database, item.id)
    folder = ImportFolder.of(settings.data_dir, item.id)
    if item.state == ImportState.READY and (item.mapping or {}).get("username") is None:
        columns = ", ".join(item.columns[:10])
        message = f"No column is recognised as the username. The columns are: {columns}."
        await endings.refuse_unmapped(database, item.id, message)
        item = await _load(database, item.id)
    await _ensure_not_ended(item, folder)
    request = CommitRequest(
        name=name or PurePath(item.filename).stem[:200] or item.filename,
        description=description,
        duplicates="import",
        reserved="store",
    )
    async with database.write() as session:
        await service.commit(session, str(runner.name), item.id, request)
        session.after_commit(lambda: runner.submit(item.id))
    await runner.wait(item.id)
    item = await _load(database, item.id)
    await _ensure_not_ended(item, folder)
    async with database.read() as session:
        stored = await get_database(session, module, item.database_id or "")
        assert stored is not None
        row = await database_with_counts(session, stored)
    report, result = item.report or {}, item.result or {}
    answer = {**row, "columns": item.columns, "import_id": item.id, "result": result}
    duplicates = report.get("duplicates_in_file", 0) + report.get("duplicates_in_product", 0)
    if duplicates:
        answer["warning"] = f"{duplicates} rows are duplicates; they were stored."
    if result.get("reserved_stored"):
        answer["reserved_count"] = result["reserved_stored"]
    return answer


async def _load(database: Database, import_id: str) -> Import:
    async with database.read() as session:
        return await service.require_import(session, import_id)


async def _ensure_not_ended(item: Import, folder: ImportFolder) -> None:
    """Raise what the caller is told when the import ended early. Nobody can try it again, so no file is kept."""
    if item.state == ImportState.CANCELLED:
        raise WrongImportState("The import was cancelled by somebody.", state=item.state)
    if item.state == ImportState.FAILED:
        await in_thread(folder.remove)
        if item.error_code in ("internal", "interrupted"):
            raise UploadFailed(item.error_message or "", import_id=item.id)
        raise problem_of(ImportRefused(item.error_code or "", item.error_message or "", item.error_field or "file"))
