"""Routes of files, and of recalculating (spec 4.1, 4.2)."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from crm_boost.access.dependencies import EXPORTS_CUSTOMERS
from crm_boost.db.engine import Database
from crm_boost.db.session import Reader
from crm_boost.deposits import exports, figures, rebuild
from crm_boost.deposits.endpoints import Booker, DepositQuery, Manager, TextId, ToDay
from crm_boost.deposits.exports import Format
from crm_boost.deposits.schemas import RecalculationOut
from crm_boost.deposits.states import DepositStatus
from crm_boost.web.lists import rows_response

router = APIRouter(prefix="/omset", tags=["deposits"])

_MEDIA = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Transactions = Annotated[Database, Depends(_database)]
WantedFormat = Annotated[Format, Query(alias="format")]
Wanted = Annotated[DepositQuery, Depends()]


def _sent(path: Path, name: str, kind: Format) -> FileResponse:
    """Send a file and remove it afterwards."""
    background = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type=_MEDIA[kind], filename=f"{name}.{kind}", background=background)


@router.get("/export", response_class=FileResponse, dependencies=[EXPORTS_CUSTOMERS])
async def export(
    request: Request,
    principal: Booker,
    transactions: Transactions,
    wanted: Wanted,
    status: Annotated[str | None, Query(include_in_schema=False)] = None,
    kind: WantedFormat = "csv",
) -> FileResponse:
    """The deposits of a filter as a file; without a status what counts, and nothing else (spec 4.2)."""
    chosen = wanted.filter if status is not None else replace(wanted.filter, statuses=(DepositStatus.APPROVED,))
    path, request.state.row_count = await exports.export_deposits(transactions, principal, chosen, kind)
    return _sent(path, "deposits", kind)


@router.get("/export-summary", response_class=FileResponse)
async def export_summary(
    principal: Booker,
    transactions: Transactions,
    product_id: TextId = None,
    staff_id: TextId = None,
    start_date: ToDay = None,
    end_date: ToDay = None,
    kind: WantedFormat = "csv",
) -> FileResponse:
    """The figures of a range by day, staff and product as a file; staff get their own."""
    wanted = figures.range_of(
        principal, start_date=start_date, end_date=end_date, product_id=product_id, staff_id=staff_id
    )
    return _sent(await exports.export_summary(transactions, wanted, kind), "deposit-summary", kind)


@router.post("/migrate-normalize", response_model=RecalculationOut)
async def recalculate(_: Manager, transactions: Transactions) -> Response:
    """Recalculate NDP/RDP: rebuild all that is stored from the ledger, and say how many rows differed."""
    return rows_response(await rebuild.recalculate(transactions))


@router.get("/migrate-normalize", response_model=RecalculationOut)
async def recalculation(_: Manager, session: Reader) -> Response:
    """How far the running recalculation is, or what the last one found."""
    return rows_response(await rebuild.latest(session))
