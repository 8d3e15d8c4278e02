"""Routes of the charts of work (spec 5.3, 7.4). Admins only."""

from fastapi import APIRouter, Response

from crm_boost.analytics import response_charts
from crm_boost.analytics import work_charts as charts
from crm_boost.analytics.dependencies import Analyst, Asked, Compare, answer
from crm_boost.analytics.work_schemas import (
    EffectivenessChart,
    FunnelChart,
    LifecycleChart,
    ResponseTimeChart,
    StaffPerformanceChart,
)
from crm_boost.db.session import Reader

router = APIRouter(prefix="/analytics", tags=["analytics"])


@router.get("/staff-performance", response_model=StaffPerformanceChart)
async def staff_performance(_: Analyst, session: Reader, scope: Asked, compare: Compare = False) -> Response:
    """What was handed out and what was done: in all, by staff, and by the day the work was done."""
    return await answer(session, scope, charts.staff_performance, compare=compare)


@router.get("/staff-conversion-funnel", response_model=FunnelChart)
async def staff_conversion_funnel(_: Analyst, session: Reader, scope: Asked, compare: Compare = False) -> Response:
    """How far what was handed out in the period has come: checked, answered yes, deposited."""
    return await answer(session, scope, charts.staff_conversion_funnel, compare=compare)


@router.get("/deposit-lifecycle", response_model=LifecycleChart)
async def deposit_lifecycle(_: Analyst, session: Reader, scope: Asked, compare: Compare = False) -> Response:
    """Days from a yes to the first deposit on or after it."""
    return await answer(session, scope, charts.deposit_lifecycle, compare=compare)


@router.get("/response-time-by-staff", response_model=ResponseTimeChart)
async def response_time_by_staff(_: Analyst, session: Reader, scope: Asked, compare: Compare = False) -> Response:
    """Hours from the hand-out to the first check and to a yes."""
    return await answer(session, scope, response_charts.response_time_by_staff, compare=compare)


@router.get("/followup-effectiveness", response_model=EffectivenessChart)
async def followup_effectiveness(_: Analyst, session: Reader, scope: Asked, compare: Compare = False) -> Response:
    """How many of those handed out in the period said yes and deposited since."""
    return await answer(session, scope, charts.followup_effectiveness, compare=compare)
