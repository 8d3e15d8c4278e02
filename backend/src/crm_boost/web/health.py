"""Liveness, readiness and the server's clock."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError

from crm_boost.kit.clock import business_date, utc_now
from crm_boost.web.problems import problem_response

_PATIENCE_SECONDS = 5.0

router = APIRouter(tags=["system"])


@router.get("/health")
async def health(request: Request) -> Any:
    """Alive and connected to its database (503 when the database does not answer)."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await request.app.state.database.ping()
    except (SQLAlchemyError, OSError, TimeoutError):
        return _unavailable("The database does not answer.")
    return {"status": "healthy", "database": "connected"}


@router.get("/ready")
async def ready(request: Request) -> Any:
    """Whether this process takes requests: 503 while it starts or stops."""
    if not request.app.state.ready:
        return _unavailable("This process is starting or stopping.")
    return await health(request)


@router.get("/server-time")
async def server_time(request: Request) -> dict[str, str]:
    """The instant, and the business date with its zone: what "today" means is the server's to say (spec 1.4)."""
    settings = request.app.state.settings
    zone, now = settings.business.tz, utc_now()
    told = {"now": now.isoformat(), "today": business_date(zone, now).isoformat(), "zone": zone.key}
    # Named only where it is not the one people work with.
    return {**told, "instance": "staging"} if settings.staging else told


def _unavailable(detail: str) -> Response:
    return problem_response(503, "unavailable", "Not available", detail)
