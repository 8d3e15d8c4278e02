"""What endpoints that show customers depend on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from fastapi import Depends, Request

from crm_boost.access.limits import Kind
from crm_boost.access.meter import Meter
from crm_boost.identity.principal import Authenticated, Principal

_ONE_SCREEN = 100
"""A first page of so many rows is what a screen shows: it is not counted, and costs nothing."""


def meter_of(request: Request) -> Meter:
    """Return the counts of this process."""
    return cast(Meter, request.app.state.meter)


async def _opening(request: Request, principal: Authenticated) -> None:
    await meter_of(request).use(principal.id, Kind.OPEN)


async def _searching(request: Request, principal: Authenticated) -> None:
    if request.query_params.get("q", "").strip():
        await meter_of(request).use(principal.id, Kind.SEARCH)


async def _listing(request: Request, principal: Authenticated) -> AsyncIterator[None]:
    meter = meter_of(request)
    if request.query_params.get("q", "").strip():
        await meter.use(principal.id, Kind.SEARCH)
    if _is_one_screen(request):
        yield
        return
    async with _rows_counted(request, principal):
        yield


@asynccontextmanager
async def _rows_counted(request: Request, principal: Principal) -> AsyncIterator[None]:
    meter = meter_of(request)
    await meter.ensure_some_left(principal.id, Kind.ROWS)
    yield
    await meter.add(principal.id, Kind.ROWS, getattr(request.state, "row_count", 0))


def _is_one_screen(request: Request) -> bool:
    limit = request.query_params.get("limit", "")
    if request.query_params.get("offset", "0") != "0":
        return False
    return "cursor" not in request.query_params and limit.isdigit() and int(limit) <= _ONE_SCREEN


OPENS_CUSTOMER = Depends(_opening)
"""The endpoint shows everything about one customer."""

SEARCHES_CUSTOMERS = Depends(_searching)
"""The endpoint searches customers by `q`."""

LISTS_CUSTOMERS = Depends(_listing)
"""The endpoint lists customers: searches are counted, and rows beyond the first screen."""
