"""Routes of the audit page."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from crm_boost.audit import service
from crm_boost.audit.schemas import AuditActorOut, AuditTraceOut
from crm_boost.db.session import Reader
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.web.lists import Listing, list_response

router = APIRouter(prefix="/audit", tags=["audit"])

AuditReader = Annotated[Principal, Depends(allow(Permission.AUDIT_READ, Page.AUDIT))]
_Id = Annotated[str | None, Query(max_length=200)]


@router.get("", response_model=list[AuditTraceOut])
async def list_traces(
    _: AuditReader,
    session: Reader,
    request: Request,
    page: Listing,
    kind: _Id = None,
    actor_id: _Id = None,
    object_id: _Id = None,
    date_from: date | None = None,
    date_to: date | None = None,
) -> Response:
    """Who did what, to what, when, from where; the last first. Business dates, `date_to` includes its day."""
    found = await service.list_traces(
        session,
        kind=kind,
        actor_id=actor_id,
        object_id=object_id,
        date_from=date_from,
        date_to=date_to,
        cursor=page.cursor,
        limit=page.limit,
    )
    return list_response(request, found)


@router.get("/actors")
async def list_actors(_: AuditReader, session: Reader) -> list[AuditActorOut]:
    """The people whose deeds can be asked for, removed ones too."""
    return [AuditActorOut.model_validate(row) for row in await service.list_actors(session)]
