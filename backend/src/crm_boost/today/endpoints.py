"""Route of the start page's counters."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from crm_boost.db.session import Reader
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.today import service
from crm_boost.today.schemas import TodayOut

router = APIRouter(tags=["today"])

TodayReader = Annotated[Principal, Depends(allow(Permission.TODAY_READ, Page.TODAY))]


@router.get("/today", response_model_exclude_none=True)
async def today(principal: TodayReader, session: Reader, request: Request) -> TodayOut:
    """Counters of the desk (readers of all databases) or of one's own records (those who work records)."""
    return await service.counters(session, request.app.state.settings, principal)
