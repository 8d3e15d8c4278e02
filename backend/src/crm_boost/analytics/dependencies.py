"""What every route of analytics asks for: who may look, and what is asked about."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query, Response

from crm_boost.analytics.scope import Scope
from crm_boost.db.session import Reader, ReadSession
from crm_boost.deposits.schemas import Day
from crm_boost.identity.permissions import Page, Permission
from crm_boost.identity.principal import Principal, allow
from crm_boost.kit.clock import business_date
from crm_boost.kit.periods import PeriodName, resolve_period
from crm_boost.web.lists import rows_response

Analyst = Annotated[Principal, Depends(allow(Permission.ANALYTICS_READ, Page.ANALYTICS))]
TextId = Annotated[str | None, Query(max_length=200)]
NamedId = Annotated[str, Query(min_length=1, max_length=200)]
ToDay = Annotated[Day | None, Query()]
Chart = Callable[[ReadSession, Scope], Awaitable[dict[str, Any]]]


def scope_of(
    session: ReadSession,
    period: PeriodName,
    custom_start: date | None,
    custom_end: date | None,
    product_id: str | None,
    staff_id: str | None,
) -> Scope:
    """Return what is asked about, its days as they are today by the business clock."""
    zone = session.business.tz
    return Scope(resolve_period(period, business_date(zone), custom_start, custom_end), zone, product_id, staff_id)


async def _scope(
    session: Reader,
    period: PeriodName = "month",
    custom_start: ToDay = None,
    custom_end: ToDay = None,
    product_id: TextId = None,
    staff_id: TextId = None,
) -> Scope:
    return scope_of(session, period, custom_start, custom_end, product_id, staff_id)


Asked = Annotated[Scope, Depends(_scope)]
Compare = Annotated[bool, Query(description="Answer the same of the equal period before under `previous`.")]


async def answer(session: ReadSession, scope: Scope, chart: Chart, *, compare: bool = False) -> Response:
    """Answer a chart with the period it used and, when asked, the same of the equal period directly before."""
    content = {**scope.echo(), **await chart(session, scope)}
    if compare:
        before = scope.previous()
        content["previous"] = {**before.echo(), **await chart(session, before)}
    return rows_response(content)
