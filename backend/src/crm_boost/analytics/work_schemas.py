"""Shapes of the charts of work (spec 5.3, 7.4). `previous`: the same of the equal period before, when asked for."""

from datetime import date
from typing import Literal

from pydantic import BaseModel

from crm_boost.analytics.schemas import ChartPeriod, ChartStaff

ResponseGrade = Literal["Excellent", "Good", "Average", "Slow"]
LifecycleGrade = Literal["Fast", "Good", "Average", "Slow"]


class WorkDone(BaseModel):
    """Marks by the day on which they were set."""

    whatsapp_ada: int
    whatsapp_tidak: int
    whatsapp_ceklis1: int
    whatsapp_checked: int
    respond_ya: int
    respond_tidak: int


class WorkSummary(WorkDone):
    """`total_records`: ever handed out; `records_in_period`: handed out in the period."""

    total_records: int
    records_in_period: int
    whatsapp_rate: float | None
    respond_rate: float | None


class StaffWork(WorkSummary, ChartStaff):
    pass


class WorkDoneDay(WorkDone):
    date: date
    assigned: int


class StaffPerformanceFigures(ChartPeriod):
    summary: WorkSummary
    staff_metrics: list[StaffWork]
    daily_chart: list[WorkDoneDay]


class StaffPerformanceChart(StaffPerformanceFigures):
    previous: StaffPerformanceFigures | None = None


class FunnelRow(ChartStaff):
    assigned: int
    wa_checked: int
    responded: int
    deposited: int


class FunnelFigures(ChartPeriod):
    funnel_data: list[FunnelRow]


class FunnelChart(FunnelFigures):
    previous: FunnelFigures | None = None


class LifecycleRow(ChartStaff):
    total_responded: int
    converted_count: int
    pending_count: int
    avg_days: float | None
    median_days: float | None
    min_days: int | None
    max_days: int | None
    conversion_rate: float | None
    grade: LifecycleGrade | None


class LifecycleFigures(ChartPeriod):
    lifecycle_data: list[LifecycleRow]


class LifecycleChart(LifecycleFigures):
    previous: LifecycleFigures | None = None


class ResponseTimeRow(ChartStaff):
    total_assigned: int
    avg_wa_hours: float | None
    avg_respond_hours: float | None
    median_wa_hours: float | None
    median_respond_hours: float | None
    p90_wa_hours: float | None
    p90_respond_hours: float | None
    wa_checked_count: int
    responded_count: int
    fastest_wa: float | None
    slowest_wa: float | None
    grade: ResponseGrade | None


class ResponseTimeFigures(ChartPeriod):
    response_time_data: list[ResponseTimeRow]


class ResponseTimeChart(ResponseTimeFigures):
    previous: ResponseTimeFigures | None = None


class EffectivenessRow(ChartStaff):
    """`effectiveness`: of what was handed out, the share that deposited; `conversion_rate`: of those who said yes."""

    total_assigned: int
    wa_checked: int
    wa_ada: int
    responded: int
    deposited: int
    effectiveness: float | None
    conversion_rate: float | None


class EffectivenessFigures(ChartPeriod):
    effectiveness_data: list[EffectivenessRow]


class EffectivenessChart(EffectivenessFigures):
    previous: EffectivenessFigures | None = None
