"""Routes of imports of deposits (spec 2.2, 4.2), for those who may enter deposits for others."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from crm_boost.db.session import Reader, Writer
from crm_boost.deposits.endpoints import Manager
from crm_boost.deposits.importing_rows import SENTENCES
from crm_boost.kit.paging import Page
from crm_boost.uploads import deposit_service, repository, service
from crm_boost.uploads.deposit_schemas import DepositImportCommit, DepositImportOut, DepositImportUpdate
from crm_boost.uploads.endpoints import UploadForm, after_of, received_form, rejected_response, runner_of
from crm_boost.uploads.files import ImportFolder
from crm_boost.uploads.models import LEDGER, Import
from crm_boost.uploads.rows import deposit_import_row
from crm_boost.uploads.threads import in_thread
from crm_boost.web.lists import Listing, list_response

router = APIRouter(prefix="/deposit-imports", tags=["imports"])

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


async def _reachable(_: Manager, session: Reader, import_id: str) -> Import:
    return await service.require_import(session, import_id, ledger=True)


Reachable = Annotated[Import, Depends(_reachable)]


def _shown(request: Request, item: Import, *, previews: bool = True) -> dict[str, Any]:
    # While rows are booked SQLite has no writer left to note how far that is; the process itself knows.
    progress = runner_of(request).progress_of(item.id)
    return deposit_import_row(item, request.app.state.settings.imports, progress, previews=previews)


@router.post("", status_code=202, openapi_extra=_FORM)
async def upload_deposits(
    principal: Manager, request: Request, form: Annotated[UploadForm, Depends(received_form)]
) -> DepositImportOut:
    """Upload a file of deposits for analysis; nothing is booked before it is confirmed."""
    state, runner = request.app.state, runner_of(request)
    item = await service.upload(
        state.database, state.settings, str(runner.name), principal, form.file, module=LEDGER, product_id=None
    )
    runner.submit(item.id)
    return DepositImportOut.model_validate(_shown(request, item))


@router.get("", response_model=list[DepositImportOut])
async def list_deposit_imports(_: Manager, session: Reader, request: Request, listing: Listing) -> Response:
    """Imports of deposits, newest first; without preview rows, which one import alone shows."""
    page = await repository.list_imports(session, [LEDGER], after=after_of(listing), limit=listing.limit)
    rows = [_shown(request, item, previews=False) for item in page.rows]
    return list_response(request, Page(rows, page.total, page.next_cursor))


@router.get("/{import_id}")
async def get_deposit_import(item: Reachable, request: Request) -> DepositImportOut:
    """One import: mapping, report, progress, result."""
    return DepositImportOut.model_validate(_shown(request, item))


@router.patch("/{import_id}", status_code=202)
async def choose_columns(
    item: Reachable, session: Writer, request: Request, body: DepositImportUpdate
) -> DepositImportOut:
    """Choose another sheet, header row or mapping; the file is read again."""
    runner = runner_of(request)
    chosen = await deposit_service.choose(session, request.app.state.settings, str(runner.name), item.id, body)
    session.after_commit(lambda: runner.submit(item.id))
    return DepositImportOut.model_validate(_shown(request, chosen))


@router.post("/{import_id}/commit", status_code=202)
async def book_imported(
    item: Reachable, session: Writer, request: Request, body: DepositImportCommit
) -> DepositImportOut:
    """Confirm: book the rows in the background, all of them or none."""
    runner = runner_of(request)
    confirmed = await deposit_service.commit(session, str(runner.name), item.id, body)
    session.after_commit(lambda: runner.submit(item.id))
    return DepositImportOut.model_validate(_shown(request, confirmed))


@router.post("/{import_id}/cancel")
async def cancel_deposit_import(item: Reachable, request: Request) -> DepositImportOut:
    """Cancel an import that is not finished; nothing of it is booked."""
    database = request.app.state.database
    if not await runner_of(request).break_off(item.id):
        async with database.write() as session:
            _, running = await service.cancel(session, item.id)
        if not running:
            await in_thread(ImportFolder.of(request.app.state.settings.data_dir, item.id).remove)
    async with database.read() as session:
        return DepositImportOut.model_validate(_shown(request, await service.require_import(session, item.id)))


@router.post("/{import_id}/undo")
async def undo_deposit_import(item: Reachable, session: Writer, request: Request) -> DepositImportOut:
    """Put everything that a finished import has booked into the trash, while nobody has changed any of it."""
    undone = await deposit_service.undo(session, request.app.state.settings, item.id)
    return DepositImportOut.model_validate(_shown(request, undone))


@router.get("/{import_id}/rejected", response_class=FileResponse)
async def rejected_deposits(
    item: Reachable, request: Request, format: Literal["xlsx", "csv"] = "xlsx"  # noqa: A002
) -> FileResponse:  # fmt: skip
    """The rows that were not booked, with the reason in the last column; corrected, they can be imported again."""
    return await rejected_response(item, request, format, SENTENCES)
