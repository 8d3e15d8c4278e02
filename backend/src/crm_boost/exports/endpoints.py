"""Routes of exports: as jobs with a history, by signed links, and for scripts (spec 5.5)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse, StreamingResponse

from crm_boost.access.dependencies import meter_of
from crm_boost.access.limits import Kind as Counted
from crm_boost.databases.table_file import MEDIA_TYPES, FileFormat
from crm_boost.db.engine import Database
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, Writer
from crm_boost.exports import service
from crm_boost.exports.columns import Language
from crm_boost.exports.errors import UnknownExport
from crm_boost.exports.files import ExportFolder
from crm_boost.exports.filters import known
from crm_boost.exports.reading import count_rows, wanted_by
from crm_boost.exports.registry import kind_of
from crm_boost.exports.runner import ExportRunner
from crm_boost.exports.schemas import ExportAsk, ExportLink, ExportOrder, ExportOut, ExportPreview
from crm_boost.exports.streaming import open_stream
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.kit.clock import business_date
from crm_boost.web.lists import Listing, list_response, rows_response

router = APIRouter(tags=["exports"])
links_router = APIRouter(tags=["exports"])
PATH = "/exports"

Exporter = Annotated[Principal, Depends(allow(Permission.EXPORTS_MAKE, Page.EXPORTS))]
Booker = Annotated[Principal, Depends(allow(Permission.DEPOSITS_BOOK, Page.OMSET))]
Once = Annotated[Idempotency, Depends(idempotency)]
Wanted = Annotated[FileFormat, Query(alias="format")]
AS_FILE = Depends(allow(Permission.EXPORTS_MAKE))
"""Everybody may take files of what they see, but not every token of theirs."""
_OWN_WORDS = frozenset({"format", "language"})


def _runner(request: Request) -> ExportRunner:
    runner: ExportRunner = request.app.state.exports
    return runner


@router.post(f"{PATH}/preview")
async def preview(principal: Exporter, session: Reader, body: ExportAsk) -> ExportPreview:
    """How many rows a file would have; nothing is written."""
    return ExportPreview(rows=await count_rows(session, wanted_by(principal, body.kind, body.given(), "en")))


@router.post(PATH, status_code=202, response_model=ExportOut)
async def order(principal: Exporter, request: Request, session: Writer, once: Once, body: ExportOrder) -> Response:
    """Have a list written into a file in the background, with the filters of the list's own address."""
    wanted = wanted_by(principal, body.kind, body.given(), body.language)

    async def effect() -> dict[str, Any]:
        if wanted.kind.counts:
            await meter_of(request).ensure_some_left(principal.id, Counted.ROWS)
        return await service.order(session, principal, body, wanted)

    response = rows_response(await once.once(session, effect))
    response.status_code = 202
    session.after_commit(_runner(request).wake)
    return response


@router.get(PATH, response_model=list[ExportOut])
async def list_exports(principal: Exporter, session: Reader, request: Request, page: Listing) -> Response:
    """One's own exports, the newest first; admins see those of people of lower rank too."""
    found = await service.list_exports(session, principal, cursor=page.cursor, limit=page.limit)
    return list_response(request, found)


@router.get(f"{PATH}/{{export_id}}", response_model=ExportOut)
async def get_export(principal: Exporter, session: Reader, export_id: str) -> Response:
    """One export: how far it is, and what became of it."""
    return rows_response(await service.one(session, principal, export_id))


@router.post(f"{PATH}/{{export_id}}/cancel", response_model=ExportOut)
async def cancel(principal: Exporter, request: Request, session: Writer, export_id: str) -> Response:
    """Take an export back that waits or is being written; 409 with `state` afterwards."""
    row = await service.cancel(session, principal, export_id)
    session.after_commit(_runner(request).wake)
    return rows_response(row)


@router.post(f"{PATH}/{{export_id}}/restart", response_model=ExportOut)
async def restart(principal: Exporter, request: Request, session: Writer, export_id: str) -> Response:
    """Start one's own export again that failed, was cancelled or interrupted, or whose file is gone."""
    row = await service.restart(session, principal, export_id)
    session.after_commit(_runner(request).wake)
    return rows_response(row)


@router.post(f"{PATH}/{{export_id}}/link", response_model=ExportLink)
async def link(principal: Exporter, session: Writer, export_id: str) -> Response:
    """A link to the file, for some minutes; 409 with `state` while there is none."""
    return rows_response(await service.link(session, principal, export_id))


@links_router.get(
    f"{PATH}/{{export_id}}/file",
    response_class=FileResponse,
    responses={403: {"description": "The link is not valid, or not any more."}},
)
async def file(
    request: Request,
    session: Writer,
    export_id: str,
    user: Annotated[str, Query(max_length=200)],
    expires: Annotated[int, Query(ge=0, le=10**12)],
    signature: Annotated[str, Query(max_length=200)],
) -> FileResponse:
    """The file that a signed link leads to. The link alone opens it."""
    item = await service.fetch(session, export_id, user, expires, signature)
    database: Database = request.app.state.database
    path = ExportFolder(database.data_dir).finished(str(item.file_name))
    if not path.is_file():
        raise UnknownExport("This file is not kept here any more.", id=export_id)
    day = business_date(session.business.tz, item.created_at)
    media = MEDIA_TYPES["csv" if item.format == "csv" else "xlsx"]
    return FileResponse(path, media_type=media, filename=f"{item.kind}-{day}.{item.format}")


async def _sent(
    request: Request, principal: Principal, key: str, given: dict[str, Any], file_format: FileFormat, language: Language
) -> Response:
    database: Database = request.app.state.database
    wanted = wanted_by(principal, key, given, language)
    pieces = await open_stream(database, meter_of(request), wanted, file_format)
    name = f"{key}-{business_date(database.business.tz)}.{file_format}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[file_format], headers=disposition)


@router.get("/export/{kind}", response_class=StreamingResponse)
async def stream(
    principal: Exporter,
    request: Request,
    kind: Annotated[str, Path(max_length=60)],
    file_format: Wanted = "csv",
    language: Language = "en",
) -> Response:
    """A list as a file, at once, for scripts: all filters of the list's own address. Counted and audited like a job."""
    given = {name: value for name, value in request.query_params.items() if name not in _OWN_WORDS}
    return await _sent(request, principal, kind, given, file_format, language)


async def _kept(request: Request, principal: Principal, key: str, file_format: FileFormat) -> Response:
    given = known(kind_of(key).queries, dict(request.query_params))
    return await _sent(request, principal, key, given, file_format, "en")


@router.get("/omset/export", response_class=StreamingResponse, dependencies=[AS_FILE])
async def export_deposits(principal: Booker, request: Request, file_format: Wanted = "csv") -> Response:
    """The deposits of a filter as a file; without a status what counts, and nothing else (spec 4.2)."""
    return await _kept(request, principal, "omset", file_format)


@router.get("/omset/export-summary", response_class=StreamingResponse, dependencies=[AS_FILE])
async def export_summary(principal: Booker, request: Request, file_format: Wanted = "csv") -> Response:
    """The figures of a range by day, staff and product as a file; staff get their own."""
    return await _kept(request, principal, "omset-summary", file_format)
