"""Routes of imports, and the one-call uploads that existing clients use (spec 2.2, 2.7)."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile

from crm_boost.assignments.policies import all_policies, policy_of
from crm_boost.databases.imports.rejected import REASONS, write_rejected
from crm_boost.db.session import Reader, ReadSession, Writer
from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal, allow, ensure_page
from crm_boost.kit.errors import InvalidInput, NotFound
from crm_boost.kit.paging import Page, decode_cursor, instant_key
from crm_boost.kit.text import has_control_characters
from crm_boost.uploads import one_call, repository, service
from crm_boost.uploads.errors import WrongImportState
from crm_boost.uploads.files import ImportFolder
from crm_boost.uploads.models import Import, ImportState
from crm_boost.uploads.rows import import_rows
from crm_boost.uploads.runner import ImportRunner
from crm_boost.uploads.schemas import CommitRequest, ImportOut, ImportUpdate, UploadedDatabase
from crm_boost.uploads.staged_rows import NOT_STORED
from crm_boost.uploads.threads import in_thread
from crm_boost.web.lists import Listing, list_response

router = APIRouter(prefix="/imports", tags=["imports"])
kept_router = APIRouter(tags=["imports"])

Importer = Annotated[Principal, Depends(allow(Permission.IMPORTS_MANAGE))]

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "product_id"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "product_id": {"type": "string"},
                        "module": {"type": "string"},
                        "name": {"type": "string"},
                        "description": {"type": "string"},
                    },
                }
            }
        },
    }
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm:
    """A multipart form with one file. Read only after the caller was admitted."""

    def __init__(self, file: service.UploadedFile, fields: dict[str, str]) -> None:
        self.file = file
        self._fields = fields

    def required(self, name: str) -> str:
        """Return a text field or refuse, naming it."""
        value = self.optional(name, 200)
        if not value:
            raise InvalidInput.of(name, "This field is required.", "missing")
        return value

    def optional(self, name: str, longest: int, *, lines: bool = False) -> str:
        """Return a text field or the empty text; too long is refused."""
        value = self._fields.get(name, "").strip()
        if len(value) > longest:
            message = f"At most {longest} characters."
            raise InvalidInput.of(name, message, "string_too_long", {"max_length": longest})
        if has_control_characters(value, allowed=frozenset("\r\n\t") if lines else frozenset()):
            raise InvalidInput.of(name, "This holds control characters.", "control_characters")
        return value


async def received_form(request: Request) -> AsyncIterator[UploadForm]:
    """Read the multipart form of an upload; a request without one file is refused."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidInput.of("file", "Send the file as multipart/form-data.", "missing")
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInput.of("file", "Choose a file.", "missing")
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        yield UploadForm(service.UploadedFile(file.file, file.filename or ""), fields)


async def _form_of_importer(_: Importer, form: Annotated[UploadForm, Depends(received_form)]) -> UploadForm:
    return form


Form = Annotated[UploadForm, Depends(_form_of_importer)]


def runner_of(request: Request) -> ImportRunner:
    """Return the worker of this process."""
    runner: ImportRunner = request.app.state.imports
    return runner


def after_of(listing: Listing) -> tuple[datetime, str] | None:
    """Return where a page of imports begins."""
    if not listing.cursor:
        return None
    at, seen = decode_cursor(listing.cursor, kinds=(str, str))
    return (instant_key(at), str(seen))


async def _answer(session: ReadSession, request: Request, item: Import) -> ImportOut:
    (row,) = await import_rows(session, [item], request.app.state.settings.imports, previews=True)
    return ImportOut.model_validate(row)


async def _reachable(principal: Importer, session: Reader, import_id: str) -> Import:
    """Return the import of the path, unless its module's page is blocked for the caller."""
    item = await service.require_import(session, import_id, ledger=False)
    ensure_page(principal, policy_of(item.module).page)
    return item


Reachable = Annotated[Import, Depends(_reachable)]


@router.post("", status_code=202, openapi_extra=_FORM)
async def upload(principal: Importer, request: Request, form: Form) -> ImportOut:
    """Upload a file for analysis; nothing is stored before it is confirmed."""
    module = form.required("module")
    if module not in {policy.module for policy in all_policies()}:
        raise InvalidInput.of("module", "There is no such module.", "enum")
    ensure_page(principal, policy_of(module).page)
    state = request.app.state
    runner = runner_of(request)
    item = await service.upload(
        state.database,
        state.settings,
        str(runner.name),
        principal,
        form.file,
        module=module,
        product_id=form.required("product_id"),
    )
    runner.submit(item.id)
    async with state.database.read() as session:
        return await _answer(session, request, item)


@router.get("", response_model=list[ImportOut])
async def list_imports(
    principal: Importer, session: Reader, request: Request, listing: Listing, module: str | None = None
) -> Response:
    """Imports, newest first; without preview rows, which one import alone shows."""
    open_to_caller = [p.module for p in all_policies() if p.page not in principal.blocked_pages]
    modules = [name for name in open_to_caller if module in (None, name)]
    page = await repository.list_imports(session, modules, after=after_of(listing), limit=listing.limit)
    rows = await import_rows(session, page.rows, request.app.state.settings.imports, previews=False)
    return list_response(request, Page(rows, page.total, page.next_cursor))


@router.get("/{import_id}")
async def get_import(item: Reachable, session: Reader, request: Request) -> ImportOut:
    """One import: mapping, report, progress, result."""
    return await _answer(session, request, item)


@router.patch("/{import_id}", status_code=202)
async def choose(item: Reachable, session: Writer, request: Request, body: ImportUpdate) -> ImportOut:
    """Choose another sheet, header row, mapping or product; the file is analysed again."""
    runner = runner_of(request)
    chosen = await service.choose(session, request.app.state.settings, str(runner.name), item.id, body)
    session.after_commit(lambda: runner.submit(item.id))
    return await _answer(session, request, chosen)


@router.post("/{import_id}/commit", status_code=202)
async def commit(item: Reachable, session: Writer, request: Request, body: CommitRequest) -> ImportOut:
    """Confirm: store the rows in the background, all of them or none."""
    runner = runner_of(request)
    confirmed = await service.commit(session, str(runner.name), item.id, body)
    session.after_commit(lambda: runner.submit(item.id))
    return await _answer(session, request, confirmed)


@router.post("/{import_id}/cancel")
async def cancel(item: Reachable, request: Request) -> ImportOut:
    """Cancel an import that is not finished; what was stored so far is removed."""
    database = request.app.state.database
    async with database.write() as session:
        _, running = await service.cancel(session, item.id)
    if running:
        await runner_of(request).stop_cancelled(item.id)
    else:
        await in_thread(ImportFolder.of(request.app.state.settings.data_dir, item.id).remove)
    async with database.read() as session:
        return await _answer(session, request, await service.require_import(session, item.id))


@router.post("/{import_id}/undo")
async def undo(item: Reachable, session: Writer, request: Request) -> ImportOut:
    """Take a finished import back while none of its records was touched."""
    runner = runner_of(request)
    undone = await service.undo(session, request.app.state.settings, item.id)
    session.after_commit(runner.purge_soon)
    return await _answer(session, request, undone)


def _rejected_file(folder: ImportFolder, file_format: Literal["xlsx", "csv"], words: Mapping[str, str]) -> Path:
    with tempfile.NamedTemporaryFile(suffix=f".{file_format}", delete=False) as handle:
        target = Path(handle.name)
    try:
        write_rejected(folder.staging, target, file_format, NOT_STORED, words)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target


@router.get("/{import_id}/rejected", response_class=FileResponse)
async def rejected(item: Reachable, request: Request, format: Literal["xlsx", "csv"] = "xlsx") -> FileResponse:  # noqa: A002
    """The rows that were not stored, with the reason in the last column; corrected, it can be imported again."""
    return await rejected_response(item, request, format, REASONS)


async def rejected_response(
    item: Import, request: Request, kind: Literal["xlsx", "csv"], words: Mapping[str, str]
) -> FileResponse:
    """Send the rows of a finished import that were left out; `words`: what a reason's code says."""
    if item.state not in (ImportState.DONE, ImportState.UNDONE):
        raise WrongImportState("The rejected rows are known when the import is done.", state=item.state)
    folder = ImportFolder.of(request.app.state.settings.data_dir, item.id)
    if not folder.staging.is_file():
        raise NotFound("The rejected rows of this import are no longer kept.")
    target = await in_thread(_rejected_file, folder, kind, words)
    return FileResponse(
        target,
        media_type=_XLSX if kind == "xlsx" else "text/csv; charset=utf-8",
        filename=f"rejected-{item.id}.{kind}",
        background=BackgroundTask(target.unlink, missing_ok=True),
    )


def _kept_upload(path: str, module: str) -> None:
    @kept_router.post(path, openapi_extra=_FORM, name=f"upload_{module}", response_model=UploadedDatabase)
    async def upload_now(principal: Importer, request: Request, form: Form) -> dict[str, Any]:
        """Upload and store in one call: detected mapping, duplicates stored and counted in `warning`."""
        ensure_page(principal, policy_of(module).page)
        state = request.app.state
        return await one_call.upload_now(
            state.database,
            state.settings,
            runner_of(request),
            principal,
            form.file,
            module=module,
            product_id=form.required("product_id"),
            name=form.optional("name", 200),
            description=form.optional("description", 2000, lines=True),
        )


for _policy in all_policies():
    _kept_upload(_policy.kept_upload_path, _policy.module)
