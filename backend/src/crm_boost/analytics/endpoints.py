"""Routes of the charts of deposits (spec 5.3, 7.4). Admins only."""

from typing import Any

from fastapi import APIRouter, Response

from crm_boost.analytics import deposit_charts as charts
from crm_boost.analytics.buckets import Granularity
from crm_boost.analytics.dependencies import Analyst, Asked, Compare, answer
from crm_boost.analytics.schemas import (
    BusinessChart,
    CustomerValueChart,
    HeatmapChart,
    NdpRdpDailyChart,
    ProductPerformanceChart,
    TrendChart,
)
from crm_boost.analytics.scope import Scope
from crm_boost.db.session import Reader, ReadSession

router = APIRouter(prefix="/analytics", tags=["analytics"])


@router.get("/business", response_model=BusinessChart)
async def business(_: Analyst, session: Reader, scope: Asked, compare: Compare = False) -> Response:
    """Turnover by day and product, NDP against RDP, and how far the databases are used."""
    return await answer(session, scope, charts.business, compare=compare)


@router.get("/staff-ndp-rdp-daily", response_model=NdpRdpDailyChart)
async def staff_ndp_rdp_daily(_: Analyst, session: Reader, scope: Asked, compare: Compare = False) -> Response:
    """NDP and RDP of each staff, day by day."""
    return await answer(session, scope, charts.staff_ndp_rdp_daily, compare=compare)


@router.get("/revenue-heatmap", response_model=HeatmapChart)
async def revenue_heatmap(_: Analyst, session: Reader, scope: Asked, compare: Compare = False) -> Response:
    """Deposits and turnover by staff and day of the week."""
    return await answer(session, scope, charts.revenue_heatmap, compare=compare)


@router.get("/product-performance", response_model=ProductPerformanceChart)
async def product_performance(_: Analyst, session: Reader, scope: Asked, compare: Compare = False) -> Response:
    """Deposits of new and of returning customers by product."""
    return await answer(session, scope, charts.product_performance, compare=compare)


@router.get("/customer-value-comparison", response_model=CustomerValueChart)
async def customer_value_comparison(_: Analyst, session: Reader, scope: Asked, compare: Compare = False) -> Response:
    """What new customers brought against returning ones, by staff and by day."""
    return await answer(session, scope, charts.customer_value_comparison, compare=compare)


@router.get("/deposit-trends", response_model=TrendChart)
async def deposit_trends(
    _: Analyst,
    session: Reader,
    scope: Asked,
    granularity: Granularity = Granularity.DAILY,
    compare: Compare = False,
) -> Response:
    """Amount, deposits and different customers by day, week or month."""

    async def chart(session: ReadSession, scope: Scope) -> dict[str, Any]:
        return await charts.deposit_trends(session, scope, granularity)

    return await answer(session, scope, chart, compare=compare)
