"""`GET /metrics` for Prometheus, and where the web app reports its errors."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.exceptions import HTTPException

from crm_boost.identity.permissions import Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.observing.metrics import CONTENT_TYPE
from crm_boost.operations import service
from crm_boost.operations.schemas import BrowserErrorIn

router = APIRouter(tags=["system"])

Somebody = Annotated[Principal, Depends(allow(Permission.PROFILE_OWN))]


@router.post("/client-errors", status_code=204)
async def report_browser_error(principal: Somebody, request: Request, error: BrowserErrorIn) -> Response:
    """An error of the web app, for the server's log. Told again and again, it is written down a few times."""
    state = request.app.state
    service.take_browser_error(state.observer, state.browser_errors, principal.id, error)
    return Response(status_code=204)


async def metrics(request: Request) -> Response:
    """Figures of this process, for whoever has the token of the settings; without one there are none. It is asked for even
    on this machine: behind a proxy everybody seems to come from there."""
    state = request.app.state
    token = state.settings.observability.metrics_token
    if token is None or state.observer.metrics is None:
        raise HTTPException(404, "There is nothing at this address.")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(given.strip().encode(), token.get_secret_value().encode())
    if scheme.lower() != "bearer" or not right:
        raise HTTPException(
            401, "The token of CRM_OBSERVABILITY__METRICS_TOKEN is needed.", {"WWW-Authenticate": "Bearer"}
        )
    found = await service.state_of(state.database, state.live)
    return Response(state.observer.metrics.render(found), media_type=CONTENT_TYPE)
