"""Routes of recalculating (spec 4.1)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from crm_boost.db.engine import Database
from crm_boost.db.session import Reader
from crm_boost.deposits import rebuild
from crm_boost.deposits.endpoints import Manager
from crm_boost.deposits.schemas import RecalculationOut
from crm_boost.web.lists import rows_response

router = APIRouter(prefix="/omset", tags=["deposits"])


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Transactions = Annotated[Database, Depends(_database)]


@router.post("/migrate-normalize", response_model=RecalculationOut)
async def recalculate(_: Manager, transactions: Transactions) -> Response:
    """Recalculate NDP/RDP: rebuild all that is stored from the ledger, and say how many rows differed."""
    return rows_response(await rebuild.recalculate(transactions))


@router.get("/migrate-normalize", response_model=RecalculationOut)
async def recalculation(_: Manager, session: Reader) -> Response:
    """How far the running recalculation is, or what the last one found."""
    return rows_response(await rebuild.latest(session))
